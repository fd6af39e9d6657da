"""Drafts: invoices of the merchant's own that are not issued yet.

Owns their rows, and the reading of one or of an account's. Does not own what becomes of them (`core.manual`) nor the
invoice that is issued (`documents`).
"""

from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.core.invoice import Line
from solvent.core.manual import Draft, DraftState, Particulars
from solvent.store import codec

_COLUMNS = """d.id, d.account_id, d.lines::text, d.reference, d.notes, d.terms_days, d.created_at, d.changed_at,
    d.state, d.version, d.attempt_id, d.include_items"""

_LOCK = f"select {_COLUMNS} from invoice_draft d where d.bucket = %s and d.id = %s for no key update"
_READ = f"select {_COLUMNS} from invoice_draft d where d.bucket = %s and d.id = %s"
_PAGE = f"""
select {_COLUMNS} from invoice_draft d
where d.bucket = %(bucket)s and d.account_id = %(account)s and d.id > %(after)s and
    (%(state)s::text is null or d.state = %(state)s)
order by d.id limit %(limit)s"""

# A version that is not the next one is refused by the trigger.
_PUT = """
insert into invoice_draft (bucket, id, account_id, state, version, lines, reference, notes, terms_days,
    include_items, attempt_id, created_at, changed_at)
values (%(bucket)s, %(id)s, %(account)s, %(state)s, %(version)s, %(lines)s, %(reference)s, %(notes)s, %(terms_days)s,
    %(include_items)s, %(attempt)s, %(created_at)s, %(changed_at)s)
on conflict (bucket, id) do update set state = excluded.state, version = excluded.version, lines = excluded.lines,
    reference = excluded.reference, notes = excluded.notes, terms_days = excluded.terms_days,
    include_items = excluded.include_items,
    attempt_id = excluded.attempt_id, changed_at = excluded.changed_at"""

_lines = msgspec.json.Decoder(tuple[Line, ...])


class DraftRoom:
    """`ports.store.Drafts` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, draft_id: UUID) -> Draft | None:
        """The draft, held until the transaction ends; None when there is none of that id."""
        row = self._connection.execute(_LOCK, (bucket_of(draft_id), draft_id)).fetchone()
        return None if row is None else _draft_of(row)

    def put(self, draft: Draft) -> None:
        """Write a new draft, or the next version of one."""
        scalars = {
            "bucket": bucket_of(draft.id),
            "id": draft.id,
            "account": draft.account_id,
            "state": draft.state,
            "version": draft.version,
            "lines": codec.encode(draft.lines).decode(),
            "reference": draft.particulars.reference,
            "notes": draft.particulars.notes,
            "terms_days": draft.particulars.terms_days,
            "include_items": draft.particulars.include_items,
            "attempt": draft.attempt_id,
            "created_at": draft.created_at,
            "changed_at": draft.changed_at,
        }
        self._connection.execute(_PUT, scalars)


class DraftReads:
    """The reads of drafts; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def one(self, draft_id: UUID) -> Draft | None:
        """One draft, whatever has become of it."""
        with self._pool.connection() as connection:
            row = connection.execute(_READ, (bucket_of(draft_id), draft_id)).fetchone()
        return None if row is None else _draft_of(row)

    def of_account(
        self, account_id: UUID, state: DraftState | None, after: UUID | None, limit: int
    ) -> list[Draft]:
        """A page of an account's drafts, in the order of their creation; of one state, or of all."""
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "state": state,
            "after": after or UUID(int=0),
            "limit": limit,
        }
        with self._pool.connection() as connection:
            return [_draft_of(row) for row in connection.execute(_PAGE, scalars).fetchall()]


def _draft_of(row: tuple[Any, ...]) -> Draft:
    return Draft(
        id=row[0],
        account_id=row[1],
        lines=_lines.decode(row[2]),
        particulars=Particulars(reference=row[3], notes=row[4], terms_days=row[5], include_items=row[11]),
        created_at=row[6],
        changed_at=row[7],
        state=DraftState(row[8]),
        version=row[9],
        attempt_id=row[10],
    )
