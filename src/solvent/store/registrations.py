"""Registrations: names that were paid for.

Owns their rows: due by the commit, leased to whoever asks the registrar, and ended with what is told of it. Does not
own what is asked and what follows (`flows.registering`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.events import Event
from solvent.core.ids import bucket_of
from solvent.core.registration import Registration, RegistrationState
from solvent.core.registration_events import DomainRefused, DomainRegistered
from solvent.store import events
from solvent.store.rows import insert
from solvent.store.writer import Booked, Writer

_COLUMNS = (
    """r.id, r.account_id, r.attempt_id, r.subscription_id, r.item_id, r.name, r.state, r.reason, r.tries"""
)

_WANTED = insert(
    "registration",
    "id uuid, account_id uuid, attempt_id uuid, subscription_id uuid, item_id uuid, name text, state text,"
    "look_at timestamptz, created_at timestamptz",
    "on conflict (bucket, item_id) do nothing",
)

_CLAIM = f"""
with due as (
    select r.bucket, r.id from registration r join account a on a.bucket = r.bucket and a.id = r.account_id
    where r.bucket = %(bucket)s and r.look_at <= %(now)s and {{whose}}
    order by r.look_at limit %(limit)s for update of r skip locked
)
update registration r set look_at = %(lease_until)s from due
where r.bucket = due.bucket and r.id = due.id returning {_COLUMNS}"""
_CLAIM_BY_THE_WALL = _CLAIM.format(whose="a.test_now is null")
_CLAIM_OF_ONE = _CLAIM.format(whose="a.id = %(account)s")

_PUT_OFF = """
update registration r set look_at = %s, tries = r.tries + 1
where r.bucket = %s and r.id = %s and r.look_at is not null"""
_HOLD = "select from account a where a.bucket = %s and a.id = %s for no key update"
_MOVE = """
update registration r set state = %(state)s, reason = coalesce(%(reason)s, r.reason), look_at = %(look_at)s
where r.bucket = %(bucket)s and r.id = %(id)s and r.state = %(before)s returning 1"""

_CHARGED = """
select v.id, l.position from proof p
join invoice v on v.bucket = p.bucket and v.proof_id = p.id
join invoice_line l on l.bucket = v.bucket and l.invoice_id = v.id
where p.bucket = %s and p.account_id = %s and p.attempt_id = %s and p.of_plan and l.item_id = %s
  and l.kind in ('charge', 'prorated_charge') and l.amount > 0"""

_OF_ATTEMPT = f"select {_COLUMNS} from registration r where r.bucket = %s and r.attempt_id = %s order by r.id"


class RegistrationRoom:
    """`ports.registrations.Registrations` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> Sequence[Registration]:
        """Lease those that are due; another caller's lease is skipped."""
        query = _CLAIM_BY_THE_WALL if account is None else _CLAIM_OF_ONE
        scalars = {
            "bucket": bucket,
            "now": now,
            "lease_until": lease_until,
            "limit": limit,
            "account": account,
        }
        return [_of(row) for row in self._connection.execute(query, scalars).fetchall()]

    def put_off(self, registration: Registration, until: datetime) -> None:
        """Nothing was decided: look again then."""
        self._connection.execute(_PUT_OFF, (until, bucket_of(registration.id), registration.id))

    def registered(self, registration: Registration, now: datetime) -> None:
        """The registrar has registered the name; told once."""
        told = DomainRegistered(
            registration_id=registration.id,
            subscription_id=registration.subscription_id,
            name=registration.name,
        )
        self._move(registration, RegistrationState.REGISTERED, None, None, now, told)

    def refused(self, registration: Registration, reason: str, now: datetime) -> None:
        """The registrar refused it for good; what was paid is to come back."""
        self._move(registration, RegistrationState.REFUSED, reason, now, now, None)

    def returned(self, registration: Registration, credit_note_id: UUID | None, now: datetime) -> None:
        """What was paid for it is on its way back, and it has ended; told once."""
        told = DomainRefused(
            registration_id=registration.id,
            subscription_id=registration.subscription_id,
            name=registration.name,
            reason=str(registration.reason),
            credit_note_id=credit_note_id,
        )
        self._move(registration, RegistrationState.RETURNED, None, None, now, told)

    def charged(self, registration: Registration) -> tuple[UUID, int] | None:
        """The invoice and the position of the line that charged it; None: it cost nothing."""
        about = registration.account_id, registration.attempt_id, registration.item_id
        row = self._connection.execute(_CHARGED, (bucket_of(registration.id), *about)).fetchone()
        return None if row is None else (row[0], row[1])

    def of_attempt(self, attempt_id: UUID) -> Sequence[Registration]:
        """What the commit of an attempt made due."""
        rows = self._connection.execute(_OF_ATTEMPT, (bucket_of(attempt_id), attempt_id))
        return [_of(row) for row in rows.fetchall()]

    def _move(
        self,
        registration: Registration,
        state: RegistrationState,
        reason: str | None,
        look_at: datetime | None,
        now: datetime,
        told: Event | None,
    ) -> None:
        """To the next state, with what is told of it; nothing happens to one that is there already."""
        bucket = bucket_of(registration.id)
        self._connection.execute(_HOLD, (bucket, registration.account_id))
        scalars = {
            "bucket": bucket,
            "id": registration.id,
            "before": registration.state,
            "state": state,
            "reason": reason,
            "look_at": look_at,
        }
        moved = self._connection.execute(_MOVE, scalars).fetchone() is not None
        if moved and told is not None:
            events.append(self._connection, bucket, [(registration.account_id, told, now)])


def write_registrations(writer: Writer, booked: Booked) -> None:
    """The names that bookings make due, each once for its item."""
    rows = [
        (w.id, b.account_id, b.attempt_id, w.subscription_id, w.item_id, w.name, "due", moment, moment)
        for b, moment in booked
        for w in b.registrations
    ]
    writer.put("registration", _WANTED, rows, all_of=False)


def _of(row: tuple[Any, ...]) -> Registration:
    return Registration(
        id=row[0],
        account_id=row[1],
        attempt_id=row[2],
        subscription_id=row[3],
        item_id=row[4],
        name=row[5],
        state=RegistrationState(row[6]),
        reason=row[7],
        tries=row[8],
    )
