"""Life: everything that may happen to a merchant, each as one act chosen by small numbers.

Owns the acts of customers, banks, post and worker in a fragile world, and what each must keep: a quote is what is
then opened, a repeated request is the same attempt. Does not own the order of acts: a machine draws it, a regression
writes it down. A number that chooses among nothing leaves the act out.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from solvent.config import Settings
from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import StaleMoney
from solvent.core.plan import Plan, Refusal
from solvent.core.request import Change
from solvent.flows.change import quote
from solvent.flows.fleet import sweep_bucket
from solvent.flows.opening import Conflict
from solvent.flows.reconcile import sweep
from solvent.providers.sandbox import Bank, FaultPlan
from solvent.providers.sandbox.records import Intent, Status
from solvent.relay import Relay, Sink
from solvent.sim import Customer
from solvent.sim.world import BATCH_MAX
from solvent.store.outbox import Outbox, Published
from tests.simulation.crashing import Killed, Mishap
from tests.simulation.fragile import START, FragileWorld

T = TypeVar("T")

RECENT = 6  # customers come back to what they did not long ago
A_DAY = timedelta(days=1)
LEAVE, STORED = "leave", "stored"  # ways to pay, beside the number of a card

_LEASES_OVER = (
    "update relay_cursor set leased_until = '-infinity'"  # the relay's lease is on the database's clock
)


@dataclass(slots=True)
class Request:
    """What a customer asked for under a key, and the attempt that it became."""

    customer: Customer
    key: str
    change: Change
    provider: str | None
    method: UUID | None
    attempt: UUID | None = None


class Mailbox(Sink):
    """A receiver of events that keeps each once."""

    name = "mailbox"

    def __init__(self) -> None:
        self.events: dict[str, Published] = {}
        self.disorder: list[str] = []
        self.thanks = True
        self._last: dict[int, int] = {}

    def deliver(self, events: Sequence[Published]) -> None:
        """Take a batch; what came before is recognised by its id. Without thanks the relay dies of it."""
        for event in events:
            if event.id not in self.events and event.seq != self._last.get(event.bucket, 0) + 1:
                self.disorder.append(event.id)
            self._last[event.bucket] = max(event.seq, self._last.get(event.bucket, 0))
            assert event == self.events.setdefault(event.id, event), "two events under one id"
        if not self.thanks:
            raise Killed


class Life:
    """One merchant's life on a database of its own."""

    def __init__(self, url: str, stale_money: StaleMoney = StaleMoney.CREDIT) -> None:
        self.world = FragileWorld(url, settings=Settings(stale_money=stale_money))
        self.customers: list[Customer] = []
        self.requests: list[Request] = []
        self.attempts: list[tuple[Customer, Attempt]] = []
        self.mailbox = Mailbox()

    # Customers

    def customer(self, currency: str, *, zone: str = "UTC", terms_days: int = 0) -> None:
        """Somebody registers."""
        segment = Segment.CONTRACT if terms_days else Segment.STANDARD
        name = f"Customer {len(self.customers) + 1}"
        self.customers.append(
            self.world.customer(
                name, currency=currency, time_zone=zone, segment=segment, terms_days=terms_days
            )
        )

    def ask(
        self,
        customer: Customer,
        change: Change,
        *,
        provider: str | None = None,
        method: UUID | None = None,
        mishap: Mishap | None = None,
    ) -> Attempt | None:
        """Ask for a change under a new key; what is opened is what was quoted."""
        quoted = quote(self.world.platform, customer.id, change, self.world.now)
        request = Request(customer, f"request {len(self.requests)}", change, provider, method)
        self.requests.append(request)
        attempt = None
        with self.world.during(mishap):
            answer = customer.ask(change, key=request.key, provider=provider, method=method)
            attempt = self._answered(request, answer, quoted)
        return attempt  # noqa: RET504 - the block may have been left early

    def repeat(self, number: int, mishap: Mishap | None) -> None:
        """Ask once more under a key that was used: it is the same attempt, whatever happened to it."""
        request = pick(self.requests[-RECENT:], number)
        if request is None:
            return
        with self.world.during(mishap):
            answer = request.customer.ask(
                request.change, key=request.key, provider=request.provider, method=request.method
            )
            known = request.attempt
            attempt = self._answered(request, answer, None)
            assert known is None or (attempt is not None and attempt.id == known), "a key changed its attempt"

    def _answered(
        self, request: Request, answer: Attempt | Refusal | Conflict, quoted: Plan | Refusal | None
    ) -> Attempt | None:
        if not isinstance(answer, Attempt):
            how = isinstance(answer, Conflict) or answer.field in {"method_id", "provider"}
            assert how or quoted is None or quoted == answer, (quoted, answer)
            return None
        if answer.key == request.key:
            request.attempt = answer.id
        if quoted is not None:
            assert isinstance(quoted, Plan), f"refused in the quote, opened as {answer}"
            assert (answer.plan.fingerprint, answer.plan.due) == (quoted.fingerprint, quoted.due)
        self.attempts.append((request.customer, answer))
        return answer

    def stored(self, customer: Customer, way: str) -> UUID | None:
        """The stored method of a customer who wants to pay with it."""
        methods = customer.snapshot().methods if way == STORED else ()
        return next((method.id for method in methods), None)

    def pay(self, customer: Customer, attempt: Attempt | None, way: str, mishap: Mishap | None) -> None:
        """Do what the next action says: with a card number, with the stored method, or go away."""
        if attempt is None or way == LEAVE:
            return
        attempt = customer.attempt(attempt)
        card = None if way == STORED or attempt.provider == "sandpal" else way
        with self.world.during(mishap):
            if attempt.provider == "sandpal" and attempt.ref is not None and way != STORED:
                customer.approve(attempt, way)
            customer.confirm(attempt, card)

    def pay_again(self, number: int, way: str, mishap: Mishap | None) -> None:
        """Come back to an attempt that was opened at some time, whatever has become of it."""
        found = pick(self.attempts[-RECENT:], number)
        if found is not None:
            self.pay(*found, way, mishap)

    def challenge(self, number: int, *, passed: bool) -> None:
        """Somebody passes or fails 3-D Secure at the bank, and does not come back."""
        intent = pick(self.intents("sandbox", Status.ACTION), number)
        if intent is not None:
            self.bank("sandbox").complete_challenge(intent.ref, passed, self.world.now)

    def approve(self, number: int) -> None:
        """Somebody approves an order at the redirect provider, and does not come back."""
        intent = pick(self.intents("sandpal", Status.ACTION), number)
        if intent is not None:
            self.bank("sandpal").approve(intent.ref, self.world.now)

    def pay_debt(self, customer: Customer, number: int, way: str, mishap: Mishap | None) -> None:
        """Pay one open invoice now."""
        invoice = pick(customer.open_invoices(), number)
        if invoice is not None:
            with self.world.during(mishap):
                answer = customer.open_debt(invoice.id)
                if isinstance(answer, Attempt):
                    self.attempts.append((customer, answer))
                    self.pay(customer, answer, way, None)

    def invoice(self, customer: Customer, amount: int, mishap: Mishap | None) -> None:
        """The merchant writes an invoice of its own."""
        line = Line(kind=LineKind.MANUAL, description="Advice", amount=amount, explanation="as agreed")
        with self.world.during(mishap):
            customer.receive_invoice((line,))

    def detach(self, customer: Customer, number: int, mishap: Mishap | None) -> None:
        """Remove a stored method."""
        method = pick(customer.snapshot().methods, number)
        if method is not None:
            with self.world.during(mishap):
                customer.remove_method(method.id)

    # Banks

    def bank(self, name: str) -> Bank:
        """One of the two."""
        return self.world.banks.by_name[name]

    def intents(self, bank: str, *statuses: Status) -> list[Intent]:
        """The payments at a bank that stand so."""
        return [i for i in self.bank(bank)._book.by_ref.values() if i.status in statuses]

    def cards_become(self, customer: Customer, card: str) -> None:
        """From now on all the customer's stored cards behave like another."""
        for method in customer.snapshot().methods:
            if method.provider == "sandbox":
                self.bank("sandbox").set_behaviour(method.token, card)

    def token_becomes(self, number: int, card: str) -> None:
        """From now on a stored card behaves like another: it expires, it is short of money, it works again."""
        vaulted = pick(list(self.bank("sandbox")._book.vault.values()), number)
        if vaulted is not None:
            self.bank("sandbox").set_behaviour(vaulted.token, card)

    def revoke(self, number: int) -> None:
        """A customer ends an agreement at the redirect provider."""
        vaulted = pick(list(self.bank("sandpal")._book.vault.values()), number)
        if vaulted is not None:
            self.bank("sandpal").revoke(vaulted.token, self.world.now)

    def charge_twice(self, number: int) -> None:
        """The bank makes a mistake."""
        intent = pick([i for i in self.intents("sandbox", Status.SUCCEEDED) if not i.setup], number)
        if intent is not None:
            self.bank("sandbox").charge_twice(intent.ref, self.world.now)

    def decide(self, number: int, *, succeeded: bool) -> None:
        """A bank ends what is under review or processing."""
        for name in self.world.banks.by_name:
            intent = pick(self.intents(name, Status.REVIEW, Status.PROCESSING), number)
            if intent is not None:
                self.bank(name).decide(intent.ref, succeeded, self.world.now)

    def weather(self, plan: FaultPlan) -> None:
        """What goes wrong on the lines from now on."""
        for line in self.world.banks.lines.values():
            line.plan(plan)

    # Time and work

    def wait(self, duration: timedelta, mishap: Mishap | None) -> None:
        """Time passes, and the worker does what falls due. No outage and no review takes longer than a day."""
        until = self.world.now + duration
        with self.world.during(mishap):
            self.world.until(min(until, self.world.now + A_DAY))
        if duration > A_DAY:
            self.weather(FaultPlan())
            for name in self.world.banks.by_name:
                for intent in self.intents(name, Status.REVIEW):
                    self.bank(name).decide(intent.ref, True, self.world.now)
            self.world.until(until)

    def wait_for_renewal(self, customer: Customer, number: int, mishap: Mishap | None) -> None:
        """Time passes until a subscription of the customer has just become due."""
        subscription = pick(customer.subscriptions(), number)
        if subscription is not None:
            self.wait(max(subscription.period.end - self.world.now, timedelta(0)), mishap)

    def sweep(self, mishap: Mishap | None) -> None:
        """Poll the banks for everything there ever was, then look at every account."""
        with self.world.during(mishap):
            for name in self.world.banks.by_name:
                sweep(self.world.platform, name, START, self.world.now)
            for bucket in self.world.buckets:
                sweep_bucket(self.world.platform, bucket, self.world.now, BATCH_MAX)

    def relay(self, limit: int, *, dies: bool = False) -> int:
        """Hand events over to the receiver; where the relay dies, it has not noted what was taken."""
        with self.world.database.pool.connection() as connection:
            connection.execute(_LEASES_OVER)
        self.mailbox.thanks = not dies
        with suppress(Killed):
            return Relay(Outbox(self.world.database.pool), self.mailbox, limit).run_once()
        return 0


def pick(among: Sequence[T], number: int) -> T | None:
    """One of them, chosen by a number; None when there is nothing to choose."""
    return among[number % len(among)] if among else None
