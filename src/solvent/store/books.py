"""Books: committed state, behind the one port that only the settle flow holds.

Owns the order of locks and numbers within a transaction: accounts and what belongs to them first, then the bucket's
event head, then a series; so invoice numbers and events have no gap and nothing waits in a circle. The statements
are next door: `locking`, `writing`, `assessing`, `refunds`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from psycopg import Connection

from solvent.core.account import CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.credit_refund import KeptMoney
from solvent.core.crediting import Claim
from solvent.core.disputing import Contested
from solvent.core.events import Event, MethodDetached
from solvent.core.expiry import HeldMethod
from solvent.core.fees import Kept
from solvent.core.health import Assessment
from solvent.core.ids import bucket_of
from solvent.core.messages import Message
from solvent.core.method_events import MethodsOrdered
from solvent.core.movement import Movement
from solvent.core.payment import ProviderView
from solvent.core.refunding import Returning
from solvent.core.surrender import HeldAccount
from solvent.ports.books import HeldCredit, Locked, WaitingAttempt
from solvent.ports.provider import RefundReport, RefundRequest
from solvent.store import (
    assessing,
    claims,
    codec,
    disputes,
    events,
    fees,
    kept_money,
    locking,
    methods,
    refunds,
    writing,
)
from solvent.store.journal import said
from solvent.store.messages import put_messages
from solvent.store.rows import Statement
from solvent.store.shelf import Shelf

_HEAD = "select last from event_head where bucket = %s for update"
_SERIES = "select last from invoice_series where bucket = %s and series = %s for update"
# Both at once, where both are there: a row that had to be waited for is given as it then is.
_HEAD_AND_SERIES = """
select h.last, s.last from event_head h join invoice_series s on s.bucket = h.bucket
where h.bucket = %s and s.series = %s for update"""
_NEW_SERIES = "insert into invoice_series (bucket, series, last) values (%s, %s, 0) on conflict do nothing"

_WAIT = Statement(
    "id uuid, state text, ref text, action json, tries integer, look_at timestamptz, said text, said_cause text,"
    "said_at timestamptz",
    """
update attempt t set state = v.state, ref = v.ref, action = v.action::json, tries = v.tries, look_at = v.look_at,
    said = coalesce(v.said, t.said), said_at = coalesce(v.said_at, t.said_at),
    said_cause = case when v.said is null then t.said_cause else v.said_cause end
from {rows} where t.bucket = %(bucket)s and t.id = v.id and t.look_at is not null
returning 1""",
)

_HEARD = Statement(
    "id uuid, said text, said_cause text, said_at timestamptz",
    """
update attempt t set said = v.said, said_cause = v.said_cause, said_at = v.said_at
from {rows} where t.bucket = %(bucket)s and t.id = v.id""",
)

_REPLAN = Statement(
    "id uuid, plan json, fingerprint text, amount bigint",
    """
