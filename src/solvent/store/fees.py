"""Fees: what providers kept of payments and refunds.

Owns the read behind `core.fees.Kept`, the rows of fees, and their export. Does not own what a fee is (`core.fees`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from solvent.core.facts import FeeFact
from solvent.core.fees import Kept
from solvent.core.movement import Movement, MovementKind
from solvent.store import shapes
from solvent.store.closing import Scope
from solvent.store.deferrals import SCOPE, rows
from solvent.store.rows import Column, insert
from solvent.store.writer import Booked, Row, Writer

# A payment that pays several debts is named by its first part.
_OWNERS = """
select p.ref, p.account_id, p.id from payment p
where p.bucket = %(bucket)s and p.provider = %(provider)s and p.ref = any(%(refs)b) and p.part = 1
  and p.attempt_id is not null
union all
select r.id::text, r.account_id, r.payment_id from refund r
join payment p on p.bucket = r.bucket and p.id = r.payment_id
where r.bucket = %(bucket)s and r.id = any(%(keys)b) and p.provider = %(provider)s"""

_ACCOUNTS = f"""
select {shapes.ACCOUNT} from account a where a.bucket = %(bucket)s and a.id = any(%(ids)b)
order by a.id for no key update of a"""

_BOOKED = """
select movement from provider_fee
where bucket = %(bucket)s and provider = %(provider)s and movement = any(%(names)b)"""

_FEE = insert(
    "provider_fee",
    "id uuid, account_id uuid, payment_id uuid, provider text, movement text, amount bigint, currency text,"
    "charged_at timestamptz, recorded_at timestamptz",
)

_EXPORT = f"""
select f.id, f.provider, f.movement, a.entity, f.account_id, f.payment_id, f.currency, f.amount, f.charged_at,
       f.recorded_at
from provider_fee f join account a on a.bucket = f.bucket and a.id = f.account_id
where f.recorded_at >= %(start)s and f.recorded_at < %(end)s and {SCOPE}
order by f.recorded_at, f.id"""


class FeeRow(NamedTuple):
    """What a provider kept of one movement, in minor units; below zero: gave back."""

    id: UUID
    provider: str
    movement: str
    entity: str
    account_id: UUID
    payment_id: UUID
    currency: str
    amount: int
    charged_at: datetime
    recorded_at: datetime


def hold(connection: Connection, bucket: int, provider: str, movements: Sequence[Movement]) -> list[Kept]:
    """Lock the accounts, then look which fees are booked already: so two who learn of one book it once."""
    scalars: dict[str, object] = {
        "bucket": bucket,
        "provider": provider,
        "refs": Column("text", [m.ref or "" for m in movements if m.kind is MovementKind.PAYMENT]),
        "keys": Column("uuid", [m.key for m in movements if m.kind is MovementKind.REFUND]),
        "names": Column("text", [m.name for m in movements]),
    }
    found = {row[0]: row[1:] for row in connection.execute(_OWNERS, scalars, binary=True).fetchall()}
    scalars["ids"] = Column("uuid", sorted({account_id for account_id, _ in found.values()}))
    accounts = {row[0]: shapes.account_of(row) for row in connection.execute(_ACCOUNTS, scalars, binary=True)}
    booked = {row[0] for row in connection.execute(_BOOKED, scalars).fetchall()}
    return [
        Kept(account=accounts[owner[0]], payment_id=owner[1], provider=provider, movement=movement)
        for movement in {m.name: m for m in movements}.values()  # a statement may name one twice
        if (owner := _owner(movement, found)) is not None and movement.name not in booked
    ]


def _owner(movement: Movement, found: Mapping[str, tuple[UUID, UUID]]) -> tuple[UUID, UUID] | None:
    return found.get(str(movement.ref if movement.kind is MovementKind.PAYMENT else movement.key))


def write_fees(writer: Writer, booked: Booked) -> None:
    """Fees, each once: their movement's name is unique."""
    told = [(b.fee, b.account_id, moment) for b, moment in booked if b.fee is not None]
    writer.put("provider_fee", _FEE, [_row(*one) for one in told])


def _row(fee: FeeFact, account_id: UUID, moment: datetime) -> Row:
    return (
        fee.id,
        account_id,
        fee.payment_id,
        fee.provider,
        fee.movement,
        fee.amount,
        fee.currency,
        fee.charged_at,
        moment,
    )


def export(connection: Connection, start: datetime, end: datetime, scope: Scope) -> Iterator[FeeRow]:
    """Fees recorded from `start` to before `end`, in that order."""
    for row in rows(connection, _EXPORT, {**scope.scalars(), "start": start, "end": end}):
        yield FeeRow(*row)
