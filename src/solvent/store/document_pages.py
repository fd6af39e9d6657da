"""Document pages: invoices, credit notes, refunds and payments, of one account or of all, by what they are.

Owns which of them are wanted (`Wanted`), and the one statement behind a page: in the order in which they came about,
then of their ids, from a cursor on. Of one account it reads that account's; of all, from each bucket no more than a
page, by an index in that order. Writes nothing. Does not own single documents (`queries`, `money_documents`) nor how
anything is presented (`web`, `commands`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import BaseRowFactory, class_row, tuple_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.terms import TERMS_DAYS_MAX
from solvent.store import shapes
from solvent.store.money_documents import (
    CREDIT_NOTE_COLUMNS,
    PAYMENT_COLUMNS,
    REFUND_COLUMNS,
    REFUND_PAYMENT,
    StoredCreditNote,
    StoredPayment,
    StoredRefund,
)
from solvent.store.numbers import Numbered

# The longest from issue to due; terms are local days, and a day may be an hour longer.
DUE_WITHIN = timedelta(days=TERMS_DAYS_MAX + 1)
_FIRST_DUE = datetime.min.replace(tzinfo=UTC) + DUE_WITHIN  # a moment before there is no moment
# States of invoices with an index of their own: nearly all others are paid.
UNSETTLED = frozenset({"open", "uncollectible", "resolved"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document: its table, the column that says when one came about, whether it is numbered in a series, and
    what is read of a row `v` (with `beside`, what is joined to it)."""

    table: LiteralString
    moment: LiteralString
    columns: LiteralString
    beside: LiteralString = ""
    series: bool = False


INVOICE = Kind(
    table="invoice", moment="issued_at", columns=f"json_build_object({shapes.INVOICE})::text", series=True
)
CREDIT_NOTE = Kind(table="credit_note", moment="issued_at", columns=CREDIT_NOTE_COLUMNS, series=True)
REFUND = Kind(table="refund", moment="created_at", columns=REFUND_COLUMNS, beside=REFUND_PAYMENT)
PAYMENT = Kind(table="payment", moment="received_at", columns=PAYMENT_COLUMNS)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents; what is None may be anything. Of moments (UTC) the first counts, and the second not any more.

    `invoice`, `payment` and `provider` are what a document refers to, `state` is its column of that name (a payment's
    disposition); `overdue` invoices are open and due by their account's present.
    """

    account: UUID | None = None
    invoice: UUID | None = None
    payment: UUID | None = None
    provider: str | None = None
    state: str | None = None
    overdue: bool = False
    number: Numbered | None = None
    currency: str | None = None
    entity: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    due_start: datetime | None = None
    due_end: datetime | None = None

    @property
    def bucket(self) -> int | None:
        """The bucket in which all of them are, if that is known."""
        if self.number is not None:
            return self.number.bucket
        about = self.account or self.invoice or self.payment
        return None if about is None else bucket_of(about)


class DocumentPages:
    """The pages of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def invoices(self, wanted: Wanted, after: UUID | None, limit: int, now: datetime) -> list[Invoice] | None:
        """A page of invoices after that one; None where there is no such one."""
        rows = self._page(INVOICE, tuple_row, wanted, after, limit, now)
        return None if rows is None else [shapes.invoice_of(row[0]) for row in rows]

    def credit_notes(
        self, wanted: Wanted, after: UUID | None, limit: int, now: datetime
    ) -> list[StoredCreditNote] | None:
        """A page of credit notes, likewise."""
        return self._page(CREDIT_NOTE, class_row(StoredCreditNote), wanted, after, limit, now)

    def refunds(
        self, wanted: Wanted, after: UUID | None, limit: int, now: datetime
    ) -> list[StoredRefund] | None:
        """A page of refunds, likewise."""
        return self._page(REFUND, class_row(StoredRefund), wanted, after, limit, now)

    def payments(
        self, wanted: Wanted, after: UUID | None, limit: int, now: datetime
    ) -> list[StoredPayment] | None:
        """A page of payments, likewise."""
        return self._page(PAYMENT, class_row(StoredPayment), wanted, after, limit, now)

    def _page(
        self,
        kind: Kind,
        row_factory: BaseRowFactory[Row],
        wanted: Wanted,
        after: UUID | None,
        limit: int,
        now: datetime,
    ) -> list[Row] | None:
        scalars = scalars_of(wanted) | {"limit": limit, "now": now}
        with self._pool.connection() as connection:
            if after is not None:
                since = _moment_of(connection, kind, after)
                if since is None:
                    return None
                scalars |= {"since": since, "after": after}
            query = page_query(kind, wanted, continued=after is not None)
            with connection.cursor(row_factory=row_factory) as cursor:
                return cursor.execute(query, scalars).fetchall()


def _moment_of(connection: Connection, kind: Kind, document: UUID) -> datetime | None:
    query: LiteralString = f"select {kind.moment} from {kind.table} where bucket = %s and id = %s"
    row = connection.execute(query, (bucket_of(document), document)).fetchone()
    return None if row is None else row[0]


def scalars_of(wanted: Wanted) -> dict[str, Any]:
    """The parameters of `page_query` that say what is wanted."""
    names = [
        "bucket",
        "account",
        "invoice",
        "payment",
        "provider",
        "state",
        "currency",
        "entity",
        "start",
        "end",
        "due_start",
        "due_end",
    ]
    scalars = {name: value for name in names if (value := getattr(wanted, name)) is not None}
    if wanted.number is not None:
        scalars |= {"series": wanted.number.series, "number": wanted.number.number}
    if wanted.due_start is not None:
        scalars["issued_since"] = max(wanted.due_start, _FIRST_DUE) - DUE_WITHIN
    return scalars


def page_query(kind: Kind, wanted: Wanted, *, continued: bool) -> LiteralString:
    """The statement of a page. Every condition is in it only where it is wanted, so that it is planned for itself."""
    rules: LiteralString = " and ".join(_rules(kind, wanted, continued=continued))
    order: LiteralString = f"v.{kind.moment}, v.id"
    if wanted.bucket is not None:
        return f"""
            select {kind.columns} from {kind.table} v {kind.beside} where v.bucket = %(bucket)s and {rules}
            order by {order} limit %(limit)s"""
    of_bucket, spread = _spread(kind, wanted)
    return f"""
        select {kind.columns} from (
            select p.* from generate_series(0, 255) b {spread} cross join lateral (
                select v.bucket, v.id, v.{kind.moment} as moment from {kind.table} v
                where v.bucket = b and {of_bucket} {rules} order by {order} limit %(limit)s) p
            order by p.moment, p.id limit %(limit)s) page
        join {kind.table} v on v.bucket = page.bucket and v.id = page.id {kind.beside}
        order by page.moment, page.id"""


def _spread(kind: Kind, wanted: Wanted) -> tuple[LiteralString, LiteralString]:
    """By which index a bucket's invoices are walked in their order: those that are not paid, of a currency, or else of
    each series; what else is wanted is looked up in `_rules`."""
    if kind is not INVOICE:
        return "", ""
    if wanted.overdue or wanted.state in UNSETTLED:
        return "v.state <> 'paid' and", ""
    if wanted.currency is not None:
        return "", ""
    named: LiteralString = "where id = %(entity)s" if wanted.entity is not None else ""
    return (
        "v.series = e.series_prefix || '-' || upper(lpad(to_hex(b), 2, '0')) and",
        f"cross join (select series_prefix from legal_entity {named}) e",
    )


def _rules(kind: Kind, wanted: Wanted, *, continued: bool) -> Iterator[LiteralString]:
    """The conditions on a row `v`."""
    yield "true"
    if continued:
        yield f"(v.{kind.moment}, v.id) > (%(since)s, %(after)s)"
    if wanted.account is not None:
        yield "v.account_id = %(account)s"
    if wanted.invoice is not None:
        yield "v.invoice_id = %(invoice)s"
    if wanted.payment is not None:
        yield "v.payment_id = %(payment)s"
    if wanted.provider is not None:
        yield "v.provider = %(provider)s"
    if wanted.number is not None:
        yield "v.series = %(series)s and v.number = %(number)s"
    if wanted.currency is not None:
        yield "v.currency = %(currency)s"
    if wanted.entity is not None:
        yield _of_entity(kind)
    yield from _state_rules(kind, wanted)
    yield from _time_rules(kind, wanted)


def _of_entity(kind: Kind) -> LiteralString:
    if kind.series:
        return "starts_with(v.series, (select series_prefix || '-' from legal_entity where id = %(entity)s))"
    return """exists (select from account a
        where a.bucket = v.bucket and a.id = v.account_id and a.entity = %(entity)s)"""


def _state_rules(kind: Kind, wanted: Wanted) -> Iterator[LiteralString]:
    if wanted.state is not None:
        yield "v.disposition = %(state)s" if kind is PAYMENT else "v.state = %(state)s"
    if wanted.overdue:
        yield """v.state = 'open' and v.due_at <= coalesce(
            (select a.test_now from account a where a.bucket = v.bucket and a.id = v.account_id), %(now)s)"""


def _time_rules(kind: Kind, wanted: Wanted) -> Iterator[LiteralString]:
    """An invoice is due when it is issued or at most `DUE_WITHIN` later, so its due date bounds the walk too."""
    if wanted.start is not None:
        yield f"v.{kind.moment} >= %(start)s"
    if wanted.end is not None:
        yield f"v.{kind.moment} < %(end)s"
    if wanted.due_start is not None:
        yield "v.due_at >= %(due_start)s and v.issued_at >= %(issued_since)s"
    if wanted.due_end is not None:
        yield "v.due_at < %(due_end)s and v.issued_at < %(due_end)s"
