"""The bank: one simulated payment provider, outside Solvent's trust, with its own state.

Owns the lock, the clock's absence (every operation gets `now`), and what tests may look at. Does not own the rules:
`operations` (the merchant), `controls` (the payer and the staff), `acts` (money), `book` (state).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any
from uuid import UUID

from solvent.providers.sandbox import acts
from solvent.providers.sandbox.book import Book
from solvent.providers.sandbox.cards import SUCCEEDS
from solvent.providers.sandbox.controls import CONTROLS
from solvent.providers.sandbox.faults import Faults
from solvent.providers.sandbox.journal import Journal
from solvent.providers.sandbox.notifications import DEMO_KEY, Notifications
from solvent.providers.sandbox.operations import OPERATIONS
from solvent.providers.sandbox.records import CARD, Movement, Personality
from solvent.providers.sandbox.render import Answer, error

_ANY_TIME = datetime.min.replace(tzinfo=UTC)  # a change of behaviour has no time of its own


class Bank:
    """A bank of one personality: `CARD` ("sandbox") or `REDIRECT` ("sandpal"). Thread-safe.

    `secret` signs notifications; `faults` apply to them; `journal` lets the state survive a restart.
    """

    def __init__(
        self,
        personality: Personality = CARD,
        *,
        secret: str = DEMO_KEY,
        base_url: str = "https://bank.invalid",
        faults: Faults | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._lock = RLock()
        self._book = Book(personality, base_url, journal)
        self.secret = secret
        self.notifications = Notifications(self._book, secret, faults, self._lock, self._sweep)

    @property
    def personality(self) -> Personality:
        """Which of the two faces this bank has."""
        return self._book.personality

    def call(self, operation: str, payload: Mapping[str, Any], now: datetime) -> Answer:
        """A merchant's request, as it would come over the wire."""
        handler = OPERATIONS.get(operation)
        if handler is None:
            return error("no_such_operation", f"the bank does not know the operation {operation!r}")
        with self._lock:
            answer = handler(self._book, payload, now)
            self._book.flush()
        return answer

    def control(self, name: str, now: datetime, **arguments: Any) -> Answer:  # noqa: ANN401 - per control
        """An act of the payer or of the bank's staff, by the name of the function in `controls`."""
        handler = CONTROLS.get(name)
        if handler is None:
            return error("no_such_control", f"the bank does not know the control {name!r}")
        with self._lock:
            answer = handler(self._book, now, **arguments)
            self._book.flush()
        return answer

    def _sweep(self, now: datetime) -> None:
        acts.sweep(self._book, now, by_bank_time=True)

    # The payer

    def complete_challenge(self, ref: str, passed: bool, now: datetime) -> Answer:
        """The payer passes or fails 3-D Secure."""
        return self.control("complete_challenge", now, ref=ref, passed=passed)

    def approve(self, ref: str, now: datetime, number: str = SUCCEEDS) -> Answer:
        """The payer approves an order, funded by that number."""
        return self.control("approve", now, ref=ref, number=number)

    def refuse(self, ref: str, now: datetime) -> Answer:
        """The payer refuses an order."""
        return self.control("refuse", now, ref=ref)

    def revoke(self, token: str, now: datetime) -> Answer:
        """The payer ends an agreement."""
        return self.control("revoke", now, token=token)

    # The bank's staff

    def set_behaviour(self, token: str, number: str) -> None:
        """From now on a vaulted method behaves like that number; raises `LookupError` for an unknown one."""
        answer = self.control("set_behaviour", _ANY_TIME, token=token, number=number)
        if "error" in answer:
            raise LookupError(answer["error"]["message"])

    def renew_card(self, token: str, expires: str, now: datetime, *, quietly: bool = False) -> None:
        """The payer's bank says until which month (``2027-03``) a card works; raises `LookupError` for an unknown
        one."""
        answer = self.control("renew_card", now, token=token, expires=expires, quietly=quietly)
        if "error" in answer:
            raise LookupError(answer["error"]["message"])

    def set_tariff(self, ppm: int, fixed: int) -> None:
        """Keep that much of each charge from now on: a share in millionths, and a fixed amount in minor units."""
        self.control("set_tariff", _ANY_TIME, ppm=ppm, fixed=fixed)

    def set_taking(self, taking: bool) -> None:
        """Let the merchant take payments from now on, or none: each new one fails, whoever pays."""
        self.control("set_taking", _ANY_TIME, taking=taking)

    def decide(self, ref: str, succeeded: bool, now: datetime) -> Answer:
        """End a processing or held payment before its time."""
        return self.control("decide", now, ref=ref, succeeded=succeeded)

    def charge_twice(self, ref: str, now: datetime) -> Answer:
        """Make the mistake of charging a succeeded payment once more."""
        return self.control("charge_twice", now, ref=ref)

    def return_refund(self, ref: str, now: datetime) -> Answer:
        """Send back a refund that had succeeded."""
        return self.control("return_refund", now, ref=ref)

    def open_dispute(
        self,
        ref: str,
        now: datetime,
        *,
        amount: int | None = None,
        reason: str = "general",
        fee: int = 0,
        inquiry: bool = False,
    ) -> Answer:
        """The payer contests a charge, or `amount` of it; the answer's ``id`` names the dispute."""
        told = {"amount": amount, "reason": reason, "fee": fee, "inquiry": inquiry}
        return self.control("open_dispute", now, ref=ref, **told)

    def return_debit(self, ref: str, now: datetime) -> Answer:
        """Take back a debit that had been paid: a dispute that is lost as it begins."""
        return self.control("return_debit", now, ref=ref)

    def escalate_dispute(self, ref: str, now: datetime) -> Answer:
        """Make a dispute of an inquiry, or ask once more for evidence."""
        return self.control("escalate_dispute", now, ref=ref)

    def close_dispute(self, ref: str, won: bool, now: datetime) -> Answer:
        """Decide a dispute, or reverse that it was lost."""
        return self.control("close_dispute", now, ref=ref, won=won)

    def withdraw_dispute(self, ref: str, now: datetime) -> Answer:
        """The payer gives up a dispute."""
        return self.control("withdraw_dispute", now, ref=ref)

    # What a test may look at

    def statement(self) -> list[Movement]:
        """Every money movement, oldest first."""
        with self._lock:
            return list(self._book.statement)

    def next_moment(self, now: datetime) -> datetime | None:
        """When something next happens here of its own accord after `now`: a wait that ends, a late notification."""
        with self._lock:
            moments = (self._book.next_moment(), self.notifications.next_late())
            return min((at for at in moments if at is not None and at > now), default=None)

    def changed_at(self, ref: str) -> datetime | None:
        """When a payment last changed, by its merchant's clock; None for an unknown ref."""
        with self._lock:
            intent = self._book.by_ref.get(ref)
            return None if intent is None else intent.changed_at

    def return_url(self, ref: str) -> str | None:
        """Where the merchant wants the payer back; None: nowhere, or an unknown ref."""
        with self._lock:
            intent = self._book.by_ref.get(ref)
            return None if intent is None else intent.return_url

    def charged(self, key: UUID) -> list[Movement]:
        """Every charge made for one of our keys (refunds and disputes left out)."""
        with self._lock:
            intent = self._book.by_key.get(key.hex)
            return [] if intent is None else self._book.charges_of(intent)

    def charged_to(self, customer: UUID) -> list[Movement]:
        """Every charge made to one customer."""
        return [row for row in self.statement() if row.customer == customer.hex and row.kind == "charge"]

    def net(self, key: UUID) -> int:
        """What the merchant keeps of one key, in minor units: charges less refunds and disputes."""
        with self._lock:
            intent = self._book.by_key.get(key.hex)
            refs = set() if intent is None else {intent.ref}
            return sum(row.amount for row in self._book.statement if row.intent in refs)
