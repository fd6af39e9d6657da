"""Diary: what happened to a customer since the last look, as an accountant would write it down.

Owns which facts are told and their spelling: events, documents with their lines, payments, what the customer may use
and owes. Reads what the API reads. Does not own the facts, nor when it is looked (`teller`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from solvent.core.credit_note import CreditLine
from solvent.core.entitlement import active
from solvent.core.invoice import Invoice, Line, spell_number
from solvent.core.money import format_minor
from solvent.core.snapshot import Standing
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.sim import Customer
from solvent.store import exports
from solvent.store.closing import END_OF_TIME, EVERYBODY, snapshot
from solvent.store.document_pages import Wanted
from solvent.store.figures import Happened, Try
from solvent.store.money_documents import StoredCreditNote
from solvent.store.queries import Queries

WIDTH = 76
PAGE = 1000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
Spell = Callable[[Happened, "Diary"], str]


def column(indent: int, text: str, figure: str, end: int = WIDTH) -> str:
    """A line with a figure that ends at a column, two spaces or more away from the text."""
    return f"{' ' * indent}{text}".ljust(end - 2 - len(figure)) + "  " + figure


class Diary:
    """One customer's diary; `news` tells what is new since it was asked last."""

    def __init__(self, customer: Customer, zone: ZoneInfo) -> None:
        self._customer = customer
        self._zone = zone
        self._events = self._notes = self._payments = 0
        self._invoices: dict[str, Invoice] = {}
        self._tries: list[Try] = []
        self._pending: dict[UUID, str] = {}
        self._has = ""

    def news(self) -> list[str]:
        """What is new, in the order in which a reader wants it."""
        parts = (self._tried(), self._happened(), self._paid(), self._billed(), self._credited())
        told = [line for part in parts for line in part]
        return [*told, *self._scheduled(), *self._possessions()]

    def look(self) -> None:
        """Tell next time what the customer has, be it new or not."""
        self._has = ""

    def when(self, moment: object, *, time: bool = True) -> str:
        """A moment in the local time of the story."""
        instant = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
        local = instant.astimezone(self._zone)
        spelled = f"{local:%Y-%m-%d %H:%M}" if time else f"{local:%Y-%m-%d}"
        return spelled + (f":{local:%S}" if time and local.second else "")

    def money(self, minor: object) -> str:
        """An amount of the customer's currency, without its name."""
        return format_minor(int(str(minor)), self._customer.account.currency)

    def amount(self, text: str, event: Happened) -> str:
        """What happened, with the event's amount in the column of figures."""
        return column(0, text, self.money(event.data["amount"]), end=WIDTH - 4)

    @property
    def _queries(self) -> Queries:
        return Queries(self._customer.world.database.pool)

    def _tried(self) -> Iterator[str]:
        """Attempts that are on their way, or came to nothing."""
        tries = self._customer.attempts()
        for place, attempt in enumerate(tries):
            before = self._tries[place] if place < len(self._tries) else None
            if attempt.state in {"opening", "committed"} or (before and before.state == attempt.state):
                continue
            cause = f" ({attempt.cause})" if attempt.cause else ""
            yield f"    {attempt.path} of {self.money(attempt.amount)}: {attempt.state}{cause}"
        self._tries = tries

    def _happened(self) -> Iterator[str]:
        events = self._customer.events()
        for event in events[self._events :]:
            if spell := SPELLINGS.get(event.type):
                yield f"    {spell(event, self)}"
        self._events = len(events)

    def _paid(self) -> Iterator[str]:
        with snapshot(self._customer.world.database.pool) as connection:
            every = list(exports.payments(connection, BEGINNING, END_OF_TIME, EVERYBODY))
        mine = [p for p in every if p.account_id == self._customer.id]
        for payment in mine[self._payments :]:
            used = "" if payment.disposition == "applied" else f", {payment.disposition}: {payment.reason}"
            yield column(4, f"payment by {payment.provider}{used}", self.money(payment.amount))
        self._payments = len(mine)

    def _billed(self) -> Iterator[str]:
        for invoice in self._customer.invoices():
            before = self._invoices.get(invoice.number)
            if before is None:
                yield from self._document(invoice)
            elif before != invoice:
                yield f"    invoice {invoice.number} is {invoice.state}"
                yield from self._state(invoice)
            self._invoices[invoice.number] = invoice

    def _document(self, invoice: Invoice) -> Iterator[str]:
        due = f", due {self.when(invoice.due_at, time=False)}" if invoice.owed else ""
        yield f"    invoice {invoice.number} in {invoice.currency}, {invoice.state}{due}"
        for line in self._customer.lines(invoice):
            yield from self._line(line)
        if invoice.tax:
            yield column(6, "of it tax", self.money(invoice.tax))
        yield column(6, "total", self.money(invoice.total))
        if invoice.debt != invoice.total and invoice.debt:
            yield from self._state(invoice)

    def _line(self, line: Line) -> Iterator[str]:
        yield column(6, str(line.description), self.money(line.net))
        yield f"        {line.explanation}"
        for share in line.taxes:
            if share.amount:
                yield column(8, str(share.explanation), self.money(share.amount))
            else:
                yield f"        {share.explanation}"

    def _state(self, invoice: Invoice) -> Iterator[str]:
        figures = (
            ("paid", invoice.paid),
            ("charged back", invoice.charged_back),
            ("credited", invoice.credited),
            ("owed", invoice.debt),
        )
        for word, figure in figures:
            if figure:
                yield column(6, word, self.money(figure))

    def _credited(self) -> Iterator[str]:
        wanted, now = Wanted(account=self._customer.id), self._customer.world.now
        notes = self._queries.documents.credit_notes(wanted, None, PAGE, now) or []
        for note in notes[self._notes :]:
            found = self._queries.money.credit_note(note.id)
            assert found is not None, "a credit note of the list can be read"
            yield from self._credit_note(note, found[1])
        self._notes = len(notes)

    def _credit_note(self, note: StoredCreditNote, lines: list[CreditLine]) -> Iterator[str]:
        about = next(i for i in self._invoices.values() if i.id == note.invoice_id)
        number = spell_number(note.series, note.number)
        yield f"    credit note {number} for {about.number} ({note.reason})"
        for line in lines:
            yield column(6, f"line {line.position}, {line.description}", self.money(line.amount))
            if line.explanation is not None:
                yield f"        {line.explanation}"
            if line.tax:
                yield column(8, "of it tax", self.money(line.tax))
        yield column(6, "total", self.money(note.amount))
        parts = (("debt", note.to_debt), ("refund", note.to_refund), ("account credit", note.to_credit))
        for word, figure in parts:
            if figure:
                yield column(6, f"to {word}", self.money(figure))

    def _scheduled(self) -> Iterator[str]:
        pending = {s.id: self._next(s) for s in self._customer.subscriptions()}
        for identifier, said in pending.items():
            before = self._pending.get(identifier, "")
            if said != before:
                yield f"    {said or 'nothing is scheduled any more'}"
        self._pending = pending

    def _next(self, subscription: Subscription) -> str:
        pending = subscription.pending
        if pending is None:
            return ""
        at = self.when(subscription.period.end)
        if pending.cancel:
            return f"scheduled for {at}: the end"
        items = subscription.items if pending.items is None else pending.items
        held = ", ".join(f"{i.price_id} × {i.quantity} for {i.object}" for i in items)
        return f"scheduled for {at}: {held or 'nothing'}"

    def _possessions(self) -> Iterator[str]:
        has = " · ".join(self._has_now())
        if has != self._has:
            yield f"    has {has}"
        self._has = has

    def _has_now(self) -> Iterator[str]:
        """What may be used and on what ground, what is owed or kept for the customer, and how the account stands."""
        snapshot = self._customer.snapshot()
        products = self._customer.world.platform.store.catalog().products
        grounds = {s.id: self._ground(s) for s in snapshot.subscriptions}
        grants = active(snapshot.grants, self._customer.world.now)
        for grant in grants:
            count = f"{grant.quantity} × " if grant.quantity != 1 else ""
            place = "" if grant.object == "account" else f" on {grant.object.partition(':')[2]}"
            yield f"{count}{products[grant.product_id].name}{place}, {grounds[grant.subscription_id]}"
        if not grants:
            yield "nothing"
        if debt := self._customer.debt():
            yield f"owes {self.money(debt)}"
        if snapshot.credit:
            yield f"credit {self.money(snapshot.credit)}"
        yield f"standing {snapshot.standing or Standing.GOOD}"

    def _ground(self, subscription: Subscription) -> str:
        if subscription.grace_until is not None:
            return f"on grace to {self.when(subscription.grace_until)}"
        word = "on trial" if subscription.state is SubscriptionState.TRIALING else "paid"
        return f"{word} to {self.when(subscription.period.end)}"


