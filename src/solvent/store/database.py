"""Database: connections, and the transactions of the flows.

Owns the pool, the settings of every session, and the rooms of one transaction. Does not own any room's SQL. Only
`settlements` opens transactions that can write committed state; wiring hands it to the settle flow alone.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import Connection, Cursor, IsolationLevel
from psycopg.abc import Params
from psycopg.adapt import AdaptersMap
from psycopg_pool import PoolTimeout

from solvent.core.catalog import Catalog
from solvent.core.policy import Policy
from solvent.ports.tax import TaxRates
from solvent.ports.world import Ids
from solvent.store import rows
from solvent.store.accounts import AccountRoom
from solvent.store.books import BookRoom
from solvent.store.carts import CartRoom
from solvent.store.counts import CountRoom, StoredCounts
from solvent.store.drafts import DraftRoom
from solvent.store.drift import DriftRoom
from solvent.store.examined import FleetRoom, basis_of
from solvent.store.holds import DecisionRoom, HoldRoom
from solvent.store.inbox import InboxRoom
from solvent.store.invoice_items import InvoiceItemRoom
from solvent.store.journal import JournalRoom
from solvent.store.methods import MethodRoom
from solvent.store.outbox import Outbox
from solvent.store.payers import StoredPayers
from solvent.store.permits import PermitRoom
from solvent.store.pool import Pool
from solvent.store.queue import QueueRoom
from solvent.store.reconciliations import ReconciliationRoom
from solvent.store.registrations import RegistrationRoom
from solvent.store.schedule import Schedule
from solvent.store.seats import SeatRoom
from solvent.store.shelf import Shelf
from solvent.store.taxes import StoredRates
from solvent.store.transfers import StoredTransfers, TransferRoom
from solvent.store.usage import UsageRoom

OUTAGES = (
    psycopg.OperationalError,
    PoolTimeout,
)  # away or too busy: trying again later is all there is to do
STATEMENT_TIMEOUT_S = 30
LOCK_TIMEOUT_S = 10
IDLE_TIMEOUT_S = 60  # of an open transaction: its process hangs, others wait for its locks
CONNECT_TIMEOUT_S = 10
POOL_WAIT_S = 10.0
PREPARED_MAX = 500  # statements kept prepared per connection; the store has about a hundred

# Statements are constants over a bucket and lists of ids, and take milliseconds at most: planning them anew for other
# values costs more than it gains, and compiling them to machine code too. Pages are on flash or in memory. To
# start processes that help costs more than a statement over a bucket, and other buckets want the same cores.
_SESSION = """
select set_config('TimeZone', 'UTC', false), set_config('jit', 'off', false),
       set_config('plan_cache_mode', 'force_generic_plan', false), set_config('random_page_cost', '1.1', false),
       set_config('max_parallel_workers_per_gather', '0', false),
       set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false),
       exists (select from pg_extension where extname = 'citus')"""


def _configure(connection: Connection) -> None:
    limits = (f"{STATEMENT_TIMEOUT_S}s", f"{LOCK_TIMEOUT_S}s", f"{IDLE_TIMEOUT_S}s")
    ((*_, distributed),) = connection.execute(_SESSION, limits).fetchall()
    connection.commit()
    if isinstance(connection, KeptCursors):
        connection.distributed = distributed
    connection.prepare_threshold = 0  # texts are constants: every one is worth preparing at once
    connection.prepared_max = PREPARED_MAX


class KeptCursors(Connection):
    """A connection that keeps a cursor for each statement of the store: to set one up costs as much as to use it.

    What a statement answered must be fetched before the same statement is executed again. `distributed`: buckets lie on
    servers of their own.
    """

    distributed: bool = False

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 -- as psycopg makes it
        super().__init__(*given, **named)
        self._kept: dict[tuple[str, bool], Cursor] = {}

    def execute(
        self,
        query: Any,  # noqa: ANN401 -- whatever psycopg takes
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> Cursor:
        """As every connection does."""
        if not isinstance(query, str) or len(self._kept) >= PREPARED_MAX:
            return super().execute(query, params, prepare=prepare, binary=binary)
        cursor = self._kept.get((query, binary))
        if cursor is None:
            cursor = self._kept[query, binary] = self.cursor(binary=binary)
        return cursor.execute(query, params, prepare=prepare)


class Session:
    """One transaction and its rooms."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        self.connection = connection
        self._shelf = shelf

    @property
    def _distributed(self) -> bool:
        return isinstance(self.connection, KeptCursors) and self.connection.distributed

    @cached_property
    def accounts(self) -> AccountRoom:
        return AccountRoom(self.connection)

    @cached_property
    def journal(self) -> JournalRoom:
        return JournalRoom(self.connection)

    @cached_property
    def inbox(self) -> InboxRoom:
        return InboxRoom(self.connection, distributed=self._distributed)

    @cached_property
    def queue(self) -> QueueRoom:
        return QueueRoom(self.connection)

    @cached_property
    def usage(self) -> UsageRoom:
        return UsageRoom(self.connection, distributed=self._distributed)

    @cached_property
    def seats(self) -> SeatRoom:
        return SeatRoom(self.connection)

    @cached_property
    def drafts(self) -> DraftRoom:
        return DraftRoom(self.connection)

    @cached_property
    def counts(self) -> CountRoom:
        return CountRoom(self.connection)

    @cached_property
    def transfers(self) -> TransferRoom:
        return TransferRoom(self.connection)

    @cached_property
    def reconciliations(self) -> ReconciliationRoom:
        return ReconciliationRoom(self.connection)

    @cached_property
    def holds(self) -> HoldRoom:
        return HoldRoom(self.connection)

    @cached_property
    def permits(self) -> PermitRoom:
        return PermitRoom(self.connection)

    @cached_property
    def decisions(self) -> DecisionRoom:
        return DecisionRoom(self.connection)

    @cached_property
    def drift(self) -> DriftRoom:
        return DriftRoom(self.connection)

    @cached_property
    def fleet(self) -> FleetRoom:
        return FleetRoom(self.connection)

    @cached_property
    def items(self) -> InvoiceItemRoom:
        return InvoiceItemRoom(self.connection)

    @cached_property
    def carts(self) -> CartRoom:
        return CartRoom(self.connection)

    @cached_property
    def registrations(self) -> RegistrationRoom:
        return RegistrationRoom(self.connection)

    @cached_property
    def methods(self) -> MethodRoom:
        return MethodRoom(self.connection)


