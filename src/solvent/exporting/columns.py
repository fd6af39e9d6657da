"""Columns: what exported files hold, column by column.

Owns the names of the columns, their types and their spelling: ids as in the API, every amount as minor units and beside
it as a decimal. Does not own the rows (`store.exports`, `store.credit_exports`,
`store.document_exports`) nor the files (`export`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any
from uuid import UUID

from solvent.core.ids import spell
from solvent.core.money import format_minor


class What(StrEnum):
    """What is exported."""

    JOURNAL = "journal"
    INVOICES = "invoices"
    INVOICE_LINES = "invoice-lines"
    CREDIT_NOTES = "credit-notes"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    FEES = "fees"
    CREDIT_GRANTS = "credit-grants"
    CREDIT_USES = "credit-uses"


class Type(StrEnum):
    """The type of a column."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its name, its type, and how a row of the store gives its value (a decimal as text)."""

    name: str
    type: Type
    of: Callable[[Any], object]


def _plain(name: str, kind: Type = Type.TEXT) -> Column:
    return Column(name, kind, attrgetter(name))


def _id(name: str, prefix: str, field: str) -> Column:
    def of(row: object) -> str | None:
        value: UUID | None = getattr(row, field)
        return None if value is None else spell(prefix, value)

    return Column(name, Type.TEXT, of)


def _amount(name: str) -> tuple[Column, Column]:
    """Minor units, and the same as a decimal with the currency's digits."""

    def decimal(row: Any) -> str:  # noqa: ANN401 - a row of any export
        return format_minor(getattr(row, name), row.currency)

    return Column(f"{name}_minor", Type.INTEGER, attrgetter(name)), Column(name, Type.DECIMAL, decimal)


COLUMNS: dict[What, Sequence[Column]] = {
    What.JOURNAL: (
        _plain("source"),
        _plain("booked_at", Type.INSTANT),
        _id("transaction", "txn", "cause_id"),
        _plain("position", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _plain("debit"),
        _plain("credit"),
        _plain("currency"),
        *_amount("amount"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("period_start", Type.INSTANT),
        _plain("period_end", Type.INSTANT),
    ),
    What.INVOICES: (
        _plain("number"),
        _id("id", "inv", "id"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("subscription_id", "sub", "subscription_id"),
        _plain("state"),
        _plain("currency"),
        *_amount("net"),
        *_amount("tax"),
        *_amount("total"),
        *_amount("credited"),
        *_amount("paid"),
        *_amount("debt"),
        _plain("issued_at", Type.INSTANT),
        _plain("due_at", Type.INSTANT),
        _plain("paid_at", Type.INSTANT),
    ),
    What.INVOICE_LINES: (
        _plain("number"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("position", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _plain("kind"),
        _plain("description"),
        _plain("quantity", Type.INTEGER),
        _plain("product_id"),
        _plain("price_id"),
        _plain("object"),
        _plain("coupon_id"),
        _plain("currency"),
        *_amount("net"),
        *_amount("tax"),
        *_amount("gross"),
        _plain("taxes"),
        _plain("period_start", Type.INSTANT),
        _plain("period_end", Type.INSTANT),
        _plain("issued_at", Type.INSTANT),
    ),
    What.CREDIT_NOTES: (
        _plain("number"),
        _id("id", "crn", "id"),
        _plain("invoice_number"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _plain("currency"),
        *_amount("net"),
        *_amount("tax"),
        *_amount("amount"),
        *_amount("to_debt"),
        *_amount("to_refund"),
        *_amount("to_credit"),
        _id("refund_id", "ref", "refund_id"),
        _plain("reason"),
        _plain("issued_by"),
        _plain("issued_at", Type.INSTANT),
    ),
    What.PAYMENTS: (
        _id("id", "pay", "id"),
        _plain("provider"),
        _plain("ref"),
        _plain("part", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("change_id", "att", "attempt_id"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("disposition"),
        _plain("reason"),
        _plain("currency"),
        *_amount("amount"),
        _plain("received_at", Type.INSTANT),
    ),
    What.REFUNDS: (
        _id("id", "ref", "id"),
        _plain("provider"),
        _plain("ref"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("payment_id", "pay", "payment_id"),
        _id("invoice_id", "inv", "invoice_id"),
        _id("credit_note_id", "crn", "credit_note_id"),
        _plain("state"),
        _plain("reason"),
        _plain("currency"),
        *_amount("amount"),
        _id("retry_of", "ref", "retry_of"),
        _plain("created_at", Type.INSTANT),
        _plain("returned_at", Type.INSTANT),
    ),
    What.DISPUTES: (
        _id("id", "dsp", "id"),
        _plain("provider"),
        _plain("ref"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("payment_id", "pay", "payment_id"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("state"),
        _plain("reason"),
        _plain("currency"),
        *_amount("amount"),
        *_amount("to_debt"),
        *_amount("from_credit"),
        *_amount("written_off"),
        _plain("fee_minor", Type.INTEGER),
        _plain("fee_currency"),
        _plain("opened_at", Type.INSTANT),
        _plain("recorded_at", Type.INSTANT),
        _plain("decided_at", Type.INSTANT),
    ),
    What.FEES: (
        _id("id", "fee", "id"),
        _plain("provider"),
        _plain("movement"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("payment_id", "pay", "payment_id"),
        _plain("currency"),
        *_amount("amount"),
        _plain("charged_at", Type.INSTANT),
        _plain("recorded_at", Type.INSTANT),
    ),
    What.CREDIT_GRANTS: (
        _id("id", "crg", "id"),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _plain("kind"),
        _plain("currency"),
        *_amount("amount"),
        *_amount("remaining"),
        _plain("priority", Type.INTEGER),
        _plain("excludes"),
        _plain("reason"),
        _plain("granted_by"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("granted_at", Type.INSTANT),
        _plain("expires_at", Type.INSTANT),
    ),
    What.CREDIT_USES: (
        _id("transaction", "txn", "cause_id"),
        _plain("position", Type.INTEGER),
        _plain("entity"),
        _id("account_id", "acc", "account_id"),
        _id("grant_id", "crg", "grant_id"),
        _plain("grant_kind"),
        _plain("kind"),
        _plain("currency"),
        *_amount("amount"),
        _id("invoice_id", "inv", "invoice_id"),
        _plain("line", Type.INTEGER),
        _plain("used_at", Type.INSTANT),
    ),
}
