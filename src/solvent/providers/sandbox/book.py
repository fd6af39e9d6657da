"""The book: the bank's state, and the few ways in which it may be written.

Owns the intents, vault, statement, refunds and disputes, their indexes, the transition check, and what is written
through to the journal. Does not own any rule that decides (`acts`, `operations`, `controls`) and takes no lock:
`Bank` does.
"""

import heapq
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from solvent.providers.sandbox.journal import Journal
from solvent.providers.sandbox.records import (
    Dispute,
    Event,
    Intent,
    Movement,
    Personality,
    Refund,
    Status,
    Tariff,
    Vaulted,
)

BEHIND_MAX = timedelta(hours=1)  # a payment made this far before the bank's last sweep lives on a test clock
EVENTS_MAX = (
    1_000_000  # undelivered notifications kept; beyond it the oldest are lost, as a bank would lose them
)


class MoveRefused(AssertionError):
    """An intent was about to move against the transition table: a mistake in the bank itself."""


def ref_of(prefix: str, key: str) -> str:
    """The bank's own name for what a key created: stable, and not readable as the key."""
    return f"{prefix}_{blake2b((prefix + key).encode(), digest_size=12, person=b'sandbox').hexdigest()}"


class Book:
    """All state of one bank. Everything is keyed by the bank's ref; intents and refunds also by the merchant's key."""

    def __init__(self, personality: Personality, base_url: str, journal: Journal | None) -> None:
        self.personality = personality
        self.base_url = base_url
        self.by_key: dict[str, Intent] = {}
        self.by_ref: dict[str, Intent] = {}
        self.vault: dict[str, Vaulted] = {}
        self.statement: list[Movement] = []
        self.charges: dict[str, Movement] = {}
        self.refunds: dict[str, Refund] = {}
        self.refunded: dict[str, list[Refund]] = {}
        self.refund_keys: dict[str, str] = {}  # by the bank's ref
        self.tariff = Tariff()
        self.taking = True  # whether the merchant may take payments
        self.disputes: dict[str, Dispute] = {}
        self.events: deque[Event] = deque(maxlen=EVENTS_MAX)
        self._waiting: list[tuple[datetime, str]] = []
        self._behind: list[tuple[datetime, str]] = []
        self._swept = datetime.min.replace(tzinfo=UTC) + BEHIND_MAX
        self._journal = journal
        if journal is not None:
            self._load(journal)

    def _load(self, journal: Journal) -> None:
        for intent in journal.load("intent", Intent):
            self._index(intent)
        for vaulted in journal.load("vaulted", Vaulted):
            self.vault[vaulted.token] = vaulted
        for movement in journal.load("movement", Movement):
            self._post(movement)
        for refund in journal.load("refund", Refund):
            self._index_refund(refund)
        for dispute in journal.load("dispute", Dispute):
            self.disputes[dispute.ref] = dispute
        self.events.extend(journal.load("event", Event))

    def _index(self, intent: Intent) -> None:
        self.by_key[intent.key] = intent
        self.by_ref[intent.ref] = intent
        if intent.status is Status.ACTION and self.personality.redirect:
            self._await(intent.expires_at, intent.ref, intent.changed_at)
        elif intent.settles_at is not None and intent.status is Status.PROCESSING:
            self._await(intent.settles_at, intent.ref, intent.changed_at)

    def _index_refund(self, refund: Refund) -> None:
        self.refunds[refund.key] = refund
        self.refund_keys[refund.ref] = refund.key
        self.refunded.setdefault(refund.payment, []).append(refund)
        if refund.settles_at is not None:
            self._await(refund.settles_at, refund.key, refund.opened_at)

    def _await(self, until: datetime, name: str, made_at: datetime) -> None:
        """Let a sweep find it. What lives behind the bank's time ends only by its merchant's clock."""
        own_time = made_at < self._swept - BEHIND_MAX
        heapq.heappush(self._behind if own_time else self._waiting, (until, name))

    def _post(self, movement: Movement) -> None:
        self.statement.append(movement)
        if movement.kind == "charge":
            self.charges[movement.ref] = movement

    # Writing

    def _keep(self, kind: str, identifier: str, record: Any) -> None:  # noqa: ANN401 - any record type
        if self._journal is not None:
            self._journal.put(kind, identifier, record)

    def flush(self) -> None:
        """Make the changes since the last flush durable, where there is a journal."""
        if self._journal is not None:
            self._journal.commit()

    def add(self, intent: Intent) -> None:
        """Remember a new intent."""
        self._index(intent)
        self._keep("intent", intent.ref, intent)

    def save(self, intent: Intent) -> None:
        """Remember a change that is not a move."""
        self._keep("intent", intent.ref, intent)

    def move(self, intent: Intent, status: Status, now: datetime, reason: str | None = None) -> None:
        """The only way an intent changes its status; refused where the transition table does not allow it."""
        if status not in self.personality.moves[intent.status]:
            raise MoveRefused(f"{self.personality.name}: {intent.status} → {status} is not a move")
        intent.status = status
        intent.reason = reason
        intent.changed_at = now
        intent.changes += 1
        self._keep("intent", intent.ref, intent)
        self._emit(Event(intent.ref, intent.changes, "payment." + status, intent.key, now))

    def announce(self, intent: Intent, what: str, now: datetime) -> None:
        """Notify about something that is not a move."""
        intent.changes += 1
        self._keep("intent", intent.ref, intent)
        self._emit(Event(intent.ref, intent.changes, "payment." + what, intent.key, now))

    def wait(self, intent: Intent, until: datetime, now: datetime) -> None:
        """Leave an intent processing until then."""
        intent.settles_at = until
        self.move(intent, Status.PROCESSING, now)
        self._await(until, intent.ref, now)

    def post(self, movement: Movement) -> None:
        """Move money: one row of the statement."""
        self._post(movement)
        self._keep("movement", f"{len(self.statement):012d}", movement)

    def vault_in(self, vaulted: Vaulted) -> None:
        """Put a method into the vault, or change the one that is there."""
        self.vault[vaulted.token] = vaulted
        self._keep("vaulted", vaulted.token, vaulted)

    def tell_of_method(self, vaulted: Vaulted, now: datetime) -> None:
        """Notify of a method that its bank has changed."""
        self._emit(Event(vaulted.token, vaulted.changes, "method.updated", "", now))

    def add_refund(self, refund: Refund) -> None:
        """Remember a new refund."""
        self._index_refund(refund)
        self._keep("refund", refund.ref, refund)

    def refund_moved(self, refund: Refund, now: datetime) -> None:
        """Remember and announce where a refund stands."""
        refund.changes += 1
        refund.changed_at = now
        self._keep("refund", refund.ref, refund)
        self._emit(Event(refund.ref, refund.changes, "refund." + refund.status, refund.key, now))

    def dispute_moved(self, dispute: Dispute) -> None:
        """Remember and announce where a dispute stands."""
        self.disputes[dispute.ref] = dispute
        dispute.changes += 1
        self._keep("dispute", dispute.ref, dispute)
        event = Event(
            dispute.ref, dispute.changes, "dispute." + dispute.state, dispute.key, dispute.changed_at
        )
        self._emit(event)

    def _emit(self, event: Event) -> None:
        self.events.append(event)
        self._keep("event", event.id, event)

    def delivered(self, event: Event) -> None:
        """Forget a notification that was delivered or given up."""
        if self._journal is not None:
            self._journal.drop("event", event.id)

    # Reading

    def charges_of(self, intent: Intent) -> list[Movement]:
        """What was really charged for an intent: one row, or more where the bank made a mistake."""
        rows, ref = [], intent.ref
        while ref in self.charges:
            rows.append(self.charges[ref])
            ref = f"{intent.ref}_{len(rows) + 1}"
        return rows

    def next_moment(self) -> datetime | None:
        """When the first wait ends: a processing payment, an unapproved order, a pending refund."""
        return min((queue[0][0] for queue in (self._waiting, self._behind) if queue), default=None)

    def charged_again(self) -> list[Movement]:
        """The charges that the bank made by mistake, after the first for the same intent."""
        return [charge for charge in self.charges.values() if charge.ref != charge.intent]

    def ripe(self, now: datetime) -> Iterator[Intent | Refund]:
        """What may have waited long enough: processing payments, unapproved orders, pending refunds."""
        for queue in (self._waiting, self._behind):
            yield from self._popped(queue, now)

    def ripe_by_bank_time(self, now: datetime) -> Iterator[Intent | Refund]:
        """The same, when the bank itself looks: what lives on a test clock behind its time is left alone."""
        self._swept = max(self._swept, now)
        return self._popped(self._waiting, now)

    def _popped(self, queue: list[tuple[datetime, str]], now: datetime) -> Iterator[Intent | Refund]:
        while queue and queue[0][0] <= now:
            _, name = heapq.heappop(queue)
            yield self.by_ref[name] if name in self.by_ref else self.refunds[name]