class SettlementSession(Session):
    """A transaction that may write committed state."""

    @cached_property
    def books(self) -> BookRoom:
        return BookRoom(self.connection, self._shelf)


class SettlementDatabase:
    """Begins transactions that may write committed state."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    @contextmanager
    def begin(self) -> Iterator[SettlementSession]:
        """A transaction with books."""
        with self._database.transaction() as connection:
            yield SettlementSession(connection, self._database.shelf)

    @contextmanager
    def single(self) -> Iterator[SettlementSession]:
        """A transaction of one statement, with books."""
        with self._database.autocommit() as connection:
            yield SettlementSession(connection, self._database.shelf)


class Database:
    """One database as one process uses it; safe for many threads."""

    def __init__(
        self,
        url: str,
        *,
        ids: Ids | None = None,
        pool_min: int = 1,
        pool_max: int = 8,
        tax_rates: TaxRates | None = None,
    ) -> None:
        """Connect lazily: nothing waits here for the server. `pool_max` bounds connections at once, `tax_rates` is
        another source of rates than the stored ones."""
        adapters = AdaptersMap(psycopg.adapters)
        rows.register(adapters)
        self.ids = ids
        self.pool = Pool(
            url,
            min_size=min(pool_min, pool_max),
            max_size=pool_max,
            connection_class=KeptCursors,
            kwargs={"context": _Context(adapters), "connect_timeout": CONNECT_TIMEOUT_S},
            configure=_configure,
            timeout=POOL_WAIT_S,
            open=True,
            name="solvent",
        )
        self.tax_rates = tax_rates or StoredRates(self.pool)
        self.shelf = Shelf(self.pool, self.tax_rates)
        self.schedule = Schedule(self.pool)
        self.outbox = Outbox(self.pool)
        self.payers = StoredPayers(self.pool)
        self.transfers = StoredTransfers(self.pool)
        self.counts = StoredCounts(self.pool)
        self.settlements = SettlementDatabase(self)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction, committed at the end of the block; nothing of it is kept when the block raises."""
        with self.transaction() as connection:
            yield Session(connection, self.shelf)

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Reads, each in a transaction of its own, which costs no statement of its own."""
        with self.autocommit() as connection:
            yield Session(connection, self.shelf)

    @contextmanager
    def still(self) -> Iterator[Session]:
        """Reads that all see one moment, which the word that begins them says: it is no round trip of its own."""
        with self.pool.connection() as connection:
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
            try:
                yield Session(connection, self.shelf)
            finally:
                if not connection.closed:
                    connection.commit()  # of nothing: how the connection begins is only said between transactions
                    connection.isolation_level = connection.read_only = None

    @contextmanager
    def single(self) -> Iterator[Session]:
        """A transaction of one statement: to begin and to commit it are no round trips of their own."""
        with self.autocommit() as connection:
            yield Session(connection, self.shelf)

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection whose every statement is a transaction."""
        with self.pool.connection() as connection:
            connection.autocommit = True
            try:
                yield connection
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection with one transaction."""
        with self.pool.connection() as connection:
            yield connection
            connection.commit()

    def catalog(self, needs: Collection[str] = ()) -> Catalog:
        """The catalog, at most about a second old; looked up anew when it lacks a price (by id) or a coupon (by code)
        of `needs`."""
        return self.shelf.catalog(needs)

    def basis(self, catalog: Catalog, policy: Policy) -> int:
        """A number that stands for all that verdicts rest on beside an account's rows."""
        return basis_of(catalog, policy)

    def close(self) -> None:
        """Give all connections back to the server."""
        self.pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Context:
    """What psycopg asks for to give new connections our adapters."""

    connection = None

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters
