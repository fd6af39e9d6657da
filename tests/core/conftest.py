"""A shop for planning tests: one account, a small catalog, and a clock that a test sets.

Owns how a test commits a plan (the subscription becomes `after`, credit moves). Owns no expectation.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from solvent.core.account import Account, Segment
from solvent.core.catalog import Catalog, Price, Product, Scheme, Tier
from solvent.core.change import Change, Context, NewItem, Start, plan_change
from solvent.core.charged import Charged, Given
from solvent.core.credit import CreditGrant, after_draws, balance
from solvent.core.credit_line import Parts
from solvent.core.invoice import Invoice, InvoiceState, Line, lower
from solvent.core.period import Interval, Unit
from solvent.core.plan import Plan, Refusal
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.renewal import plan_renewal
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.core.tax import Buyer, Rules, TaxBehavior
from tests.core.funds import grants

MONTH, QUARTER, YEAR = (Interval(unit=unit) for unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR))
ONCE = None

PRODUCTS = [
    Product(id="free", name="Free", family="zone", features={}, object_kind="zone"),
    Product(id="pro", name="Pro", family="zone", features={}, object_kind="zone"),
    Product(id="business", name="Business", family="zone", features={}, object_kind="zone"),
    Product(id="book", name="Handbook", family="zone", features={}, object_kind="zone", tax_category="book"),
    Product(id="seats", name="Seats", family="seats", features={}, quantity_max=50),
    Product(id="team", name="Team seats", family="seats", features={}, quantity_max=10),
    Product(id="calls", name="Calls", family="calls", features={}),
    Product(id="media", name="Media", family="media", features={}),
    Product(id="media-plus", name="Media Plus", family="media", features={}),
    Product(id="support", name="Support", family="support", features={}),
    Product(id="setup", name="Setup", family="setup", features={}),
    Product(id="certificate", name="Certificate", family="certificate", features={}, object_kind="zone"),
]


def _price(name: str, amount: int, interval: Interval | None = MONTH, currency: str = "USD") -> Price:
    """Per unit; the id begins with the product's."""
    return Price(
        id=name,
        product_id=max((p.id for p in PRODUCTS if name.startswith(p.id)), key=len),
        version=1,
        currency=currency,
        interval=interval,
        scheme=Scheme.PER_UNIT,
        unit_amount=amount,
    )


PRICES = [
    _price("free", 0),
    _price("pro", 2000),
    replace(_price("pro-old", 1500), active=False),
    _price("pro-quarter", 5400, QUARTER),
    _price("pro-year", 20000, YEAR),
    _price("business", 20000),
    _price("business-alike", 2000),
    replace(_price("business-gross", 20000), tax_behavior=TaxBehavior.INCLUSIVE),
    replace(_price("pro-gross", 2380), tax_behavior=TaxBehavior.INCLUSIVE),
    replace(_price("seats-gross", 595), tax_behavior=TaxBehavior.INCLUSIVE),
    replace(_price("pro-jpy-gross", 3300, currency="JPY"), tax_behavior=TaxBehavior.INCLUSIVE),
    _price("book", 1000),
    _price("book-alike", 2000),
    _price("business-year", 200000, YEAR),
    _price("business-12-months", 200000, Interval(unit=Unit.MONTH, count=12)),
    _price("pro-eur", 1900, currency="EUR"),
    _price("pro-jpy", 3000, currency="JPY"),
    _price("business-jpy", 29800, currency="JPY"),
    _price("pro-kwd", 6125, currency="KWD"),
    _price("business-kwd", 61250, currency="KWD"),
    _price("seats", 500),
    _price("seats-year", 5000, YEAR),
    _price("team", 300),
    replace(
        _price("calls", 0),
        scheme=Scheme.VOLUME,
        tiers=(Tier(up_to=10, unit_amount=100), Tier(up_to=None, unit_amount=50)),
    ),
    replace(_price("media", 1000), trial_days=14),
    replace(_price("media-plus", 3000), trial_days=14),
    replace(_price("media-year", 10000, YEAR), trial_days=14),
    replace(_price("support", 900), trial_days=7),
    replace(_price("support-year", 9000, YEAR), trial_days=7),
    _price("setup", 5000, ONCE),
    _price("certificate", 1000, ONCE),
]
CATALOG = Catalog.checked(PRODUCTS, PRICES)
ACCOUNT_ID = UUID(int=0xACC)


