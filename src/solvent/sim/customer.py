"""Customer: somebody who buys, confirms, passes 3-D Secure, pays debts and walks away.

Owns the acts of one account's owner through the same flows that the web calls, and what that owner can see. Does not
own time (`world`) nor the bank's decisions, which follow from the card numbers used (`providers.sandbox.cards`).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.credit import CreditGrant, GrantKind, draw_order
from solvent.core.credit_bookings import Gift
from solvent.core.entitlement import Grant, active
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice, InvoiceState, Line
from solvent.core.invoice_item import InvoiceItem, ItemState
from solvent.core.manual import Entry, Particulars, line_of
from solvent.core.payment import ActionKind, AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.request import Change
from solvent.core.snapshot import Snapshot, Standing
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.flows import vault
from solvent.flows.account_credit import Given, give_credit
from solvent.flows.change import open_change, quote
from solvent.flows.collect import pay_now
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked, Conflict, confirm, read
from solvent.flows.waiting import keep_item
from solvent.providers.sandbox.cards import SUCCEEDS
from solvent.providers.sandbox.records import Movement
from solvent.store import figures
from solvent.store.figures import Happened, Try
from solvent.store.queries import Queries

if TYPE_CHECKING:
    from solvent.sim.world import World


_ELSEWHERE = frozenset({ActionKind.REDIRECT, ActionKind.NONE})
DOCUMENTS_MAX = 10_000  # of one customer in a simulated world

Answer = TypeVar("Answer")


class Refused(AssertionError):
    """The customer was told no where the caller counted on a yes; holds the refusal or conflict."""

    def __init__(self, answer: Refusal | Conflict) -> None:
        super().__init__(str(answer))
        self.answer = answer


class Customer:
    """The owner of one account. Acts return the attempt as the journal then has it."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account
        self.name = account.name
        self._keys = 0

    @property
    def _queries(self) -> Queries:
        """The reading side of the process that the world runs at the moment."""
        return Queries(self.world.database.pool)

    @property
    def id(self) -> UUID:
        """The account's id."""
        return self.account.id

    # Acts

    def quote(self, change: Change) -> Plan:
        """What a change would cost; writes nothing."""
        return _agreed(quote(self.world.platform, self.id, change, self.world.now))

    def ask(
        self,
        change: Change,
        *,
        key: str | None = None,
        provider: str | None = None,
        method: UUID | None = None,
    ) -> Attempt | Refusal | Conflict:
        """Steps 1 to 3, with whatever is answered."""
        asked = self._asked(repr(change), key, provider, method)
        return open_change(self.world.platform, asked, change, self.world.now)

    def open(
        self,
        change: Change,
        *,
        key: str | None = None,
        provider: str | None = None,
        method: UUID | None = None,
    ) -> Attempt:
        """Steps 1 to 3; raises `Refused` when the answer is no."""
        return _agreed(self.ask(change, key=key, provider=provider, method=method))

    def confirm(self, attempt: Attempt, number: str | None = None) -> Attempt:
        """Step 4: give the card number, or come back from the bank's page; also what a reload of the page does."""
        elsewhere = attempt.action is not None and attempt.action.kind in _ELSEWHERE
        method = None if number is None or elsewhere else f"tok_{number}"
        return _found(confirm(self.world.platform, attempt.id, method, self.world.now))

    def pass_challenge(self, attempt: Attempt, *, passed: bool = True) -> None:
        """Pass (or fail) 3-D Secure on the bank's page, where there is such a thing, or approve there; coming back to
        the shop is `confirm`."""
        if passed and self.approves_elsewhere:
            self.approve(attempt)
            return
        bank = self.world.banks.played[str(attempt.provider)]
        bank.complete_challenge(str(attempt.ref), passed, self.world.now)

    @property
    def approves_elsewhere(self) -> bool:
        """Whether paying is approving on the provider's page, and not a card given in ours."""
        return ActionKind.NONE in self.world.platform.providers.default.capabilities.actions

    def approve(self, attempt: Attempt, number: str = SUCCEEDS) -> None:
        """Approve the order on the redirect provider's page, paid by that card."""
        bank = self.world.banks.played[str(attempt.provider)]
        bank.approve(str(attempt.ref), self.world.now, number)

    def complete(self, attempt: Attempt, number: str | None = SUCCEEDS) -> Attempt:
        """Step 4 whatever it takes: card, 3-D Secure or approval, and back."""
        if attempt.action is not None and attempt.action.kind is ActionKind.REDIRECT:
            self.approve(attempt, number or SUCCEEDS)
            return self.confirm(attempt)
        if attempt.state is AttemptState.REQUIRES_ACTION:
            attempt = self.confirm(attempt, number)
        if attempt.state is AttemptState.REQUIRES_ACTION:
            self.pass_challenge(attempt)
            attempt = self.confirm(attempt)
        return attempt

    def buy(self, change: Change, number: str | None = SUCCEEDS, *, provider: str | None = None) -> Attempt:
        """All of a change, from the request to the commit."""
        return self.complete(self.open(change, provider=provider), number)

    def open_debt(self, *invoice_ids: UUID, key: str | None = None) -> Attempt | Refusal | Conflict:
        """Pay-now, steps 1 to 3: one on-session payment of open invoices; of all when none is named."""
        asked = self._asked(f"pay {invoice_ids}", key, None, None)
        return pay_now(self.world.platform, asked, invoice_ids, self.world.now)

    def pay_debt(self, number: str = SUCCEEDS) -> Attempt:
        """Pay the oldest open invoice now, on-session."""
        oldest = min(self.open_invoices(), key=lambda i: i.issued_at)
        return self.complete(_agreed(self.open_debt(oldest.id)), number)

    def receive_invoice(self, lines: tuple[Line, ...]) -> Attempt:
        """The merchant writes this customer an invoice, collected without the customer."""
        asked = self._asked(repr(lines), None, None, None)
        return _agreed(finalise(self.world.platform, asked, lines, self.world.now))

    def receive_item(self, amount: int, description: str = "Advice", **more: Any) -> InvoiceItem:  # noqa: ANN401 - fields of the entry
        """Something of the merchant's waits for this customer's next invoice."""
        entry = Entry(description=description, amount=amount, **more)
        line = _agreed(line_of(entry, self.account.currency, self.world.platform.convention.rounding))
        return _agreed(keep_item(self.world.platform, self.account, line, self.world.now))

    def receive_credit(self, amount: int, **terms: Any) -> CreditGrant:  # noqa: ANN401 - fields of the gift
        """The merchant gives this customer credit: goodwill that never expires, unless `terms` say otherwise."""
        plain: dict[str, Any] = {"kind": GrantKind.GOODWILL, "reason": "sorry", "granted_by": "carol"}
        key = f"gift-{self.world.platform.ids.draw(bucket_of(self.id))}"
        gift = Gift(amount=amount, **{"key": key, "input_hash": b"", **plain, **terms})
        given = give_credit(self.world.platform, self.id, gift, self.world.now)
        assert isinstance(given, Given), f"credit was refused: {given}"
        return next(grant for grant in self.credit_grants() if grant.id == given.grant_id)

    def is_invoiced_what_waits(self, lines: tuple[Line, ...] = ()) -> Attempt | Refusal | Conflict:
        """The merchant invoices all that waits for this customer's next invoice, after these lines."""
        wanted = Particulars(include_items=True)
        asked = self._asked(f"{lines} and what waits", None, None, None)
        return finalise(self.world.platform, asked, lines, self.world.now, wanted)

    def remove_method(self, method_id: UUID) -> Refusal | None:
        """Remove a collection method."""
        return vault.detach(self.world.platform, self.id, method_id, self.world.now)

    def card_becomes(self, number: str) -> None:
        """From now on the stored card behaves like that number: it expires, or runs out of money."""
        usual = self.world.platform.providers.default.name
        bank = self.world.banks.played[usual]
        for method in self.snapshot().methods:
            if method.provider == usual:
                bank.set_behaviour(method.token, number)

    # What the customer can see

    def attempt(self, attempt: Attempt) -> Attempt:
        """The attempt as it stands now."""
        return _found(read(self.world.platform, attempt.id))

    def snapshot(self) -> Snapshot:
        """All stores' opinions of the account."""
        with self.world.platform.store.begin() as tx:
            return tx.queue.snapshots(bucket_of(self.id), [self.id])[0]

    def subscriptions(self) -> tuple[Subscription, ...]:
        """The live subscriptions."""
        return self.snapshot().subscriptions

    def subscription(self) -> Subscription:
        """The one live subscription."""
        (only,) = self.subscriptions()
        return only

    def grants(self) -> tuple[Grant, ...]:
        """What may be used at this moment."""
        return active(self.snapshot().grants, self.world.now)

    def has(self, product_id: str) -> bool:
        """Whether a product may be used at this moment."""
        return any(grant.product_id == product_id for grant in self.grants())

    def credit(self) -> int:
        """The account's credit, in minor units."""
        return self.snapshot().credit

    def credit_grants(self) -> tuple[CreditGrant, ...]:
        """The grants of credit with something left, in the order in which they are drawn on."""
        return tuple(sorted(self.snapshot().credit_grants, key=draw_order))

    def standing(self) -> Standing:
        """The recorded standing; an account that was never assessed is good."""
        return self.snapshot().standing or Standing.GOOD

    def invoices(self) -> list[Invoice]:
        """All invoices, oldest first."""
        return self._queries.invoices(self.id, None, DOCUMENTS_MAX)

    def lines(self, invoice: Invoice) -> list[Line]:
        """The lines of an invoice."""
        found = self._queries.invoice(invoice.id)
        return [] if found is None else found[1]

    def open_invoices(self) -> list[Invoice]:
        """The invoices on which something is owed."""
        return [invoice for invoice in self.invoices() if invoice.state is InvoiceState.OPEN]

    def items(self, state: ItemState | None = None) -> list[InvoiceItem]:
        """What waits for the next invoice, or did; in one state, or all."""
        return self._queries.items.of_account(self.id, state, None, DOCUMENTS_MAX)

    def past_subscriptions(self) -> list[Subscription]:
        """The subscriptions that have ended."""
        every = self._queries.subscriptions(self.id, None, DOCUMENTS_MAX)
        return [s for s in every if s.state is SubscriptionState.ENDED]

    def debt(self) -> int:
        """What is owed in all, in minor units."""
        return sum(invoice.debt for invoice in self.invoices())

    def events(self, prefix: str = "") -> list[Happened]:
        """The account's events whose type begins so, in order."""
        happened = figures.events_of(self.world.database.pool, self.id)
        return [event for event in happened if event.type.startswith(prefix)]

    def attempts(self) -> list[Try]:
        """The journal of the account."""
        return figures.attempts_of(self.world.database.pool, self.id)

    def ledger(self) -> dict[tuple[str, str], int]:
        """Debits less credits by (ledger account, currency)."""
        return figures.ledger_of(self.world.database.pool, self.id)

    def charges(self) -> list[Movement]:
        """What the banks' statements say was charged to this customer."""
        rows = (row for bank in self.world.banks.played.values() for row in bank.statement())
        return [row for row in rows if row.kind == "charge" and row.customer == self.id.hex]

    def _asked(self, what: str, key: str | None, provider: str | None, method: UUID | None) -> Asked:
        if key is None:
            self._keys += 1
            key = f"key-{self._keys}"
        digest = blake2b(what.encode(), digest_size=16).digest()
        return Asked(account_id=self.id, key=key, input_hash=digest, provider=provider, method_id=method)


def _agreed(answer: Answer | Refusal | Conflict) -> Answer:
    if isinstance(answer, Refusal | Conflict):
        raise Refused(answer)
    return answer


def _found(attempt: Attempt | None) -> Attempt:
    if attempt is None:
        raise LookupError("the attempt is not in the journal")
    return attempt
