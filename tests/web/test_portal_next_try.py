"""The portal says when a failed payment is tried next, as the engine has decided it, in the customer's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from solvent.core.ids import bucket_of, parse
from solvent.flows.recompute import gather
from tests.web.house import GOOD, House
from tests.web.portal_visitor import PortalVisitor
from tests.web.test_pay_page import owing

LATER_EXPIRED = "tok_4000000000010068"


def next_try(house: House, account: str, invoice: str) -> datetime | None:
    """As the engine has decided it."""
    account_id, now = parse("acc", account), datetime.now(UTC)
    (verdict,) = gather(house.solvent.platform, bucket_of(account_id), [account_id], now)
    return verdict.prospects[parse("inv", invoice)].next_try


def test_the_day_of_the_next_try_is_said_in_both_languages(house: House) -> None:
    account, invoice = owing(house, country="DE", time_zone="Europe/Berlin")
    at = next_try(house, account, invoice)
    assert at is not None
    assert timedelta(hours=23) < at - datetime.now(UTC) <= timedelta(days=1), "a day after a decline"
    english = PortalVisitor(house, account).look()
    german = PortalVisitor(house, account, locale="de").look()
    assert "The bank declined the payment without saying why. We will try again on " in english
    day = at.astimezone(ZoneInfo("Europe/Berlin")).day
    assert f"{day}" in english.split("We will try again on ")[1].split(".")[0]
    assert "Wir versuchen es am " in german
    assert f"{day}. " in german.split("Wir versuchen es am ")[1]


def test_who_is_not_charged_any_more_is_promised_nothing(house: House) -> None:
    account, invoice = owing(house)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    hold = {"consequence": "collect", "author": "jo", "reason": "they called", "expires_at": until}
    house.post(f"/accounts/{account}/holds", hold)
    assert next_try(house, account, invoice) is None
    assert "We will not try again by ourselves." in PortalVisitor(house, account).look()


def test_without_a_failed_try_nothing_is_said_of_another(house: House) -> None:
    account = house.account()
    house.confirm(house.post(f"/accounts/{account}/methods", {}), GOOD)
    house.post(
        "/invoices",
        {"account_id": account, "lines": [{"description": "Setup", "amount": 3000}], "terms_days": 30},
    )
    page = PortalVisitor(house, account).look()
    assert "try again" not in page