class Shop:
    """One account's life: `at` sets the clock, `commit` plans a change and writes it, `renew` runs the clock once."""

    def __init__(
        self,
        *,
        currency: str = "USD",
        time_zone: str = "UTC",
        terms_days: int = 0,
        credit: int = 0,
        overdue: bool = False,
        convention: Convention | None = None,
        policy: Policy | None = None,
        taxes: Rules | None = None,
        buyer: Buyer | None = None,
    ) -> None:
        buyer = buyer or Buyer(country="US")
        self.account = Account(
            id=ACCOUNT_ID,
            segment=Segment.CONTRACT if terms_days else Segment.STANDARD,
            currency=currency,
            country=buyer.country,
            region=buyer.region,
            tax_id=buyer.tax_id,
            tax_exempt=buyer.exempt,
            time_zone=time_zone,
            email="owner@example.com",
            name="Example",
            entity="solvent-inc",
            terms_days=terms_days,
        )
        self.credit_grants: tuple[CreditGrant, ...] = grants(credit, currency)
        self.overdue = overdue
        self.convention = convention or Convention()
        self.policy = policy or Policy()
        self.catalog = replace(CATALOG, taxes=taxes or Rules())
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.subscriptions: dict[UUID, Subscription] = {}
        self.charged: dict[UUID, Charged] = {}
        self.ids: Iterator[int] = itertools.count(1)

    def at(self, *moment: int) -> "Shop":
        """Set the clock: year, month, day, and time if it matters, in UTC."""
        self.now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc, arg-type]
        return self

    @property
    def credit(self) -> int:
        return balance(self.credit_grants)

    @credit.setter
    def credit(self, amount: int) -> None:
        self.credit_grants = grants(amount, self.account.currency)

    @property
    def context(self) -> Context:
        return Context(
            account=self.account,
            subscriptions=tuple(self.subscriptions.values()),
            credit_grants=self.credit_grants,
            overdue=self.overdue,
            catalog=self.catalog,
            convention=self.convention,
            policy=self.policy,
            now=self.now,
            draw=lambda: UUID(int=next(self.ids)),
            charged=tuple(self.charged.values()),
        )

    def plan(self, change: Change) -> Plan:
        plan = plan_change(change, self.context)
        assert isinstance(plan, Plan), plan
        return plan

    def refusal(self, change: Change) -> tuple[str, str]:
        refusal = plan_change(change, self.context)
        assert isinstance(refusal, Refusal), refusal
        return refusal.field, refusal.rule

    def issue(self, lines: Sequence[Line], **other: object) -> Charged:
        """An invoice that was issued and paid."""
        total = sum(line.gross for line in lines)
        invoice = Invoice(
            id=UUID(int=next(self.ids)),
            account_id=self.account.id,
            subscription_id=None,
            number=f"SOL-7F-{len(self.charged) + 1:06}",
            state=InvoiceState.PAID,
            currency=self.account.currency,
            total=total,
            paid=total,
            issued_at=self.now,
            due_at=self.now,
            version=1,
        )
        charged = Charged(invoice=replace(invoice, **other), lines=tuple(lines), credited={})  # type: ignore[arg-type]
        self.charged[invoice.id] = charged
        return charged

    def credit_note(self, invoice_id: UUID, parts: Parts, *, unused: bool = False) -> None:
        """A credit note of an invoice, whose money becomes credit as far as it is not owed."""
        before = self.charged[invoice_id]
        amount, debt = sum(part.amount for part in parts), before.invoice.debt
        credited, ahead = dict(before.credited), dict(before.ahead)
        for part in parts:
            credited[part.position] = credited.get(part.position, 0) + part.amount
            if part.period is not None:
                given = Given(amount=part.amount, period=part.period, unused=unused)
                ahead[part.position] = (*ahead.get(part.position, ()), given)
        invoice = before.invoice
        if amount:
            invoice = lower(invoice, credited=amount, paid=min(amount, debt) - amount)
        self.charged[invoice_id] = replace(before, invoice=invoice, credited=credited, ahead=ahead)

    def write(self, plan: Plan) -> Plan:
        if plan.invoiced:
            self.issue(plan.invoiced)
        for note in plan.credit_notes:
            self.credit_note(note.invoice_id, note.parts, unused=True)
        self.credit_grants = after_draws(self.credit_grants, plan.draws)
        if plan.credit_granted:
            self.credit += plan.credit_granted
        if plan.after is not None:
            self.subscriptions[plan.after.id] = plan.after
        return plan

    def commit(self, change: Change) -> Plan:
        return self.write(self.plan(change))

    def start(self, *items: tuple[str, int, str] | str) -> Plan:
        """Start a subscription of (price, quantity, object), or of prices on the account itself."""
        asked = [x if isinstance(x, tuple) else (x, 1, "account") for x in items]
        return self.commit(
            Start(items=tuple(NewItem(price_id=p, quantity=q, object=thing) for p, q, thing in asked))
        )

    def zone(self, price: str = "pro", thing: str = "zone:example.com") -> Plan:
        """Start a subscription of one zone."""
        return self.start((price, 1, thing))

    def due(self, subscription: Subscription | None = None) -> Plan | None:
        """What the billing clock plans for the only (or that) subscription now."""
        return plan_renewal(
            self.account,
            subscription or self.only,
            catalog=self.catalog,
            policy=self.policy,
            convention=self.convention,
            credit_grants=self.credit_grants,
            now=self.now,
        )

    def renew(self) -> Plan:
        plan = self.due()
        assert plan is not None
        return self.write(plan)

    @property
    def only(self) -> Subscription:
        """The live subscription, or the one that ended last."""
        live = [s for s in self.subscriptions.values() if s.state is not SubscriptionState.ENDED]
        (subscription,) = live or list(self.subscriptions.values())[-1:]
        return subscription

    @property
    def item(self) -> Item:
        return self.only.items[0]


@pytest.fixture(scope="session")
def shops() -> type[Shop]:
    """Makes shops: `shops(currency="JPY")`."""
    return Shop


@pytest.fixture
def shop() -> Shop:
    """A shop in USD and UTC, on 1 January 2026."""
    return Shop()
