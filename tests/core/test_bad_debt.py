"""Why something becomes bad debt, and why it is none any more: a word for every way in which the books move it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core import ledger
from solvent.core.bad_debt import Moved, Reason, moved
from solvent.core.facts import Booking, SettledInvoice
from tests.core.test_disputing import settled

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ACCOUNT = UUID(int=1)


def booking(shop: Shop, debit: str, credit: str, *, decided: bool | None = None) -> Booking:
    """A movement of 5.00, beside another that is none of bad debt."""
    return Booking(
        account_id=ACCOUNT,
        settled=None if decided is None else SettledInvoice(after=settled(shop), decided=decided),
        postings=(
            *ledger.move(ledger.REVENUE, ledger.CUSTOMER_CREDIT, 700),
            *ledger.move(debit, credit, 500),
        ),
    )


@pytest.mark.parametrize(
    ("credit", "decided", "reason"),
    [
        (ledger.RECEIVABLE, True, Reason.POLICY),
        (ledger.RECEIVABLE, False, Reason.PERSON),
        (ledger.RECEIVABLE, None, Reason.PERSON),
        (ledger.DISPUTES, False, Reason.CHARGED_BACK),
    ],
)
def test_why_it_becomes_bad_debt(shop: Shop, credit: str, decided: bool | None, reason: Reason) -> None:
    assert list(moved(booking(shop, ledger.BAD_DEBT, credit, decided=decided))) == [
        Moved(entered=True, reason=reason, amount=500)
    ]


@pytest.mark.parametrize(
    ("debit", "reason"),
    [
        (ledger.cash("sandbox"), Reason.PAID),
        (ledger.CUSTOMER_CREDIT, Reason.CREDIT),
        (ledger.PREPAID_CREDIT, Reason.CREDIT),
        (ledger.PROMISED_CREDIT, Reason.CREDIT),
        (ledger.RECEIVABLE, Reason.CREDIT_NOTE),
        (ledger.DISPUTES, Reason.DISPUTE_WON),
    ],
)
def test_why_it_is_none_any_more(shop: Shop, debit: str, reason: Reason) -> None:
    assert list(moved(booking(shop, debit, ledger.BAD_DEBT))) == [
        Moved(entered=False, reason=reason, amount=500)
    ]


def test_whatever_else_is_booked_moves_none(shop: Shop) -> None:
    assert list(moved(booking(shop, ledger.RECEIVABLE, ledger.REVENUE))) == []
