"""Funds: account credit for tests that are about something else.

Owns one grant that never expires and pays for everything, and an invoice owed as one part. Owns no expectation.
"""

from datetime import UTC, datetime
from uuid import UUID

from solvent.core.credit import CreditGrant, GrantKind, Part
from solvent.core.invoice import Invoice

GRANT_ID = UUID(int=0xC4ED17)


def grants(amount: int, currency: str = "USD") -> tuple[CreditGrant, ...]:
    """So much credit in one grant; none for nothing."""
    if not amount:
        return ()
    grant = CreditGrant(
        id=GRANT_ID,
        kind=GrantKind.RETURNED,
        currency=currency,
        amount=amount,
        remaining=amount,
        granted_at=datetime(2025, 12, 1, tzinfo=UTC),
        reason="surplus",
    )
    return (grant,)


def whole(*invoices: Invoice) -> tuple[Part, ...]:
    """All that is owed on the invoices, each on one line."""
    return tuple(Part(line=1, amount=invoice.debt, invoice_id=invoice.id) for invoice in invoices)
