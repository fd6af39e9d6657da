"""A pay token says what it was made for, and nobody can make another out of it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.pay_token import (
    INVOICES_MAX,
    PayToken,
    Useless,
    form_token,
    pay_token,
    read_form_token,
    read_pay_token,
)
from solvent.core.sealed import seal, seconds_bytes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=14)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ACCOUNT = UUID(int=7)
NONCE = b"n" * 12


def invoices(count: int) -> list[UUID]:
    return [UUID(int=256 * n + 7) for n in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, INVOICES_MAX])
def test_it_says_what_it_was_made_for(count: int) -> None:
    token = pay_token(ACCOUNT, invoices(count), LATER, KEY)
    expected = PayToken(account_id=ACCOUNT, until=LATER, invoice_ids=tuple(invoices(count)))
    assert read_pay_token(token, KEY, NOW) == expected


def test_of_too_many_invoices_it_is_for_all_that_is_owed() -> None:
    token = pay_token(ACCOUNT, invoices(INVOICES_MAX + 1), LATER, KEY)
    assert read_pay_token(token, KEY, NOW) == PayToken(account_id=ACCOUNT, until=LATER)


def test_it_ends_by_itself() -> None:
    token = pay_token(ACCOUNT, (), LATER, KEY)
    assert read_pay_token(token, KEY, LATER - timedelta(seconds=1)) != Useless.EXPIRED
    assert read_pay_token(token, KEY, LATER) is Useless.EXPIRED


def test_no_bit_of_it_can_be_changed() -> None:
    raw = urlsafe_b64decode(pay_token(ACCOUNT, invoices(1), LATER, KEY) + "==")
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        text = urlsafe_b64encode(changed).rstrip(b"=").decode()
        assert read_pay_token(text, KEY, NOW) is Useless.FORGED


@pytest.mark.parametrize("text", ["", "a", "ä", "AAAA", "!", "A" * 5000, "A" * 90])
def test_what_is_no_token_opens_nothing(text: str) -> None:
    assert read_pay_token(text, KEY, NOW) is Useless.FORGED


def test_a_key_of_another_merchant_proves_nothing() -> None:
    assert read_pay_token(pay_token(ACCOUNT, (), LATER, OTHER_KEY), KEY, NOW) is Useless.FORGED


def test_a_form_is_good_for_its_link_and_its_time_alone() -> None:
    link = pay_token(ACCOUNT, (), LATER, KEY)
    form = form_token(link, NONCE, NOW + timedelta(hours=2), KEY)
    assert read_form_token(form, link, KEY, NOW) == NONCE
    assert read_form_token(form, link + "x", KEY, NOW) is None
    assert read_form_token(form, link, KEY, NOW + timedelta(hours=2)) is None
    assert read_form_token(link, link, KEY, NOW) is None, "a link is no form"
    assert read_pay_token(form, KEY, NOW) is Useless.FORGED, "nor the reverse"


def test_another_version_is_not_understood() -> None:
    sealed = seal(bytes([2]) + ACCOUNT.bytes + seconds_bytes(LATER), b"link", KEY)
    assert read_pay_token(sealed, KEY, NOW) is Useless.FORGED
