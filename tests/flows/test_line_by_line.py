"""Quote, checkout and the next invoice ahead are the committed documents line by line, by every convention: with
stacked coupons, taxes inside and on top whose rates turn, proration, quantities, corrected usage, and credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.cart import Cart
from solvent.core.coupon import Duration
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.money import Rounding
from solvent.core.phrase import listed
from solvent.core.proration import ChangeDay, Convention, Denominator, Granularity, TaxRounding
from solvent.core.request import (
    CancelNow,
    Change,
    ChangeInterval,
    NewItem,
    Redeem,
    SetQuantity,
    Start,
    SwitchPrice,
)
from solvent.core.way import WayKind
from solvent.flows.upcoming import upcoming_invoice
from solvent.sim import Customer
from solvent.sim.customer import Refused
from solvent.store import catalog_file, offers, tax_declaration, tax_file
from solvent.store.database import Database
from tests.drawing import examples
from tests.flows.coupons import numbers, put_on_offer
from tests.flows.test_checkout import Shopper
from tests.flows.test_planned_is_invoiced import DECLARED, EXAMPLES, drawn_on, gifts
from tests.flows.test_quoted_is_written import notes_of
from tests.flows.test_usage import event, use
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

STORIES = Path(__file__).parents[1] / "scenarios" / "stories"
# Known before, and inside the first period of whoever buys when these lives begin.
TURN = b"""
rates:
  - {id: de-turn, country: DE, name: VAT, rate: "21.3", valid_from: 2027-02-11}
