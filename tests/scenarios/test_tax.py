"""Tax stories: what each customer's invoices say, line by line, as an accountant checks them.

Each story is compared with its golden file beside this one; the figures in it are explained there. Quote and invoice
are held equal on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from solvent.core.change import CancelNow, Change
from solvent.core.invoice import Line
from solvent.core.money import format_minor
from solvent.core.period import Interval, Unit
from solvent.core.product import Scheme
from solvent.core.proration import Convention, TaxRounding
from solvent.core.tax import Buyer, TaxBehavior
from solvent.sim import Customer
from solvent.sim.stories.goods import BUSINESS, VISA, switch, zone_plan
from solvent.store import offers, tax_declaration
from solvent.store.offers import PriceDraft
from solvent.store.tax_declaration import RegistrationDraft
from solvent.wiring import Solvent
from tests.core.places import rate
from tests.scenarios.conftest import OpenWorld
from tests.scenarios.test_usage import at, subscribe, uses

GOLDEN = Path(__file__).parent / "tax"
BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
JAPANESE = PriceDraft(
    key="zone-pro-jpy-gross-month",
    product_id="zone-pro",
    currency="JPY",
    interval=Interval(unit=Unit.MONTH),
    scheme=Scheme.FLAT,
    unit_amount=3_300,
    tax_behavior=TaxBehavior.INCLUSIVE,
)
DECIDED = rate("DE", 21, since=date(2027, 3, 11))  # known before the first account
KUWAITI = rate("KW", 5)
REGISTERED = [
    ("solvent-eu", "JP", None),
    ("solvent-eu", "KW", None),
    ("solvent-us", "US", "NY"),
]


@pytest.fixture
def taxed(open_world: OpenWorld, scenario_solvent: Solvent) -> OpenWorld:
    """Worlds with some rates and registrations beside those of the example."""
    database = scenario_solvent.database
    offers.apply(database, prices=[JAPANESE], now=BEGIN)
    more = [RegistrationDraft(entity=e, country=c, region=r, number="1") for e, c, r in REGISTERED]
    tax_declaration.apply(scenario_solvent.database, rates=[DECIDED, KUWAITI], registrations=more, now=BEGIN)
    return open_world


def paper(customer: Customer) -> str:
    """Every invoice as a page: lines with net, tax and gross, the sentences, and the total."""
    pages = []
    for invoice in customer.invoices():
        lines = customer.lines(invoice)
        page = [f"{invoice.issued_at:%Y-%m-%d}  {invoice.currency}"]
        for line in lines:
            net, tax, gross = (format_minor(n, invoice.currency) for n in (line.net, line.tax, line.gross))
            page += [f"  {line.description}: {net} + {tax} = {gross}", f"    {line.explanation}"]
            page += [f"    {share.explanation}" for share in line.taxes]
        page.append(f"  total {format_minor(invoice.total, invoice.currency)}")
        page[-1] += f", of it tax {format_minor(invoice.tax, invoice.currency)}"
        assert invoice.total == sum(line.gross for line in lines)
        pages.append("\n".join(page))
    credit = customer.credit()
    return (
        "\n".join(
            [*pages, *([f"credit {format_minor(credit, customer.account.currency)}"] if credit else [])]
        )
        + "\n"
    )


def buy(customer: Customer, change: Change) -> None:
    """Buy, and hold the quote, the opened change and the invoice equal."""
    quote = customer.quote(change)
    attempt = customer.buy(change, VISA)
    assert written(quote.lines) == written(attempt.plan.lines)
    assert quote.total == attempt.plan.total == customer.invoices()[-1].total
    assert written(attempt.plan.lines) == written(tuple(customer.lines(customer.invoices()[-1])))


def written(lines: tuple[Line, ...]) -> list[Line]:
    return [replace(line, item_id=None) for line in lines]  # ids are drawn anew for each plan


Story = Callable[[OpenWorld], Customer]


def rate_change(taxed: OpenWorld) -> Customer:
    """A German consumer of an entity in the Netherlands with the One Stop Shop; the rate rises inside the month."""
    world = taxed(datetime(2027, 2, 28, 23, tzinfo=UTC))
    gerd = world.customer(
        "Gerd", currency="EUR", country="DE", time_zone="Europe/Berlin", entity="solvent-eu"
    )
    buy(gerd, zone_plan("gerd.example", "zone-business-eur-month@1"))
    world.until(datetime(2027, 4, 1, 12, tzinfo=UTC))
    return gerd


def reverse_charge(taxed: OpenWorld) -> Customer:
    """A German company accounts for the tax itself; when its number is gone, later charges bear tax, not the credit."""
    world = taxed(datetime(2027, 5, 1, tzinfo=UTC))
    firm = Buyer(country="DE", tax_id="DE136695976")
    inge = world.customer("Inge", currency="EUR", buyer=firm, entity="solvent-eu")
    buy(inge, zone_plan("inge.example", "zone-pro-eur-month@1"))
    world.until(datetime(2027, 5, 16, 12, tzinfo=UTC))
    with world.database.begin() as tx:
        locked = tx.accounts.lock(inge.id)
        assert locked is not None
        tx.accounts.set_buyer(locked, Buyer(country="DE"), world.now)
    buy(inge, switch(inge.subscription(), "zone-business-eur-month@1"))
    world.until(datetime(2027, 6, 2, tzinfo=UTC))
    return inge


def yen_with_tax_inside(taxed: OpenWorld) -> Customer:
    world = taxed(datetime(2027, 1, 10, tzinfo=UTC))
    jun = world.customer("Jun", currency="JPY", country="JP", time_zone="Asia/Tokyo", entity="solvent-eu")
    buy(jun, zone_plan("jun.example", "zone-pro-jpy-gross-month@1"))
    world.until(datetime(2027, 1, 20, tzinfo=UTC))
    jun.open(CancelNow(subscription_id=jun.subscription().id, credit=True))
    return jun


def dinar_of_three_decimals(taxed: OpenWorld) -> Customer:
    world = taxed(datetime(2027, 1, 10, tzinfo=UTC))
    kai = world.customer("Kai", currency="KWD", country="KW", entity="solvent-eu")
    buy(kai, zone_plan("kai.example", "zone-pro-kwd-month@1"))
    world.until(datetime(2027, 1, 25, 12, tzinfo=UTC))
    buy(kai, switch(kai.subscription(), "zone-business-kwd-month@1"))
    return kai


def exempt(taxed: OpenWorld) -> Customer:
    world = taxed(datetime(2027, 1, 10, tzinfo=UTC))
    embassy = Buyer(country="NL", exempt=True)
    eva = world.customer("Eva", currency="EUR", buyer=embassy, entity="solvent-eu")
    buy(eva, zone_plan("eva.example", "zone-pro-eur-month@1"))
    return eva


def state_and_city(taxed: OpenWorld) -> Customer:
    world = taxed(datetime(2027, 1, 10, tzinfo=UTC))
    yorker = Buyer(country="US", region="NY/NYC")
    ned = world.customer("Ned", buyer=yorker, time_zone="America/New_York")
    buy(ned, zone_plan("ned.example"))
    world.until(datetime(2027, 1, 20, tzinfo=UTC))
    buy(ned, switch(ned.subscription(), BUSINESS))
    return ned


def rounded_once(taxed: OpenWorld) -> Customer:
    world = taxed(datetime(2027, 1, 10, tzinfo=UTC))
    world.platform = replace(world.platform, convention=Convention(tax_rounding=TaxRounding.INVOICE))
    fred = world.customer("Fred", currency="EUR", country="FR", entity="solvent-eu")
    buy(fred, zone_plan("fred.example", "zone-pro-eur-month@1"))
    world.until(datetime(2027, 1, 21, 5, tzinfo=UTC))
    buy(fred, switch(fred.subscription(), "zone-business-eur-month@1"))
    return fred


def usage_in_arrears(taxed: OpenWorld) -> Customer:
    """All usage of a period bears the rate of its end, and what is corrected later gives that back."""
    world = taxed(datetime(2027, 2, 28, 23, tzinfo=UTC))
    udo = world.customer("Udo", currency="EUR", country="DE", time_zone="Europe/Berlin", entity="solvent-eu")
    udo.buy(subscribe(("requests-eur-month@1", "account")), VISA)
    world.until(at("2027-03-05 12:00"))
    uses(udo, "requests", 100_000_000, "2027-03-04 12:00", id="march")  # 28.00 EUR
    world.until(at("2027-04-02 12:00"))
    uses(udo, "requests", 90_000_000, "2027-04-02 10:00", id="fewer", corrects="march")  # 25.20 EUR
    uses(udo, "requests", 20_000_000, "2027-04-02 11:00")  # 5.60 EUR
    world.until(at("2027-05-03 12:00"))
    return udo


STORIES = [
    rate_change,
    reverse_charge,
    yen_with_tax_inside,
    dinar_of_three_decimals,
    exempt,
    state_and_city,
    rounded_once,
    usage_in_arrears,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_invoices_say_what_the_golden_file_says(story: Story, taxed: OpenWorld) -> None:
    customer = story(taxed)
    customer.world.work()
    assert [f for f in customer.world.agreement() if f.violations] == []
    assert paper(customer) == (GOLDEN / f"{story.__name__}.txt").read_text(encoding="utf-8")
