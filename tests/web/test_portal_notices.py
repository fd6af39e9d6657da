"""The portal shows what was told there, of each unpaid invoice the last, in the customer's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from solvent.core.ids import bucket_of, parse
from tests.web.house import House
from tests.web.portal_visitor import PortalVisitor
from tests.web.test_pay_page import Visitor, owing


def tell(house: House, account: str, invoice: str, rung: str, kind: str, channels: str, ago: int) -> None:
    """As if a verdict had told it some days ago."""
    account_id = parse("acc", account)
    values = (bucket_of(account_id), account_id, parse("inv", invoice), rung, channels, kind)
    at = datetime.now(UTC) - timedelta(days=ago)
    with house.solvent.database.pool.connection() as connection:
        connection.execute(
            "insert into notice (bucket, account_id, invoice_id, rung, channels, kind, told_at)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (*values, at),
        )


def test_what_was_told_is_read_in_the_portal_until_it_is_paid(house: House) -> None:
    account, invoice = owing(house)
    number = house.get(f"/invoices/{invoice}")["number"]
    assert "What we have told you" not in PortalVisitor(house, account).look()
    tell(house, account, invoice, "due", "payment_failed", "{portal}", 3)
    tell(house, account, invoice, "reminder", "reminder", "{portal,webhook}", 2)
    tell(house, account, invoice, "last", "restricted", "{portal}", 1)
    tell(house, account, invoice, "mail", "reminder", "{webhook}", 0)
    page = PortalVisitor(house, account).look()
    assert page.count(f": Reminder: invoice {number} is unpaid</li>") == 1
    assert "We could not collect" not in page, "something later was told"
    assert "Your account is restricted until" not in page, "nothing restricts it"
    german = PortalVisitor(house, account, locale="de").look()
    assert "Was wir Ihnen mitgeteilt haben" in german
    assert f": Erinnerung: Rechnung {number} ist noch offen</li>" in german
    other, _ = owing(house)
    assert "What we have told you" not in PortalVisitor(house, other).look(), "another account's"
    assert "Nothing is owed on this any more" in Visitor(house, account).pay()
    assert "What we have told you" not in PortalVisitor(house, account).look()
