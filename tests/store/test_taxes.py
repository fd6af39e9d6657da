"""Rates and registrations as stored and declared, another source of rates, and tax through a commit and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from solvent.core.catalog import CatalogError
from solvent.core.change import AddItem, CancelNow, NewItem
from solvent.core.credit_document import of_credit_note
from solvent.core.document import of_invoice
from solvent.core.language import Language
from solvent.core.phrase import spoken
from solvent.core.tax import Buyer, TaxRate
from solvent.ports.tax import TaxRatesSilent
from solvent.store import tax_declaration, tax_file
from solvent.store.database import Database
from solvent.store.laws import violations
from solvent.store.printing import Printing
from solvent.store.queries import Queries
from solvent.store.shelf import Shelf
from solvent.store.tax_declaration import ALWAYS, KNOWN_AFTER, RegistrationDraft
from solvent.store.taxes import StoredRates, read_rates, read_sellers
from tests.core.places import YORK, YORKER, rate
from tests.store.worlds import NOW, World, draw

EXAMPLES = Path(__file__).parents[2] / "examples"
STATE = rate("US-NY", 4, "Sales tax")
DUTCH = "NL004495445B01"
DRAFT = RegistrationDraft(entity="solvent-us", country="US", region="NY", number="12-3456789")


def stored(world: World) -> tuple[TaxRate, ...]:
    with world.database.pool.connection() as connection:
        return read_rates(connection)


def registrations(world: World) -> list[tuple[str, str | None, str, object, object]]:
    with world.database.pool.connection() as connection:
        seller = read_sellers(connection)["solvent-us"]
    return [(r.country, r.region, r.number, r.known_from, r.known_until) for r in seller.registrations]


def declare(world: World, *rates: TaxRate, at: Sequence[RegistrationDraft] = (), days: int = 0) -> list[str]:
    now = NOW + timedelta(days=days)
    return tax_declaration.apply(world.database, rates=rates, registrations=at, now=now)


# ─── declarations ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_comes_before_the_first_account_was_always_known(world: World) -> None:
    told = declare(world, STATE, at=[DRAFT])
    assert told == [
        f"rate {STATE.id}: Sales tax 4 % in US-NY from 2000-01-01",
        "registration solvent-us.US-NY: added",
    ]
    assert stored(world) == (replace(STATE, known_from=ALWAYS),)
    assert registrations(world) == [("US", "NY", "12-3456789", ALWAYS, None)]
    assert declare(world, STATE, at=[DRAFT]) == []


def test_what_comes_later_counts_from_when_every_process_knows_it(world: World) -> None:
    world.account()
    declare(world, STATE, at=[DRAFT])
    declare(world, at=[replace(DRAFT, number="98")], days=1)
    declare(world, at=[replace(DRAFT, number="98", ended=True)], days=2)
    declare(world, at=[replace(DRAFT, number="98", ended=True)], days=3)
    declare(world, at=[DRAFT], days=4)
    assert [r.known_from for r in stored(world)] == [NOW + KNOWN_AFTER]
    days = [NOW + KNOWN_AFTER + timedelta(days=n) for n in range(5)]
    assert registrations(world) == [
        ("US", "NY", "12-3456789", days[0], days[1]),
        ("US", "NY", "98", days[1], days[2]),
        ("US", "NY", "12-3456789", days[4], None),
    ]


@pytest.mark.parametrize(
    ("rates", "at", "field"),
    [
        ([replace(STATE, ppm=50_000)], [], "id"),
        ([replace(STATE, id="an id with spaces")], [], "id"),
        ([replace(STATE, id="x", country="Us")], [], "country"),
        ([replace(STATE, id="x", region="New York")], [], "region"),
        ([replace(STATE, id="x", category="")], [], "category"),
        ([replace(STATE, id="x", name=" VAT")], [], "name"),
        ([replace(STATE, id="x", ppm=1_000_001)], [], "rate"),
        ([replace(STATE, id="x", region=None, replaces_wider=True)], [], "replaces_wider"),
        ([replace(STATE, id="x", name="X"), replace(STATE, id="y", name="X")], [], "valid_from"),
        ([], [replace(DRAFT, entity="nobody")], "entity"),
        ([], [replace(DRAFT, country="usa")], "country"),
        ([], [replace(DRAFT, region="new york")], "region"),
        ([replace(STATE, id="b", names={Language.DE: " "})], [], "de"),
        ([], [replace(DRAFT, number="")], "number"),
        ([], [replace(DRAFT, country="NL", region=None, number="NL123456789B01")], "number"),
        ([], [DRAFT, DRAFT], "country"),
        (
            [],
            [DRAFT, replace(DRAFT, country="EU", region=None, number=DUTCH), replace(DRAFT, number="7")],
            "country",
        ),
        ([], [replace(DRAFT, number="other")], "number"),  # in the moment in which it was made
    ],
)
def test_a_broken_rule_is_named_and_nothing_is_applied(
    world: World, rates: list[TaxRate], at: list[RegistrationDraft], field: str
) -> None:
    declare(world, STATE, at=[DRAFT])
    new = replace(STATE, id="new", name="New")
    with pytest.raises(CatalogError) as broken:
        declare(world, new, *rates, at=at)
    assert broken.value.field.rpartition(".")[2] == field
    assert len(stored(world)) == len(registrations(world)) == 1


def test_a_wrong_number_may_be_ended(world: World) -> None:
    wrong = RegistrationDraft(entity="solvent-us", country="NL", region=None, number="any", ended=True)
    assert declare(world, at=[wrong]) == []


@pytest.mark.parametrize(
    "attack",
    [
        "update tax_rate set ppm = 0",
        "delete from tax_rate",
        "delete from tax_registration",
        "insert into tax_registration select entity_id, country, region, '2', now() from tax_registration",
        "update tax_registration set known_until = known_from",
    ],
)
def test_the_database_refuses_to_change_what_was_known(world: World, attack: str) -> None:
    declare(world, STATE, at=[DRAFT])
    with world.database.pool.connection() as connection, pytest.raises(psycopg.Error):
        connection.execute(attack)


# ─── files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_example_files_apply(world: World) -> None:
    rates = tax_file.parse((EXAMPLES / "tax-rates.yaml").read_bytes()).rates
    assert len(declare(world, *rates)) == len(rates) > 60
    found = tax_file.parse((EXAMPLES / "tax-registrations.yaml").read_bytes()).registrations
    assert [(r.entity, r.country) for r in found] == [("solvent-eu", "NL"), ("solvent-eu", "EU")]


def test_names_by_language_are_part_of_a_rate(world: World) -> None:
    text = "rates: [{id: a, country: DE, name: VAT, names: {de: USt}, rate: '19', valid_from: 2020-02-29}]"
    (found,) = tax_file.parse(text).rates
    assert len(declare(world, found)) == 1
    (kept,) = stored(world)
    assert kept.names == {Language.DE: "USt"}
    assert declare(world, found) == []
    with pytest.raises(CatalogError, match="rates are immutable"):
        declare(world, replace(found, names={Language.DE: "MwSt"}))
    assert stored(world) == (kept,)


def test_the_example_rates_are_called_as_german_calls_them() -> None:
    """Names that no other language has (GST, sales tax of a state) stay."""
    rates = tax_file.parse((EXAMPLES / "tax-rates.yaml").read_bytes()).rates
    told = {(rate.name, spoken(rate.called, Language.DE)) for rate in rates}
    translated = {(name, german) for name, german in told if name != german}
    assert translated == {("VAT", "USt"), ("VAT", "MwSt"), ("Consumption tax", "Verbrauchsteuer")}
    assert {rate.country for rate in rates if rate.names.get(Language.DE) == "USt"} == {"AT", "DE"}
    assert all(rate.names for rate in rates if rate.name == "VAT")


def test_a_rate_is_read_exactly() -> None:
    text = "rates: [{id: a, country: US, region: NY/NYC, name: T, rate: '8.875', valid_from: 2020-02-29}]"
    (found,) = tax_file.parse(text).rates
    assert (found.ppm, found.valid_from, found.region) == (88_750, date(2020, 2, 29), "NY/NYC")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("rates: [{id: a, country: DE, name: VAT, rate: '19,0', valid_from: 2020-01-01}]", "rates[0].rate"),
        ("rates: [{id: a, country: DE, name: VAT, rate: 19, valid_from: 2020-01-01}]", "rates[0].rate"),
        ("rates: [{id: a, country: DE, name: VAT, rate: '19', valid_from: soon}]", "rates[0].valid_from"),
        ("rates: [{id: a, country: DE, name: VAT, rate: '19', since: 2020-01-01}]", "rates[0]"),
        (
            "rates: [{id: a, country: DE, name: V, names: {xx: V}, rate: '1', valid_from: 2020-01-01}]",
            "file",
        ),
        ("taxes: []", "file"),
        ("rates: [", "file"),
    ],
)
def test_an_error_in_a_file_names_the_field(text: str, field: str) -> None:
    with pytest.raises(CatalogError) as broken:
        tax_file.parse(text)
    assert broken.value.field == field


# ─── another source ───────────────────────────────────────────────────────────────────────────────────────────


class Service:
    """A tax service outside, as its protocol has it."""

    def __init__(self) -> None:
        self.known: Sequence[TaxRate] | None = None

    def rates(self) -> Sequence[TaxRate]:
        if self.known is None:
            raise TaxRatesSilent("no answer")
        return self.known


def test_another_source_is_asked_and_its_silence_outlived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(world, STATE)
    service = Service()
    shelf = Shelf(world.database.pool, service)
    with pytest.raises(TaxRatesSilent):
        shelf.catalog()
    monkeypatch.setattr("solvent.store.shelf.CHECK_INTERVAL_S", 0.0)
    service.known = YORK
    first = shelf.catalog()
    assert first.taxes.table.rates == YORK
    service.known = list(YORK)
    assert shelf.catalog() is first, "the same rates make no other catalog"
    service.known = None
    assert shelf.catalog() is first
    service.known = [STATE]
    assert shelf.catalog().taxes.table.rates == (STATE,)


def test_stored_rates_are_silent_without_a_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent.store.taxes.CONNECTION_WAIT_S", 0.05)
    with Database(database_url, pool_max=1) as database, database.pool.connection():
        with pytest.raises(TaxRatesSilent) as silent:
            StoredRates(database.pool).rates()
        assert isinstance(silent.value.__cause__, PoolTimeout)


# ─── through a commit and back ────────────────────────────────────────────────────────────────────────────────


def laws_hold(world: World) -> bool:
    with world.database.pool.connection() as connection:
        return not [law.says for law, count in violations(connection, NOW) if count]


def test_a_committed_invoice_is_its_plan(world: World) -> None:
    declare(world, *YORK, at=[DRAFT])
    _, attempt, booking = world.subscribed(buyer=YORKER)
    assert booking.invoice is not None
    found = Queries(world.database.pool).invoice(booking.invoice.id)
    assert found is not None
    invoice, lines = found
    assert tuple(lines) == attempt.plan.lines
    assert (invoice.tax, invoice.total, attempt.plan.due) == (178, 2178, 2178)
    facts = Printing(world.database.pool).invoice(booking.invoice.id)
    assert facts is not None
    assert facts.lines == attempt.plan.lines
    assert [(t.name, t.base, t.amount) for t in of_invoice(facts).totals.taxes] == [
        ("Sales tax", 2000, 80),
        ("City sales tax", 2000, 90),
        ("MCTD surcharge", 2000, 8),
    ]
    assert laws_hold(world)


def test_what_was_issued_names_the_number_under_which_it_was_taxed(world: World) -> None:
    """Whatever number the registration has by the time it is printed, or credited."""

    def named(invoice_id: UUID) -> list[str]:
        with world.database.pool.connection() as connection:
            noted = connection.execute("select id from credit_note").fetchall()
        printing = Printing(world.database.pool)
        invoice = printing.invoice(invoice_id)
        assert invoice is not None
        notes = [note for (each,) in noted if (note := printing.credit_note(each)) is not None]
        sellers = [of_invoice(invoice).seller, *(of_credit_note(note).seller for note in notes)]
        return [tax_id.value for seller in sellers for tax_id in seller.tax_ids[:1]]

    declare(world, *YORK, at=[DRAFT])
    account, _, booking = world.subscribed(buyer=YORKER)
    assert booking.invoice is not None
    assert booking.subscription is not None
    assert named(booking.invoice.id) == ["12-3456789"]
    declare(world, at=[replace(DRAFT, number="98-7654321")], days=1)
    assert named(booking.invoice.id) == ["12-3456789"]
    credited = CancelNow(subscription_id=booking.subscription.id, credit=True)
    cancel = world.attempt(world.plan(account.id, credited, NOW + timedelta(days=2)))
    world.journal(cancel)
    world.settle(cancel)
    assert named(booking.invoice.id) == ["12-3456789", "12-3456789"]
    assert laws_hold(world)


def test_unused_time_gives_its_tax_back(world: World) -> None:
    declare(world, *YORK, at=[DRAFT])
    account, _, booking = world.subscribed(buyer=YORKER)
    assert booking.subscription is not None
    cancel = world.attempt(
        world.plan(account.id, CancelNow(subscription_id=booking.subscription.id, credit=True))
    )
    world.journal(cancel)
    world.settle(cancel)
    assert world.rows("select remaining from credit_grant") == [(2178,)]
    assert world.rows("select amount, tax from credit_note_line") == [(2178, 178)]
    assert world.rows(
        "select sum(case when credit = 'tax_payable' then amount else -amount end) from posting"
        " where 'tax_payable' in (debit, credit)"
    ) == [(0,)]
    assert laws_hold(world)


def test_what_is_sold_while_a_rate_becomes_known_goes_back_with_the_tax_it_was_sold_with(
    world: World,
) -> None:
    """A process sells by its copy of the rates, which may be a moment older than the new one."""
    declare(world, *YORK, at=[DRAFT])
    world.account()
    assert set(world.database.shelf.catalog().taxes.table.rates) == set(YORK)
    declare(world, replace(STATE, id="dearer", ppm=800_000, valid_from=date(2001, 1, 1)))
    account, _, booking = world.subscribed(buyer=YORKER)
    assert booking.subscription is not None
    assert world.rows("select total, tax from invoice") == [(2178, 178)]
    later = NOW + timedelta(days=1)
    credited = CancelNow(subscription_id=booking.subscription.id, credit=True)
    cancel = world.attempt(world.plan(account.id, credited, later))
    world.journal(cancel)
    world.settle(cancel)
    amount, tax = (int(str(figure)) for figure in world.rows("select amount, tax from credit_note_line")[0])
    assert 0 < tax < 178
    assert abs(tax * 2178 - amount * 178) <= 2178, "the sale's share of tax, to the cent"
    assert laws_hold(world)


def test_a_customer_that_moves_is_told_and_kept_as_it_was(world: World) -> None:
    account = world.account(buyer=YORKER)
    firm = Buyer(country="DE", tax_id="DE136695976")
    with world.database.begin() as tx:
        locked = tx.accounts.lock(account.id)
        assert locked == account
        moved = tx.accounts.set_buyer(account, firm, NOW)
    assert moved.buyer_at(NOW - timedelta(seconds=1)) == YORKER
    with world.database.begin() as tx:
        view = tx.accounts.view(account.id)
        assert tx.accounts.lock(draw()) is None
    assert view is not None
    assert view.account == moved
    assert world.rows("select type, data->>'country' from event order by seq")[-1] == (
        "account.tax_changed",
        "DE",
    )


def test_an_item_remembers_when_its_rest_was_charged(world: World) -> None:
    account, _, booking = world.subscribed()
    assert booking.subscription is not None
    later = NOW + timedelta(days=3)
    more = AddItem(subscription_id=booking.subscription.id, item=NewItem(price_id="seats@1"))
    added = world.attempt(world.plan(account.id, more, later))
    world.journal(added)
    world.settle(added)
    with world.database.begin() as tx:
        view = tx.accounts.view(account.id)
    assert view is not None
    assert [item.changed_at for item in view.subscriptions[0].items] == [None, later]
