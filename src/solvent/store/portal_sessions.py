"""Portal sessions: a customer's visits of the portal.

Owns their rows: made with a link, entered, over. Does not own what proves a visitor (`core.portal_token`), how long a
visit lasts (settings), nor when an old one is forgotten (`retention`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.language import Language

_COLUMNS = "id, account_id, language, return_url, methods_only, made_at, enter_until, ends_at"
_MAKE = """
insert into portal_session (bucket, id, account_id, language, return_url, methods_only, made_at, enter_until)
values (%s, %s, %s, %s, %s, %s, %s, %s)"""
_READ = f"select {_COLUMNS} from portal_session where bucket = %s and id = %s"
# The first time counts: coming in again by the same link does not make a visit longer.
_ENTER = f"""
update portal_session set ends_at = coalesce(ends_at, %s)
where bucket = %s and id = %s and %s < enter_until and (ends_at is null or %s < ends_at) returning {_COLUMNS}"""
_END = "update portal_session set ends_at = %s where bucket = %s and id = %s and (ends_at is null or ends_at > %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSession:
    """One visit. `language`: in which it is to be shown (None: the account's); `methods_only`: it leads to the
    collection methods alone, for it came by e-mail; UTC throughout."""

    id: UUID
    account_id: UUID
    language: Language | None
    return_url: str | None
    made_at: datetime
    enter_until: datetime
    ends_at: datetime | None = None
    methods_only: bool = False

    def lasts(self, now: datetime) -> bool:
        """Whether it was entered, and is not over."""
        return self.ends_at is not None and now < self.ends_at


class PortalSessions:
    """The visits of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def make(self, session: PortalSession) -> None:
        """A visit that may begin."""
        s = session
        whose = (bucket_of(s.id), s.id, s.account_id, s.language, s.return_url)
        values = (*whose, s.methods_only, s.made_at, s.enter_until)
        with self._pool.connection() as connection:
            connection.execute(_MAKE, values)

    def read(self, session_id: UUID) -> PortalSession | None:
        """One visit, also when it is over."""
        return self._one(_READ, (bucket_of(session_id), session_id))

    def enter(self, session_id: UUID, until: datetime, now: datetime) -> PortalSession | None:
        """Begin a visit, which is over at `until` unless it has begun before; None: it may not begin any more."""
        return self._one(_ENTER, (until, bucket_of(session_id), session_id, now, now))

    def end(self, session_id: UUID, now: datetime) -> None:
        """The customer signed out: neither the link nor the browser leads in any more."""
        with self._pool.connection() as connection:
            connection.execute(_END, (now, bucket_of(session_id), session_id, now))

    def _one(self, statement: str, values: tuple[object, ...]) -> PortalSession | None:
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(_Row)) as cursor,
        ):
            row = cursor.execute(statement, values).fetchone()
        return None if row is None else row.session()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: UUID
    account_id: UUID
    language: str | None
    return_url: str | None
    methods_only: bool
    made_at: datetime
    enter_until: datetime
    ends_at: datetime | None

    def session(self) -> PortalSession:
        language = None if self.language is None else Language(self.language)
        return PortalSession(
            id=self.id,
            account_id=self.account_id,
            language=language,
            return_url=self.return_url,
            made_at=self.made_at,
            enter_until=self.enter_until,
            ends_at=self.ends_at,
            methods_only=self.methods_only,
        )
