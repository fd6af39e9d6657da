"""Queries: the reads behind lists and single things of the API.

Owns pages by cursor, and the one statement behind each read. Every query on owned rows names their bucket, which the
account's or the row's id carries; only the list of accounts and the feed of all events look at every bucket, one
index probe each. Writes nothing. Does not own how anything is presented (`web`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice, Line
from solvent.core.subscription import Subscription
from solvent.store import charged, journal, shapes
from solvent.store.change_pages import ChangePages
from solvent.store.credit_reads import CreditReads
from solvent.store.dispute_reads import DisputeReads
from solvent.store.document_pages import DocumentPages
from solvent.store.drafts import DraftReads
from solvent.store.drift import DriftReads
from solvent.store.entitled import EntitledReads
from solvent.store.feed import Feed
from solvent.store.holds import HoldReads
from solvent.store.invoice_items import InvoiceItemReads
from solvent.store.money_documents import MoneyDocuments
from solvent.store.numbers import Numbered
from solvent.store.printing import Printing
from solvent.store.redemptions import Redemptions
from solvent.store.schema import version_of
from solvent.store.signing_keys import SigningKeys
from solvent.store.usage_reads import UsageReads
from solvent.store.webhook_deliveries import WebhookDeliveries
from solvent.store.webhook_endpoints import WebhookEndpoints

READY_WAIT_S = 2.0

_FIRST = UUID(int=0)

_ACCOUNTS = f"""
select {shapes.ACCOUNT} from generate_series(0, 255) b cross join lateral (
    select * from account where bucket = b and id > %(after)s order by id limit %(limit)s
) a order by a.id limit %(limit)s"""

_ACCOUNT = f"select {shapes.ACCOUNT} from account a where a.bucket = %s and a.id = %s"

_ENTITIES = "select id from legal_entity order by id"

_BILLED_IN = """
select coalesce(v.profile->'currencies', '[]') from legal_entity_version v where v.entity_id = %s
order by v.valid_from desc limit 1"""

_ENTITY_NAME = """
select coalesce((select v.name from legal_entity_version v where v.entity_id = e.id order by v.valid_from desc limit 1),
    e.name) from legal_entity e where e.id = %s"""

_BY_PROVIDER = """
select exists (select from generate_series(0, 255) b where exists (
    select from payment where bucket = b and provider = %s and attempt_id is not null))"""

_SUBSCRIPTION = f"select {shapes.SUBSCRIPTION}::text from subscription s where s.bucket = %s and s.id = %s"

_SUBSCRIPTIONS = f"""
select {shapes.SUBSCRIPTION}::text from subscription s
where s.bucket = %(bucket)s and s.account_id = %(account)s and s.id > %(after)s
order by s.id limit %(limit)s"""

_INVOICES = f"""
select json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %(bucket)s and v.account_id = %(account)s and v.id > %(after)s
order by v.id limit %(limit)s"""

_INVOICE = (
    f"select json_build_object({shapes.INVOICE})::text from invoice v where v.bucket = %s and v.id = %s"
)

_INVOICE_ID = """
select id from invoice where bucket = %(bucket)s and series = %(series)s and number = %(number)s"""

_INVOICE_OF_ATTEMPT = """
select v.id from proof p join invoice v on v.bucket = p.bucket and v.account_id = p.account_id and v.proof_id = p.id
where p.bucket = %s and p.attempt_id = %s and p.of_plan"""

_METHODS = f"""
select {shapes.METHOD}::text from method m
where m.bucket = %s and m.account_id = %s and m.state <> 'detached' order by m.priority, m.id"""

_IN_FLIGHT = f"""
select {journal.COLUMNS} from attempt t
where t.bucket = %s and t.account_id = %s and t.state in ('opening', 'requires_action', 'processing', 'unknown')
order by t.id"""


class Queries:
    """The reads of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection], secret: str | None = None) -> None:
        """`secret` opens what is protected at rest."""
        self._pool = pool
        self.feed = Feed(pool)
        self.printing = Printing(pool)
        self.money = MoneyDocuments(pool)
        self.documents = DocumentPages(pool)
        self.changes = ChangePages(pool)
        self.redemptions = Redemptions(pool)
        self.disputes = DisputeReads(pool)
        self.drift = DriftReads(pool)
        self.holds = HoldReads(pool)
        self.drafts = DraftReads(pool)
        self.items = InvoiceItemReads(pool)
        self.credit = CreditReads(pool)
        self.usage = UsageReads(pool)
        self.entitled = EntitledReads(pool)
        self.signing = SigningKeys(pool, secret)
        self.webhook_endpoints = WebhookEndpoints(pool, secret)
        self.webhook_deliveries = WebhookDeliveries(pool)

    def accounts(self, after: UUID | None, limit: int) -> list[Account]:
        """A page of all accounts, by id, hence in the order of their creation."""
        rows = self._rows(_ACCOUNTS, {"after": after or _FIRST, "limit": limit})
        return [shapes.account_of(row) for row in rows]

    def account(self, account_id: UUID) -> Account | None:
        """One account."""
        row = self._row(_ACCOUNT, (bucket_of(account_id), account_id))
        return None if row is None else shapes.account_of(row)

    def entities(self) -> list[str]:
        """The ids of the legal entities that may bill."""
        return [row[0] for row in self._rows(_ENTITIES, ())]

    def billed_in(self, entity: str) -> list[str]:
        """The currencies in which a legal entity bills; none: in every one."""
        row = self._row(_BILLED_IN, (entity,))
        return [] if row is None else row[0]

    def entity_name(self, entity: str) -> str:
        """What a legal entity is called now."""
        row = self._row(_ENTITY_NAME, (entity,))
        assert row is not None, f"legal entity {entity} is there"
        return str(row[0])

    def has_payment_by(self, provider: str) -> bool:
        """Whether there is a payment that a provider of that name took."""
        row = self._row(_BY_PROVIDER, (provider,))
        return row is not None and row[0]

    def subscription(self, subscription_id: UUID) -> Subscription | None:
        """One subscription, also when it has ended."""
        row = self._row(_SUBSCRIPTION, (bucket_of(subscription_id), subscription_id))
        return None if row is None else shapes.subscription_of(row[0])

    def subscriptions(self, account_id: UUID, after: UUID | None, limit: int) -> list[Subscription]:
        """A page of an account's subscriptions, ended ones included."""
        return [
            shapes.subscription_of(row[0]) for row in self._page(_SUBSCRIPTIONS, account_id, after, limit)
        ]

    def invoices(self, account_id: UUID, after: UUID | None, limit: int) -> list[Invoice]:
        """A page of an account's invoices."""
        return [shapes.invoice_of(row[0]) for row in self._page(_INVOICES, account_id, after, limit)]

    def invoice(self, invoice_id: UUID) -> tuple[Invoice, list[Line]] | None:
        """One invoice with its lines."""
        where = (bucket_of(invoice_id), invoice_id)
        with self._pool.connection() as connection, connection.pipeline():
            head = connection.execute(_INVOICE, where)
            lines = connection.execute(charged.LINES, {"bucket": where[0], "invoices": [invoice_id]})
            row = head.fetchone()
            return (
                None
                if row is None
                else (shapes.invoice_of(row[0]), [charged.line_of(r[1:]) for r in lines.fetchall()])
            )

    def invoice_named(self, where: Numbered) -> UUID | None:
        """The id of the invoice of a printed number."""
        row = self._row(_INVOICE_ID, where._asdict())
        return None if row is None else row[0]

    def invoice_of(self, attempt_id: UUID) -> UUID | None:
        """The invoice that the commit of an attempt's plan issued."""
        row = self._row(_INVOICE_OF_ATTEMPT, (bucket_of(attempt_id), attempt_id))
        return None if row is None else row[0]

    def methods(self, account_id: UUID) -> list[CollectionMethod]:
        """An account's collection methods that were not removed, in the order in which they are tried."""
        return [shapes.method_of(row[0]) for row in self._rows(_METHODS, (bucket_of(account_id), account_id))]

    def in_flight(self, account_id: UUID) -> list[Attempt]:
        """An account's attempts that may still succeed."""
        rows = self._rows(_IN_FLIGHT, (bucket_of(account_id), account_id))
        return [journal.attempt_of(row) for row in rows]

    def revision(self) -> str | None:
        """The version of the schema; None when there is none. Does not wait long for a connection."""
        with self._pool.connection(timeout=READY_WAIT_S) as connection:
            return version_of(connection)

    def _page(self, query: str, account_id: UUID, after: UUID | None, limit: int) -> list[tuple[Any, ...]]:
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "after": after or _FIRST,
            "limit": limit,
        }
        return self._rows(query, scalars)

    def _rows(self, query: str, values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as psycopg takes them
        with self._reading() as connection:
            return connection.execute(query, values, binary=True).fetchall()

    def _row(self, query: str, values: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - as psycopg takes them
        with self._reading() as connection:
            return connection.execute(query, values, binary=True).fetchone()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection for one statement, which sees one moment: without begin and commit it is one round trip."""
        with self._pool.connection() as connection:
            connection.autocommit = True
            try:
                yield connection
            finally:
                if not connection.closed:
                    connection.autocommit = False