SPELLINGS: dict[str, Spell] = {
    "subscription.started": lambda e, d: (
        f"subscription started to {d.when(e.data['period_end'])}, proof: {e.data['proof']}"
    ),
    "subscription.changed": lambda e, d: "subscription changed at once",
    "subscription.renewed": lambda e, d: (
        f"subscription renewed to {d.when(e.data['period_end'])}, proof: {e.data['proof']}"
    ),
    "subscription.ended": lambda e, d: f"subscription ended: {e.data['reason']}",
    "method.added": lambda e, d: f"on file: {e.data['label']}",
    "method.renewed": lambda e, d: f"a card is in use again until {e.data['expires_on']}",
    "method.invalidated": lambda e, d: f"a card is out of use: {e.data['cause']}",
    "account.tax_changed": lambda e, d: f"for tax from now on in {e.data['country']}",
    "coupon.redeemed": lambda e, d: f"coupon {e.data['code']} redeemed",
    "coupon.ended": lambda e, d: f"coupon {e.data['code']} is over, periods used: {e.data['used']}",
    "dispute.opened": lambda e, d: d.amount(f"dispute opened: {e.data['state']}", e),
    "dispute.updated": lambda e, d: d.amount(f"dispute goes on: {e.data['state']}", e),
    "dispute.won": lambda e, d: d.amount(f"dispute {e.data['state']}: the money is ours", e),
    "dispute.lost": lambda e, d: d.amount(f"dispute {e.data['state']}: the money is gone", e),
    "invoice.reopened": lambda e, d: f"invoice {e.data['number']} is owed again",
    "credit.taken": lambda e, d: d.amount("account credit taken", e),
    "grace.granted": lambda e, d: f"grace to {d.when(e.data['until'])} ({e.data['cause']})",
    "grace.lifted": lambda e, d: "grace lifted",
    "payment.received": lambda e, d: f"recorded: {e.data['method']}, reference {e.data['reference']}",
    "payment.stranded": lambda e, d: f"money without use: {e.data['reason']}, {e.data['disposition']}",
    "credit.granted": lambda e, d: d.amount(f"account credit granted ({e.data['reason']})", e),
    "credit.used": lambda e, d: d.amount("account credit used", e),
    "credit.expired": lambda e, d: d.amount(f"{e.data['kind']} credit expired", e),
    "credit.voided": lambda e, d: d.amount(f"{e.data['kind']} credit voided", e),
    "refund.settled": lambda e, d: d.amount(f"refund {'paid back' if e.data['succeeded'] else 'refused'}", e),
    "refund.returned": lambda e, d: d.amount(f"refund came back: {e.data['became']}", e),
    "standing.changed": lambda e, d: f"standing {e.data['before']} → {e.data['after']}",
}