update attempt t set plan = v.plan::json, fingerprint = v.fingerprint, amount = v.amount
from {rows} where t.bucket = %(bucket)s and t.id = v.id""",
)

_DETACH = """
update method set state = 'detached', look_at = null
where bucket = %s and id = %s and state <> 'detached' returning 1"""


# One that came meanwhile keeps its place, behind all that were there.
_ORDER = """
update method m set priority = v.place - 1
from unnest(%s::uuid[]) with ordinality as v(id, place) where m.bucket = %s and m.account_id = %s and m.id = v.id"""


class BookRoom:
    """`ports.store.Books` in one transaction."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        self._connection = connection
        self._shelf = shelf
        self._series: dict[str, int] = {}
        self._head: int | None = None

    def lock(
        self, bucket: int, attempt_ids: Sequence[UUID], known: Mapping[UUID, Attempt] | None = None
    ) -> Locked:
        """Lock and read what judging these attempts looks at; unknown ids are left out."""
        return locking.lock(self._connection, bucket, attempt_ids, known or {})

    def lock_accounts(self, bucket: int, account_ids: Sequence[UUID]) -> None:
        """Hold accounts against settlement, so that what is read of them next is what is written about."""
        locking.lock_accounts(self._connection, bucket, account_ids)

    def hold(
        self,
        bucket: int,
        invoice_id: UUID,
        key: str | None = None,
        reference: tuple[str, str] | None = None,
        *,
        chained: bool = False,
    ) -> Claim | None:
        """Lock and read an invoice with all that hangs on it, and what the caller's `key`, or a payment's method and
        `reference`, stand for already; `chained` with the invoices that charged the time of the same items. None when
        there is no invoice of that id."""
        return claims.hold(self._connection, bucket, invoice_id, key, reference, chained=chained)

    def hold_account(self, bucket: int, invoice_id: UUID) -> HeldAccount | None:
        """Lock and read an invoice's account with its live subscriptions; None when there is no invoice of that id."""
        return claims.hold_account(self._connection, bucket, invoice_id)

    def recorded(
        self, account_id: UUID, reference: tuple[str, str]
    ) -> tuple[UUID, int, Sequence[UUID]] | None:
        """The payment that no provider took under a method and reference: its (first) id, amount and invoices."""
        return claims.recorded(self._connection, account_id, reference)

    def contest(self, bucket: int, provider: str, payment_ref: str, dispute_ref: str) -> Contested | None:
        """Lock and read a payment with all that a dispute of it touches; None when it is not in the books."""
        return disputes.contest(self._connection, bucket, provider, payment_ref, dispute_ref)

    def hold_credit(
        self, bucket: int, account_id: UUID, grant_id: UUID | None, key: str | None
    ) -> HeldCredit | None:
        """Lock and read an account and, if one is named, a grant of its credit (else what `key` gave); None when there
        is none of that id."""
        return claims.hold_credit(self._connection, bucket, account_id, grant_id, key)

    def hold_kept(self, bucket: int, payment_id: UUID, key: str) -> KeptMoney | None:
        """Lock and read what of a payment was kept as account credit; None when there is no such payment."""
        return kept_money.hold(self._connection, bucket, payment_id, key)

    def number(self, bucket: int, entity: str, document: str = "") -> tuple[str, int]:
        """The next (series, number) of a legal entity, for invoices or the kind of `document` whose mark the series
        bears; `write` stores how far it went."""
        marks = [self._shelf.prefix(entity), document, f"{bucket:02X}"]
        series = "-".join(filter(None, marks))
        if series not in self._series:
            self._series[series] = self._last_of_series(bucket, series)
        self._series[series] += 1
        return series, self._series[series]

    def replan(self, bucket: int, attempts: Sequence[Attempt]) -> None:
        """Record the plans of attempts that were planned anew."""
        rows = [(t.id, codec.encode(t.plan), t.plan.fingerprint, t.plan.due) for t in attempts]
        if rows:
            _REPLAN.run(self._connection, rows, bucket=bucket)

    def write(
        self, bucket: int, bookings: Sequence[tuple[Booking, datetime]], marked_at: datetime | None = None
    ) -> None:
        """Everything the bookings hold, each at its own moment, with events in order, and their accounts' marks."""
        if bookings:
            head = self._last_event(bucket)
            series = list(self._series.items())
            every = [(b, moment) for booking, moment in bookings for b in (booking, *booking.others)]
            self._head = writing.write(self._connection, bucket, every, series, head, marked_at)

    def wait(self, bucket: int, waiting: Sequence[WaitingAttempt]) -> bool:
        """Remember where attempts stand that go on; whether all of them still were in flight."""
        rows = {
            w.attempt.id: (
                w.attempt.id,
                w.attempt.state,
                w.attempt.ref,
                codec.encode_action(w.attempt.action),
                w.attempt.tries,
                w.look_at,
                *said(w.attempt.provider_view),
            )
            for w in waiting
        }
        if not rows:
            return True
        return len(_WAIT.run(self._connection, list(rows.values()), bucket=bucket).fetchall()) == len(rows)

    def heard(self, bucket: int, views: Sequence[tuple[UUID, ProviderView]]) -> None:
        """Remember what providers said of attempts; of several about one, the last."""
        rows = {attempt_id: (attempt_id, *said(view)) for attempt_id, view in views}
        if rows:
            _HEARD.run(self._connection, list(rows.values()), bucket=bucket)

    def assess(self, bucket: int, assessments: Sequence[Assessment]) -> None:
        """Record verdicts, say where a standing changed, and bring drifted entitlements back to the facts."""
        if assessments:
            assessing.assess(self._connection, bucket, assessments)

    def detach(self, method: CollectionMethod, now: datetime) -> None:
        """The customer removed a method; removing it twice says so once."""
        bucket = bucket_of(method.id)
        self.lock_accounts(bucket, [method.account_id])  # first, like everybody
        if self._connection.execute(_DETACH, (bucket, method.id)).fetchone() is not None:
            detached = MethodDetached(method_id=method.id)
            events.append(self._connection, bucket, [(method.account_id, detached, now)])

    def hold_method(self, method: CollectionMethod) -> HeldMethod | None:
        """Lock a method's account and read the method as it now is."""
        self.lock_accounts(bucket_of(method.id), [method.account_id])
        return methods.hold(self._connection, method.id)

    def looked(
        self,
        method: CollectionMethod,
        told: date | None,
        again_at: datetime | None,
        tellings: tuple[Sequence[Event], Sequence[Message]],
        now: datetime,
    ) -> None:
        """A held method as it was seen, of which last day its customer was `told`, and what is told of it now."""
        happened, mails = tellings
        bucket = bucket_of(method.id)
        methods.looked(self._connection, method, told, again_at, now)
        put_messages(self._connection, bucket, mails, now)
        if happened:
            events.append(self._connection, bucket, [(method.account_id, event, now) for event in happened])

    def order_methods(self, account_id: UUID, method_ids: Sequence[UUID], now: datetime) -> None:
        """The customer wants methods tried in this order."""
        bucket = bucket_of(account_id)
        self.lock_accounts(bucket, [account_id])
        self._connection.execute(_ORDER, (list(method_ids), bucket, account_id))
        events.append(
            self._connection, bucket, [(account_id, MethodsOrdered(method_ids=tuple(method_ids)), now)]
        )

    def claim_refunds(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[tuple[str, RefundRequest]]:
        """Lease refunds to be asked for, each with its provider's name."""
        return refunds.claim(self._connection, bucket, now, lease_until, limit, account)

    def hold_refunds(self, bucket: int, refund_ids: Sequence[UUID]) -> list[Returning]:
        """Lock and read refunds that have not ended, or have succeeded; others are left out."""
        return refunds.hold(self._connection, bucket, refund_ids)

    def hold_fees(self, bucket: int, provider: str, movements: Sequence[Movement]) -> list[Kept]:
        """Lock and read whose movements these are, of which the provider kept something that is not booked yet."""
        return fees.hold(self._connection, bucket, provider, movements)

    def postpone_refunds(self, bucket: int, waiting: Sequence[tuple[RefundReport, datetime]]) -> None:
        """Remember refunds that go on, and when each is looked at again."""
        refunds.postpone(self._connection, bucket, waiting)

    def _last_event(self, bucket: int) -> int:
        """The number of the bucket's last event, locked until the transaction ends."""
        if self._head is None:
            row = self._connection.execute(_HEAD, (bucket,)).fetchone()
            self._head = 0 if row is None else int(row[0])
        return self._head

    def _last_of_series(self, bucket: int, series: str) -> int:
        """The last number given, with the head and then the series locked until the transaction ends."""
        if self._head is None:
            both = self._connection.execute(_HEAD_AND_SERIES, (bucket, series)).fetchone()
            if both is not None:
                self._head = int(both[0])
                return int(both[1])
        self._last_event(bucket)
        row = self._connection.execute(_SERIES, (bucket, series)).fetchone()
        if row is None:
            self._connection.execute(_NEW_SERIES, (bucket, series))
            return 0
        return int(row[0])
