"""What was charged less what went back is what the time that was had is worth, whatever was bought and changed: in the
books at once and for ever, and of no line is time credited twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvent.core.cart_plan import plan_cart
from solvent.core.change import (
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    NewItem,
    SetQuantity,
    Start,
    SwitchPrice,
    Uncancel,
    plan_change,
)
from solvent.core.credit_line import CreditLine
from solvent.core.giving_back import unused_of_one
from solvent.core.invoice import InvoiceState
from solvent.core.plan import Plan
from solvent.core.proration import Convention, Granularity, TaxRounding
from solvent.core.recognition import Deferral, Spread, recognised
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.core.unused_time import Unused
from tests.core.coupons import forever, on_offer
from tests.core.places import GERMAN, rate, rules
from tests.core.test_cart_plan import cart_of
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

TURN = datetime(2026, 2, 1, tzinfo=UTC)
TAXES = rules(rate("DE", 19), rate("DE", 21, since=TURN.date()))
SUFFIX = {"USD": "", "JPY": "-jpy", "KWD": "-kwd"}
COUPONS: dict[str, Any] = {"none": (), "percent": forever("C", ppm=200_000), "fixed": 700}

Noted = list[tuple[UUID, CreditLine, datetime]]


class Life:
    """A shop that is written to, with what its subscriptions' time was worth until now, and all credit notes' parts."""

    def __init__(self, shop: Shop, off: str) -> None:
        self.shop, self.worth, self.tax, self.parts = shop, Fraction(0), Fraction(0), Noted()
        self.names = 0
        self.off = COUPONS[off]
        if off == "fixed":
            self.off = forever("C", amount=self.off, currency=shop.account.currency)
        if self.off:
            on_offer(shop, self.off)

    @property
    def live(self) -> list[Subscription]:
        return [s for s in self.shop.subscriptions.values() if s.state is SubscriptionState.ACTIVE]

    def price(self, name: str) -> str:
        return name + SUFFIX[self.shop.account.currency]

    def buy(self, name: str) -> None:
        """A zone of its own; the first with the coupon."""
        codes = ("C",) if self.off and not self.names else ()
        self.names += 1
        item = NewItem(price_id=self.price(name), object=f"zone:{self.names}")
        self.ask(Start(items=(item,), coupons=codes))

    def ask(self, change: Change) -> None:
        plan = plan_change(change, self.shop.context)
        if isinstance(plan, Plan):
            self.write(plan)

    def write(self, plan: Plan) -> None:
        """What is invoiced less what is credited is what the plan comes to."""
        given = sum(note.amount for note in plan.credit_notes)
        came = sum(line.gross for line in plan.invoiced)
        assert came - given == (plan.total if plan.total < 0 else plan.total - given)
        self.shop.write(plan)
        self.shop.subscriptions |= {x.id: x for x in plan.also}
        self.parts += [(n.invoice_id, part, self.shop.now) for n in plan.credit_notes for part in n.parts]

    def until(self, moment: datetime) -> None:
        """Time passes; what falls due is renewed, or ends."""
        while due := [s for s in self.live if s.period.end <= moment]:
            first_due = min(due, key=lambda s: s.period.end)
            self.accrue(first_due.period.end)
            plan = self.shop.due(first_due)
            assert plan is not None
            self.write(plan)
        self.accrue(moment)

    def accrue(self, moment: datetime) -> None:
        for held in self.live:
            for start, end, tax in stretches(self.shop, max(self.shop.now, held.period.start), moment):
                worth = self.fee(held) * span(start, end) / span(held.period.start, held.period.end)
                self.worth, self.tax = self.worth + worth * (1 + tax), self.tax + worth * tax
        self.shop.now = moment

    def fee(self, held: Subscription) -> Fraction:
        """What a period costs, less what the coupon takes off."""
        (item,) = held.items
        full = Fraction(self.shop.catalog.price(item.price_id).unit_amount * item.quantity)
        if not held.coupons:
            return full
        return full * (1 - Fraction(self.off.ppm, 10**6)) if self.off.ppm else max(full - self.off.amount, 0)

    def lines(self) -> Iterator[tuple[UUID, int, Any]]:
        for charged in self.shop.charged.values():
            for n, line in enumerate(charged.lines, start=1):
                yield charged.invoice.id, n, line

    def taken(self, invoice_id: UUID, position: int) -> list[tuple[CreditLine, datetime]]:
        return [(p, at) for i, p, at in self.parts if (i, p.position) == (invoice_id, position)]

    def revenue(self, at: datetime) -> int:
        """What the books show as earned before `at`."""
        earned = 0
        for invoice_id, n, line in self.lines():
            after = [Spread(amount=line.net, period=line.period)]
            booked = self.shop.charged[invoice_id].invoice.issued_at
            told: dict[str, Any] = {"booked_at": booked, "time_zone": "UTC"}
            earned += recognised(
                Deferral(amount=line.net, period=line.period, **told), at, Granularity.SECOND
            )
            for part, noted in self.taken(invoice_id, n):
                assert part.period is not None
                told = {"booked_at": noted, "time_zone": "UTC", "after": tuple(after)}
                deferral = Deferral(amount=-part.net, period=part.period, **told)
                earned += recognised(deferral, at, Granularity.SECOND)
                after.append(Spread(amount=-part.net, period=part.period))
        return earned

    def check_given_up(self) -> None:
        """Had nothing been paid, and all invoices were given up now: what is owed is what was had until now."""
        owed = [replace(x.invoice, state=InvoiceState.OPEN, paid=0) for x in self.shop.charged.values()]
        charged = [replace(x, invoice=v) for x, v in zip(self.shop.charged.values(), owed, strict=True)]
        bases = list(self.shop.subscriptions.values())
        unused = Unused(charged=charged, bases=bases, at=self.shop.now, convention=self.shop.convention)
        notes = [sum(part.amount for part in unused_of_one(x, unused)) for x in charged]
        assert all(note <= x.invoice.debt for note, x in zip(notes, charged, strict=True))
        rounded = (len(list(self.lines())) + len(self.parts)) / 2 + 1
        assert abs(sum(v.debt for v in owed) - sum(notes) - self.worth) <= rounded

    def check(self) -> None:
        """The worth is a cent a line from what the documents say; of no line is time credited twice (the law)."""
        lines = list(self.lines())
        said = sum(line.gross for *_, line in lines) - sum(part.amount for _, part, _ in self.parts)
        taxed = sum(line.tax for *_, line in lines) - sum(part.tax for _, part, _ in self.parts)
        rounded = (len(lines) + len(self.parts)) / 2 + 1
        assert abs(said - self.worth) <= rounded
        assert abs(taxed - self.tax) <= rounded, (taxed, float(self.tax))
        for days in (0, 9, 400):
            earned = self.revenue(self.shop.now + timedelta(days=days, seconds=1))
            assert abs(earned - (said - taxed)) <= rounded
        for invoice_id, n, line in lines:
            own = [p for p, _ in self.taken(invoice_id, n) if p.period and p.period.end == line.period.end]
            if own:
                since = min(p.period.start for p in own if p.period is not None)
                share = span(since, line.period.end) / span(line.period.start, line.period.end)
                most = ceil(abs(line.gross) * share) + len(own)
                assert sum(p.amount for p in own) * (1 if line.gross > 0 else -1) <= most


def span(start: datetime, end: datetime) -> Fraction:
    """Seconds."""
    return Fraction((end - start) // timedelta(microseconds=1), 10**6)


def stretches(shop: Shop, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Fraction]]:
    """The time between with the tax that it bears."""
    if start < end and shop.account.country != "DE":
        yield start, end, Fraction(0)
    elif start < end:
        if start < TURN:
            yield start, min(end, TURN), Fraction(19, 100)
        if end > TURN:
            yield max(start, TURN), end, Fraction(21, 100)


def act(life: Life, deed: str, which: int) -> None:
    if not life.live or (deed in ("pro", "business") and which == 0):
        life.buy(deed if deed in ("pro", "business") else "pro")
        return
    held = life.live[which % len(life.live)]
    (item,) = held.items
    asked: dict[str, Any] = {"subscription_id": held.id}
    changes: dict[str, Any] = {
        "more": lambda: SetQuantity(**asked, item_id=item.id, quantity=item.quantity + 1),
        "less": lambda: SetQuantity(**asked, item_id=item.id, quantity=max(item.quantity - 1, 1)),
        "cancel": lambda: CancelNow(**asked, credit=True),
        "leave": lambda: CancelAtPeriodEnd(**asked),
        "stay": lambda: Uncancel(**asked),
    }
    if deed in changes:
        life.ask(changes[deed]())
    elif deed in ("pro", "business"):
        life.ask(SwitchPrice(**asked, item_id=item.id, price_id=life.price(deed)))
    elif life.shop.account.currency == "USD" and deed == "cart":
        life.names += 1
        what = [f"pro-quarter@{held.items[0].object}", f"business@zone:{life.names}"]
        plan = plan_cart(cart_of(*what), life.shop.context)
        if isinstance(plan, Plan):
            life.write(plan)
    elif life.shop.account.currency == "USD":
        life.ask(ChangeInterval(**asked, prices=((item.id, deed),)))


CHANGES = ["more", "less", "pro", "business", "cancel", "leave", "stay"]
LONGER = ["pro-quarter", "pro-year", "business-year", "cart"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(CHANGES + LONGER),
        st.one_of(st.sampled_from([0, 1, 3_600]), st.integers(0, 20 * 86_400)),
        st.integers(0, 2),
    ),
    max_size=8,
)


@settings(max_examples=examples(400), deadline=None)
@given(
    steps=STEPS,
    taxed=st.booleans(),
    once=st.booleans(),
    currency=st.sampled_from(["USD", "USD", "JPY", "KWD"]),
    off=st.sampled_from(list(COUPONS)),
    between=st.integers(0, 9 * 86_400),
)
@example([("business", 0, 0), ("more", 18 * 10**5, 1)], False, False, "KWD", "none", 57_600)
@example(
    [("pro", 7, 0), ("business-year", 1, 1), ("more", 1, 1), ("more", 8 * 10**5, 1)],
    True,
    False,
    "USD",
    "fixed",
    6 * 10**5,
)
def test_what_was_charged_less_what_went_back_is_what_was_had(
    shops: type[Shop],
    steps: list[tuple[str, int, int]],
    taxed: bool,
    once: bool,
    currency: str,
    off: str,
    between: int,
) -> None:
    convention = Convention(tax_rounding=TaxRounding.INVOICE if once else TaxRounding.LINE)
    told: dict[str, Any] = {"taxes": TAXES, "buyer": GERMAN} if taxed else {}
    life = Life(shops(convention=convention, currency=currency, **told).at(2026, 1, 9), off)
    for deed, seconds, which in steps:
        life.until(life.shop.now + timedelta(seconds=seconds))
        act(life, deed, which)
    life.until(life.shop.now + timedelta(seconds=between))
    life.check_given_up()
    for held in life.live:
        life.until(life.shop.now + timedelta(seconds=between))
        life.ask(CancelNow(subscription_id=held.id, credit=True))
    if not life.live:
        life.check()
