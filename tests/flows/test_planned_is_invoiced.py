"""What was planned is the invoice, whatever was drawn: drafts as they are previewed, and what is renewed together; with
taxes, products, credit and what waits for the next invoice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line
from solvent.core.manual import Draft, Entry, Particulars, line_of
from solvent.core.money import Rounding
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.tax import Buyer, TaxBehavior
from solvent.flows.invoicing import change_draft, issue_draft, keep_draft, preview
from solvent.flows.opening import Asked
from solvent.sim import Customer
from solvent.store import tax_declaration, tax_file
from solvent.store.database import Database
from tests.drawing import examples
from tests.flows.acts import zone
from tests.flows.coupons import numbers
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

EXAMPLES = Path(__file__).parents[2] / "examples"
DECLARED = datetime(2026, 1, 1, tzinfo=UTC)
WHO: dict[str, dict[str, Any]] = {
    "untaxed": {},
    "a consumer in Germany": {"currency": "EUR", "country": "DE", "entity": "solvent-eu"},
    "a firm in Germany": {
        "currency": "EUR",
        "country": "DE",
        "entity": "solvent-eu",
        "buyer": Buyer(country="DE", tax_id="DE136695976"),
    },
    "exempt": {
        "currency": "EUR",
        "country": "NL",
        "entity": "solvent-eu",
        "buyer": Buyer(country="NL", exempt=True),
    },
}
PRODUCTS = (None, "zone-pro", "domain-com")

entries = st.builds(
    Entry,
    description=st.just("Advice"),
    amount=st.integers(-500, 20_000),
    tax_behavior=st.sampled_from(TaxBehavior),
    product_id=st.sampled_from(PRODUCTS),
) | st.builds(
    Entry,
    description=st.just("Calls"),
    unit_amount=st.integers(1, 99_999),
    scale=st.integers(0, 3),
    quantity=st.integers(1, 999),
    tax_behavior=st.sampled_from(TaxBehavior),
    product_id=st.sampled_from(PRODUCTS),
)
lines = st.lists(entries, min_size=1, max_size=4)
gifts = st.lists(
    st.tuples(st.integers(1, 9_000), st.integers(0, 100), st.sampled_from([(), ("zone-pro",)])), max_size=2
)


@pytest.fixture(scope="module")
def flows_url(databases: Databases) -> Iterator[str]:
    """The address of a database with goods on sale, and taxes."""
    with databases.one() as url, Database(url) as database:
        for name in ("tax-rates.yaml", "tax-registrations.yaml"):
            told = tax_file.parse((EXAMPLES / name).read_bytes())
            tax_declaration.apply(database, rates=told.rates, registrations=told.registrations, now=DECLARED)
        yield url


def written(entered: list[Entry], currency: str) -> tuple[Line, ...]:
    """The lines of a draft."""
    made = [line_of(entry, currency, Rounding.HALF_UP) for entry in entered]
    return tuple(line for line in made if isinstance(line, Line))


def figures(told: tuple[Line, ...] | list[Line]) -> list[tuple[str, int, int, list[tuple[str, int]]]]:
    """What a line says: explanation, amount, tax, and each tax."""
    return [(str(x.explanation), x.amount, x.tax, [(str(s.name), s.amount) for s in x.taxes]) for x in told]


def drawn_on(customer: Customer) -> Counter[tuple[UUID, int]]:
    """How much of which grant was used for which lines of its invoices."""
    query = "select grant_id, line, sum(amount)::bigint from credit_use where account_id = %s group by 1, 2"
    with customer.world.database.pool.connection() as connection:
        rows = connection.execute(query, (customer.id,)).fetchall()
    return Counter({(grant, line): amount for grant, line, amount in rows})


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    who=st.sampled_from(sorted(WHO)),
    first=lines,
    then=st.none() | lines,
    waiting=st.lists(st.integers(1, 900), max_size=2),
    credit=gifts,
    terms=st.sampled_from([None, 0, 30]),
    include=st.booleans(),
)
def test_what_is_previewed_is_what_is_invoiced_whatever_is_drafted(
    world: FragileWorld,
    who: str,
    first: list[Entry],
    then: list[Entry] | None,
    waiting: list[int],
    credit: list[tuple[int, int, tuple[str, ...]]],
    terms: int | None,
    include: bool,
) -> None:
    customer = world.customer(f"Dot {next(numbers)}", **WHO[who])
    currency = customer.account.currency
    customer.buy(zone(f"{next(numbers)}.example", "zone-pro", currency))
    for amount, priority, excludes in credit:
        customer.receive_credit(amount, priority=priority, excludes=excludes)
    for amount in waiting:
        customer.receive_item(amount)
    particulars = Particulars(terms_days=terms, include_items=include)
    before, drawn_before = len(customer.invoices()), drawn_on(customer)
    draft = keep_draft(world.platform, customer.id, written(first, currency), particulars, world.now)
    if isinstance(draft, Draft) and then is not None:
        changed = change_draft(
            world.platform, draft.id, lambda d: (written(then, currency), d.particulars), world.now
        )
        draft = changed if isinstance(changed, Draft) else draft
    if isinstance(draft, Refusal):  # the lines come to less than nothing
        assert len(customer.invoices()) == before
        return
    seen = preview(world.platform, draft, world.now)
    assert isinstance(seen, Plan)
    asked = Asked(account_id=customer.id, key=f"draft {draft.id}", input_hash=b"")
    done = issue_draft(world.platform, asked, draft.id, world.now)
    assert isinstance(done, Attempt)
    assert (done.state, done.plan.fingerprint) == (AttemptState.COMMITTED, seen.fingerprint)
    invoices = customer.invoices()[before:]
    assert len(invoices) == 1
    for invoice in invoices:
        assert figures(customer.lines(invoice)) == figures(seen.lines)
        assert (invoice.total, invoice.tax) == (seen.total, seen.tax)
    planned = Counter({(x.grant_id, x.line): x.amount for x in seen.draws})
    assert drawn_on(customer) - drawn_before == planned
    world.work()


def planned_last(customer: Customer) -> dict[str, Any]:
    """The plan of the customer's last attempt, as the journal has it."""
    query = "select plan from attempt where account_id = %s order by id desc limit 1"
    with customer.world.database.pool.connection() as connection:
        row = connection.execute(query, (customer.id,)).fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0]
    return plan


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    who=st.sampled_from(sorted(WHO)),
    products=st.lists(st.sampled_from(["zone-pro", "zone-business"]), min_size=2, max_size=3),
    waiting=st.lists(st.integers(1, 900), max_size=2),
    credit=gifts,
)
def test_what_is_renewed_together_is_invoiced_as_it_was_planned(
    world: FragileWorld,
    who: str,
    products: list[str],
    waiting: list[int],
    credit: list[tuple[int, int, tuple[str, ...]]],
) -> None:
    customer = world.customer(f"Eli {next(numbers)}", **WHO[who])
    for product in products:
        customer.buy(zone(f"{next(numbers)}.example", product, customer.account.currency))
    for amount, priority, excludes in credit:
        customer.receive_credit(amount, priority=priority, excludes=excludes)
    for amount in waiting:
        customer.receive_item(amount)
    before = len(customer.invoices())
    world.until(customer.subscriptions()[0].period.end)
    (invoice,) = customer.invoices()[before:]
    plan = planned_last(customer)
    lines = msgspec.json.decode(msgspec.json.encode(customer.lines(invoice)))
    told = [(x["explanation"], x["amount"], x["tax"]) for x in lines]
    assert told == [(x["explanation"], x["amount"], x.get("tax", 0)) for x in plan["lines"]]
    assert (invoice.total, invoice.tax) == (plan["total"], sum(tax for *_, tax in told))
    assert len(told) == len(products) + len(waiting)
    assert [s.index for s in customer.subscriptions()] == [1] * len(products)
    drawn = Counter({(UUID(x["grant_id"]), x["line"]): x["amount"] for x in plan.get("draws", [])})
    assert drawn_on(customer) == drawn