registrations: []
"""
WHO: dict[str, dict[str, Any]] = {
    "dollars, no tax": {},
    "euros, a rate that turns": {"currency": "EUR", "country": "DE", "entity": "solvent-eu"},
    "yen, tax inside": {"currency": "JPY", "country": "JP", "entity": "solvent-eu"},
    "dinars, three decimals": {"currency": "KWD", "country": "KW", "entity": "solvent-eu"},
}
CONVENTIONS = [
    Convention(granularity=g, change_day=c, denominator=d, rounding=r, tax_rounding=t)
    for g, c, d, r, t in product(Granularity, ChangeDay, Denominator, Rounding, TaxRounding)
]
DEEDS = ("seats", "business", "year", "redeem", "usage", "correct", "cart", "cancel", "next")
Step = tuple[str, int, int]


@dataclass(frozen=True)
class Life:
    """What somebody does: `coupons` are (ppm, or None and an amount; products), `steps` (deed, seconds after the one
    before, how much)."""

    who: str
    seats: int
    coupons: Sequence[tuple[int | None, int, tuple[str, ...]]]
    gifts: Sequence[tuple[int, int, tuple[str, ...]]]
    steps: Sequence[Step]


WEEK = 7 * 86_400 + 4_321
RICH = [
    Life(
        who=who,
        seats=7,
        coupons=[(175_000, 0, ()), (None, 333, ("seats",)), (90_000, 0, ("zone-pro", "zone-business"))],
        gifts=[(777, 5, ("zone-pro",))],
        steps=[
            ("usage", 3_600, 0),
            ("business", WEEK, 1),
            ("seats", 1_234, 11),
            ("correct", 60, 40_000_000),
            ("cart", 86_400, 3),
            ("seats", WEEK, 4),
            ("next", 0, 0),
            ("year", WEEK, 1),
            ("redeem", 999, 1),
            ("cancel", WEEK, 1),
        ],
    )
    for who in WHO
]

lives = st.builds(
    Life,
    who=st.sampled_from(sorted(WHO)),
    seats=st.integers(1, 1000),
    coupons=st.lists(
        st.tuples(
            st.none() | st.integers(1, 1_000_000),
            st.integers(1, 5_000),
            st.sampled_from([(), ("seats",), ("zone-pro",)]),
        ),
        max_size=3,
    ),
    gifts=gifts,
    steps=st.lists(
        st.tuples(st.sampled_from(DEEDS), st.integers(0, 12 * 86_400), st.integers(1, 900)),
        min_size=2,
        max_size=6,
    ),
)


@pytest.fixture(scope="module")
def flows_url(databases: Databases) -> Iterator[str]:
    """The address of a database with goods on sale, of which some contain their tax, and taxes that turn."""
    with databases.one() as url, Database(url) as database:
        told = catalog_file.parse((STORIES / "goods.yaml").read_text())
        offers.apply(
            database,
            entities=told.entities,
            products=told.products,
            prices=told.prices,
            meters=told.meters,
            now=DECLARED,
        )
        rules = [(EXAMPLES / f"tax-{name}.yaml").read_bytes() for name in ("rates", "registrations")]
        for rule in (*rules, (STORIES / "taxes.yaml").read_bytes(), TURN):
            declared = tax_file.parse(rule)
            tax_declaration.apply(
                database, rates=declared.rates, registrations=declared.registrations, now=DECLARED
            )
        yield url


def bare(lines: Sequence[Line]) -> list[Line]:
    """Lines as they are printed: items that a quote would make have other ids."""
    return [replace(line, item_id=None, tax_category=None) for line in lines]


def issued(customer: Customer, before: int) -> list[Invoice]:
    return list(customer.invoices()[before:])


class Living:
    """One life, each document of which is held to what was told before it."""

    def __init__(self, world: FragileWorld, life: Life) -> None:
        self.world, self.life = world, life
        self.customer = world.customer(f"Lin {next(numbers)}", **WHO[life.who])
        self.currency = self.customer.account.currency
        self.documents = 0
        for amount, priority, excludes in life.gifts:
            self.customer.receive_credit(amount, priority=priority, excludes=excludes)
        self.codes = [self.offered(*terms) for terms in life.coupons]

    def offered(self, ppm: int | None, amount: int, products: tuple[str, ...]) -> str:
        terms: dict[str, Any] = {
            "products": products,
            "duration": Duration.FOREVER,
            "limit_per_account": None,
        }
        terms |= {"ppm": ppm} if ppm is not None else {"amount": amount, "currency": self.currency}
        return put_on_offer(self.world, terms)

    def sold(self, name: str, period: str = "month") -> str:
        gross = (
            self.currency == "JPY" and name.startswith("zone") and (name, period) != ("zone-business", "year")
        )
        return price(f"{name}-gross" if gross else name, self.currency, period)

    def run(self) -> None:
        zone = NewItem(price_id=self.sold("zone-pro"), object=f"zone:{next(numbers)}.example")
        seats = NewItem(price_id=price("seats", self.currency), quantity=self.life.seats)
        usage = NewItem(price_id=price("requests", self.currency))
        start = Start(items=(zone, seats, usage), coupons=tuple(self.codes[:2]))
        if not self.written(start):
            assert self.written(replace(start, coupons=())), "without coupons it can be had"
        for deed, seconds, much in self.life.steps:
            self.world.wait(seconds=seconds)
            self.step(deed, much)

    def step(self, deed: str, much: int) -> None:
        match deed:
            case "cart":
                self.cart(much)
            case "next":
                self.next()
            case "usage":
                use(self.customer, event(self.customer, 410_000_000, id=f"{self.customer.id}"))
                self.world.wait(minutes=2)
            case "correct":
                use(self.customer, event(self.customer, much, corrects=f"{self.customer.id}"))
            case _:
                change = self.change(deed, much)
                if change is not None:
                    self.written(change)

    def change(self, deed: str, much: int) -> Change | None:
        if not self.customer.subscriptions():
            return None
        held = self.customer.subscriptions()[0]
        by_product = {item.price_id.split("-")[0]: item for item in held.items}
        if deed == "cancel":
            return CancelNow(subscription_id=held.id, credit=True)
        if deed == "redeem" and self.codes:
            return Redeem(subscription_id=held.id, coupons=(self.codes[-1],))
        if deed == "seats" and "seats" in by_product:
            return SetQuantity(
                subscription_id=held.id, item_id=by_product["seats"].id, quantity=min(much, 1000)
            )
        if deed == "business" and "zone" in by_product:
            item = by_product["zone"]
            return SwitchPrice(subscription_id=held.id, item_id=item.id, price_id=self.sold("zone-business"))
        if deed == "year" and set(by_product) >= {"zone", "seats"} and "requests" not in by_product:
            prices = ((by_product["zone"].id, self.sold("zone-pro", "year")),)
            return ChangeInterval(subscription_id=held.id, prices=prices)
        return None

    def written(self, change: Change) -> bool:
        """Whether it could be had; then what was written is what was quoted, line by line."""
        customer = self.customer
        before, notes = len(customer.invoices()), len(notes_of(customer, 0))
        had, drawn = customer.credit(), drawn_on(customer)
        try:
            seen = customer.quote(change)
            customer.buy(change)
        except Refused:
            return False
        invoices = issued(customer, before)
        assert [bare(customer.lines(i)) for i in invoices] == ([bare(seen.invoiced)] if seen.invoiced else [])
        assert [i.total for i in invoices] == [sum(x.gross for x in seen.invoiced) for _ in invoices]
        assert [i.tax for i in invoices] == [sum(x.tax for x in seen.invoiced) for _ in invoices]
        assert sorted(notes_of(customer, notes)) == sorted(
            (x.invoice_id, x.amount, x.to_debt, sum(part.tax for part in x.parts)) for x in seen.credit_notes
        )
        assert drawn_on(customer) - drawn == Counter({(x.grant_id, x.line): x.amount for x in seen.draws})
        assert customer.credit() == had + seen.credit_granted - seen.credit_used
        self.documents += len(invoices) + len(seen.credit_notes)
        return True

    def cart(self, much: int) -> None:
        """A cart of a zone and something once, with a coupon: what the checkout shows is what is invoiced."""
        shopper = Shopper(self.world, self.customer)
        told = (
            (self.sold("zone-pro"), f"zone:{next(numbers)}.example", 1),
            (price("onboarding", self.currency, None), "account", 1),
        )
        kept = shopper.kept(*told, codes=tuple(self.codes[:1]), key=f"cart {next(numbers)}")
        fits = isinstance(kept, Cart) and shopper.shown(kept).problem is None  # else the coupon does not
        cart = kept if fits and isinstance(kept, Cart) else shopper.cart(*told, key=f"cart {next(numbers)}")
        seen, before = shopper.shown(cart).told, len(self.customer.invoices())
        shopper.pay(cart, WayKind.CARD if seen.due_now else WayKind.NONE, key=f"pay {next(numbers)}")
        if seen.due_now:
            shopper.confirm(cart)
        (invoice,) = issued(self.customer, before)
        lines = self.customer.lines(invoice)
        charges = [line for line in lines if line.kind is not LineKind.DISCOUNT]
        # What a turning rate makes several lines of is one of the cart.
        parts = [list(same) for _, same in groupby(charges, key=lambda line: (line.price_id, line.object))]
        assert [(x.amount, x.explanation) for x in seen.lines] == [
            (sum(x.amount for x in same), listed(*(x.explanation for x in same))) for same in parts
        ]
        off = [line.amount for line in lines if line.kind is LineKind.DISCOUNT]
        assert sum(x.amount for x in seen.discounts) == -sum(off) == seen.discount
        taxes: Counter[str] = Counter()
        for line in lines:
            taxes.update({str(share.name): share.amount for share in line.taxes if share.name})
        assert sum(x.amount for x in seen.taxes) == sum(taxes.values()) == seen.tax == invoice.tax
        assert (seen.total, seen.due_now) == (invoice.total, invoice.total - seen.credit_used)
        self.documents += 1

    def next(self) -> None:
        """The next invoice ahead is that invoice, with the credit notes that go first."""
        customer, world = self.customer, self.world
        ahead = upcoming_invoice(world.platform, customer.id, world.now)
        if ahead is None:
            return
        before, notes, drawn = len(customer.invoices()), len(notes_of(customer, 0)), drawn_on(customer)
        world.until(ahead.at)
        invoice = issued(customer, before)[0]
        assert bare(customer.lines(invoice)) == bare(ahead.plan.lines)
        assert (invoice.total, invoice.tax) == (ahead.plan.total, ahead.plan.tax)
        told = [note[:3] for note in notes_of(customer, notes)]
        assert sorted(told) == sorted((x.invoice_id, x.amount, x.to_debt) for x in ahead.credit_notes)
        assert sum((drawn_on(customer) - drawn).values()) == ahead.plan.credit_used
        self.documents += 1 + len(told)


def lived(world: FragileWorld, convention: Convention, life: Life) -> Living:
    world.platform = replace(world.platform, convention=convention)
    living = Living(world, life)
    living.run()
    world.work()
    return living


@pytest.mark.parametrize(
    "n", range(len(CONVENTIONS)), ids=lambda n: "-".join(map(str, vars_of(CONVENTIONS[n])))
)
def test_by_every_convention(world: FragileWorld, n: int) -> None:
    assert lived(world, CONVENTIONS[n], RICH[n % len(RICH)]).documents > 6


def vars_of(convention: Convention) -> tuple[str, ...]:
    c = convention
    return (c.granularity, c.change_day, c.denominator, c.rounding, c.tax_rounding)


@settings(
    max_examples=examples(16),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(life=lives, convention=st.sampled_from(CONVENTIONS))
def test_whatever_is_drawn(world: FragileWorld, life: Life, convention: Convention) -> None:
    assert lived(world, convention, life).documents > 0
