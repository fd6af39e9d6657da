"""Tax on the lines of plans, in exact figures and sentences, and the entries that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.change import (
    AddItem,
    CancelNow,
    ChangeInterval,
    NewItem,
    Purchase,
    SetQuantity,
    SwitchPrice,
)
from solvent.core.invoice import Line, LineKind
from solvent.core.language import Language
from solvent.core.money import Rounding
from solvent.core.payment import Outcome
from solvent.core.phrase import spoken
from solvent.core.plan import Plan
from solvent.core.proration import Convention, TaxRounding
from solvent.core.tax import Buyer, Rules, TaxRate
from solvent.core.taxing import Taxation, taxed
from tests.core.places import CANADA, EUROPE, FIRM, FRENCH, GERMAN, YORK, YORKER, rate, rules
from tests.core.till import Till, accounts, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop

GERMANY = rules(*EUROPE)
ONCE = Convention(tax_rounding=TaxRounding.INVOICE)


def figures(plan: Plan) -> list[tuple[int, int, int]]:
    return [(line.net, line.tax, line.gross) for line in plan.lines]


def sentences(plan: Plan) -> list[str]:
    return [str(share.explanation) for line in plan.lines for share in line.taxes]


# ─── treatments ───────────────────────────────────────────────────────────────────────────────────────────────


def test_tax_is_added_to_a_price_without_it(shops: type[Shop]) -> None:
    plan = shops(taxes=GERMANY, buyer=GERMAN).zone()
    assert figures(plan) == [(2000, 380, 2380)]
    assert (plan.tax, plan.total, plan.due) == (380, 2380, 2380)
    assert sentences(plan) == ["VAT 19 % on 20.00 USD = 3.80 USD, rounded half-up"]
    (share,) = plan.lines[0].taxes
    assert (share.name, share.jurisdiction, share.ppm, share.base, share.amount) == (
        "VAT",
        "DE",
        190_000,
        2000,
        380,
    )


@pytest.mark.parametrize(
    ("price", "told"),
    [
        ("pro", "USt 19 % auf 20,00 USD = 3,80 USD, kaufmännisch gerundet"),
        ("pro-gross", "USt 19 % enthalten in 23,80 USD = 3,80 USD, kaufmännisch gerundet"),
    ],
)
def test_a_tax_is_called_as_the_language_calls_it(shops: type[Shop], price: str, told: str) -> None:
    """On the line and in what explains it; where a language has no name for it, by the one of all."""
    german = replace(rate("DE", 19), names={Language.DE: "USt"})
    (share,) = shops(taxes=rules(german), buyer=GERMAN).zone(price).lines[0].taxes
    assert [spoken(share.name, language) for language in (Language.EN, Language.DE)] == ["VAT", "USt"]
    assert spoken(share.explanation, Language.DE) == told
    assert (str(share.explanation).startswith("VAT 19 % "), "USt" in str(share.explanation)) == (True, False)


def test_tax_is_found_in_a_price_that_contains_it(shops: type[Shop]) -> None:
    plan = shops(taxes=GERMANY, buyer=GERMAN).zone("pro-gross")
    assert figures(plan) == [(2000, 380, 2380)]
    assert plan.lines[0].inclusive
    assert sentences(plan) == ["VAT 19 % contained in 23.80 USD = 3.80 USD, rounded half-up"]


@pytest.mark.parametrize(
    ("buyer", "sentence"),
    [
        (FIRM, "reverse charge: the customer accounts for VAT in FR"),
        (replace(GERMAN, exempt=True), "exempt: no tax is charged to this customer in DE"),
        (Buyer(country="JP"), "not collected: the seller is registered for no tax that holds in JP"),
    ],
)
def test_a_line_without_tax_says_why(shops: type[Shop], buyer: Buyer, sentence: str) -> None:
    plan = shops(taxes=GERMANY, buyer=buyer).zone()
    assert (figures(plan), plan.tax) == ([(2000, 0, 2000)], 0)
    assert sentences(plan) == [sentence]


def test_where_no_rate_is_known_nothing_is_collected(shops: type[Shop]) -> None:
    plan = shops(taxes=rules(), buyer=GERMAN).zone()
    assert sentences(plan) == ["not collected: the seller is registered for no tax that holds in DE"]


@pytest.mark.parametrize("taxes", [None, rules(*EUROPE, at=())])
def test_an_entity_that_is_registered_nowhere_says_nothing_of_tax(
    shops: type[Shop], taxes: Rules | None
) -> None:
    plan = shops(taxes=taxes, buyer=GERMAN).zone()
    assert (plan.tax, plan.lines[0].taxes) == (0, ())


def test_a_registration_counts_for_what_begins_after_it_was_known(shops: type[Shop]) -> None:
    late = rules(*EUROPE, at={"DE": datetime(2026, 1, 10, tzinfo=UTC)})
    shop = shops(taxes=late, buyer=GERMAN)
    assert shop.zone().lines[0].taxes == ()
    assert shop.at(2026, 2, 1).renew().tax == 380


def test_a_consumer_below_the_threshold_is_taxed_at_the_sellers_home(shops: type[Shop]) -> None:
    plan = shops(taxes=GERMANY, buyer=FRENCH).zone()
    assert sentences(plan) == [
        "VAT 19 % on 20.00 USD = 3.80 USD, rounded half-up; taxed in DE, where the seller is established"
    ]


def test_state_and_city_tax_the_same_base(shops: type[Shop]) -> None:
    plan = shops(taxes=rules(*YORK, home="US", at=("US-NY",)), buyer=YORKER).zone()
    assert figures(plan) == [(2000, 178, 2178)]  # 0.80 + 0.90 + 0.075
    assert [share.amount for share in plan.lines[0].taxes] == [80, 90, 8]


def test_a_province_is_collected_for_only_with_its_registration(shops: type[Shop]) -> None:
    quebec = Buyer(country="CA", region="QC")
    assert shops(taxes=rules(*CANADA, home="CA", at=("CA",)), buyer=quebec).zone().tax == 100
    assert shops(taxes=rules(*CANADA, home="CA", at=("CA", "CA-QC")), buyer=quebec).zone().tax == 300


def test_a_category_has_rates_of_its_own(shops: type[Shop]) -> None:
    assert shops(taxes=GERMANY, buyer=GERMAN).zone("book").tax == 70


JAPAN = rules(rate("JP", 10, "CT"), home="JP", at=("JP",))


@pytest.mark.parametrize(
    ("currency", "price", "taxes", "buyer", "expected"),
    [
        ("JPY", "pro-jpy-gross", JAPAN, Buyer(country="JP"), (3000, 300, 3300)),
        ("JPY", "pro-jpy", JAPAN, Buyer(country="JP"), (3000, 300, 3300)),
        ("KWD", "pro-kwd", rules(rate("KW", 5), home="KW", at=("KW",)), Buyer(country="KW"), (6125, 306, 6431)),
    ],
)  # fmt: skip
def test_currencies_with_other_decimals(
    shops: type[Shop],
    currency: str,
    price: str,
    taxes: Rules | None,
    buyer: Buyer,
    expected: tuple[int, int, int],
) -> None:
    assert figures(shops(currency=currency, taxes=taxes, buyer=buyer).zone(price)) == [expected]


# ─── rounding ─────────────────────────────────────────────────────────────────────────────────────────────────


def lines(*amounts: int, inclusive: bool = False) -> tuple[Line, ...]:
    return tuple(
        Line(kind=LineKind.MANUAL, description="x", amount=a, explanation="x", inclusive=inclusive)
        for a in amounts
    )


def taxes_of(shop: Shop, convention: Convention, *amounts: int, inclusive: bool = False) -> list[int]:
    taxation = Taxation(account=shop.account, catalog=shop.catalog, convention=convention, at=shop.now)
    return [line.tax for line in taxed(lines(*amounts, inclusive=inclusive), taxation, "EUR")]


@pytest.mark.parametrize(
    ("rounding", "line_by_line", "once"),
    [
        (Rounding.HALF_UP, [1, 1, 1], [1, 0, 1]),  # 0.57 each; together 0.57, 1.14, 1.71
        (Rounding.TRUNCATE, [0, 0, 0], [0, 1, 0]),
    ],
)
def test_rounding_on_every_line_or_once(
    shops: type[Shop], rounding: Rounding, line_by_line: list[int], once: list[int]
) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    assert taxes_of(shop, Convention(rounding=rounding), 3, 3, 3) == line_by_line
    shared = taxes_of(shop, Convention(rounding=rounding, tax_rounding=TaxRounding.INVOICE), 3, 3, 3)
    assert shared == once


def test_rounding_once_says_so(shops: type[Shop]) -> None:
    plan = shops(taxes=GERMANY, buyer=GERMAN, convention=ONCE).zone()
    assert sentences(plan) == ["VAT 19 % on 20.00 USD = 3.80 USD, rounded half-up once for the invoice"]


def test_several_taxes_in_one_price_share_what_it_contains(shops: type[Shop]) -> None:
    shop = shops(taxes=rules(*YORK, home="US", at=("US-NY",)), buyer=YORKER)
    taxation = Taxation(account=shop.account, catalog=shop.catalog, convention=Convention(), at=shop.now)
    (line,) = taxed(lines(10_000, inclusive=True), taxation, "USD")
    assert (line.net, line.tax, line.gross) == (9185, 815, 10_000)  # 100.00 ÷ 1.08875 = 91.848…
    assert [share.amount for share in line.taxes] == [
        367,
        413,
        35,
    ]  # 4 : 4.5 : 0.375, remainders to the largest


def test_a_rate_of_nothing_contains_nothing(shops: type[Shop]) -> None:
    shop = shops(taxes=rules(rate("DE", 0)), buyer=GERMAN)
    assert taxes_of(shop, Convention(), 100, inclusive=True) == [0]


# ─── a rate change ────────────────────────────────────────────────────────────────────────────────────────────


def rising(known: datetime = datetime(2025, 1, 1, tzinfo=UTC)) -> Rules:
    return rules(rate("DE", 19), rate("DE", 21, since=date(2026, 1, 11), known=known))


def test_a_change_inside_a_period_splits_the_line(shops: type[Shop]) -> None:
    shop = shops(taxes=rising(), buyer=GERMAN, time_zone="Europe/Berlin")
    plan = shop.zone("business")
    # 1 January 00:00 UTC is 01:00 in Berlin; the new rate begins 23:00 UTC before the 11th: 239 of 744 hours
    assert figures(plan) == [(6425, 1221, 7646), (13575, 2851, 16426)]
    assert [line.period.start for line in plan.lines if line.period] == [
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 10, 23, tzinfo=UTC),
    ]
    assert str(plan.lines[0].explanation).endswith(
        "; of it 860,400 of 2,678,400 seconds (32.12 %) from 2026-01-01 to 2026-01-11, because the tax rate changes, "
        "rounded so that its parts sum to it = 64.25 USD"
    )
    assert sentences(plan)[1].startswith("VAT 21 % on 135.75 USD")


def test_a_part_of_a_line_that_begins_within_a_second_counts_microseconds(shops: type[Shop]) -> None:
    shop = shops(taxes=rising(), buyer=GERMAN)
    shop.now += timedelta(microseconds=1)
    said = str(shop.zone().lines[0].explanation)
    assert "of it 863,999,999,999 of 2,678,400,000,000 microseconds (32.26 %)" in said


@pytest.mark.parametrize(
    "other",
    [
        rate("DE", 21, since=date(2026, 2, 1)),  # on the last day, of which nothing is left
        rate("DE", 21, since=date(2026, 1, 1)),  # on the first
        rate("DE", 19, since=date(2026, 1, 11)),  # the same again
        rate("DE-BY", 21, since=date(2026, 1, 11)),  # somewhere else
        rate("DE", 21, since=date(2026, 1, 11), known=datetime(2026, 1, 2, tzinfo=UTC)),  # known too late
    ],
)
def test_what_splits_no_line(shops: type[Shop], other: TaxRate) -> None:
    shop = shops(taxes=rules(rate("DE", 19), other), buyer=GERMAN)
    assert len(shop.zone().lines) == 1


def test_a_rate_that_is_made_known_later_changes_nothing_charged_before(shops: type[Shop]) -> None:
    shop = shops(taxes=rising(known=datetime(2026, 1, 5, tzinfo=UTC)), buyer=GERMAN)
    base = shop.zone("business").after
    plan = shop.at(2026, 1, 16).plan(CancelNow(subscription_id=base.id, credit=True))
    assert figures(plan) == [(-10323, -1961, -12284)]  # 16 of 31 days, by the 19 % that were charged
    assert shop.at(2026, 2, 1).renew().tax == 4200


def test_what_is_added_inside_a_period_is_credited_by_the_rates_of_then(shops: type[Shop]) -> None:
    shop = shops(taxes=rising(known=datetime(2026, 1, 5, tzinfo=UTC)), buyer=GERMAN)
    base = shop.start(("pro", 1, "zone:a")).after
    shop.at(2026, 1, 20)
    added = shop.commit(AddItem(subscription_id=base.id, item=NewItem(price_id="seats", quantity=4)))
    assert sentences(added) == ["VAT 21 % on 7.74 USD = 1.63 USD, rounded half-up"]
    plan = shop.plan(CancelNow(subscription_id=base.id, credit=True))
    assert [share.ppm for line in plan.lines for share in line.taxes] == [190_000, 210_000]
    assert plan.lines[1].gross == -added.total


def test_an_upgrade_credits_old_tax_and_charges_new(shops: type[Shop]) -> None:
    shop = shops(taxes=rising(known=datetime(2026, 1, 5, tzinfo=UTC)), buyer=GERMAN)
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    up = shop.commit(SwitchPrice(subscription_id=base.id, item_id=shop.item.id, price_id="business"))
    assert figures(up) == [(-1000, -190, -1190), (10000, 2100, 12100)]
    assert shop.only.pending is None
    more = shop.commit(SetQuantity(subscription_id=base.id, item_id=shop.item.id, quantity=2))
    assert [line.gross for line in more.lines] == [-12100, 24200]


def test_prices_alike_in_amount_and_not_in_tax_are_exchanged_at_once(shops: type[Shop]) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    plan = shop.commit(SwitchPrice(subscription_id=base.id, item_id=shop.item.id, price_id="book-alike"))
    assert (figures(plan), plan.total) == ([(-1000, -190, -1190), (1000, 70, 1070)], -120)
    back = shop.commit(SwitchPrice(subscription_id=base.id, item_id=shop.item.id, price_id="business-alike"))
    assert back.total == 120


def test_a_new_interval_credits_with_tax(shops: type[Shop]) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    plan = shop.commit(ChangeInterval(subscription_id=base.id, prices=((shop.item.id, "pro-year"),)))
    assert figures(plan) == [(-1000, -190, -1190), (20000, 3800, 23800)]


def test_a_credit_gives_back_what_the_customer_paid_then_not_what_it_would_pay_now(shops: type[Shop]) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    shop.account = shop.account.now_buying_as(FIRM, shop.now)
    plan = shop.plan(CancelNow(subscription_id=base.id, credit=True))
    assert figures(plan) == [(-1000, -190, -1190)]
    bought = shop.plan(Purchase(items=(NewItem(price_id="setup"),)))
    assert (bought.tax, bought.lines[0].taxes[0].treatment) == (0, "reverse_charge")


# ─── entries ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_tax_is_owed_to_the_authority_and_the_rest_is_deferred(shops: type[Shop]) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    till = Till(shop)
    plan = shop.plan(Purchase(items=(NewItem(price_id="setup"),)))
    bought = till.settle(paid(till.open(plan)))
    assert accounts(bought) == {"cash:sandbox": 5950, "revenue": -5000, "tax_payable": -950}
    start = shop.zone()
    begun = till.settle(paid(till.open(start), ref="pi_2"))
    assert accounts(begun) == {"cash:sandbox": 2380, "deferred_revenue": -2000, "tax_payable": -380}


def test_a_negative_plan_takes_the_tax_back_too(shops: type[Shop]) -> None:
    shop = shops(taxes=GERMANY, buyer=GERMAN)
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    till = Till(shop)
    booking = till.settle(
        said(till.open(shop.plan(CancelNow(subscription_id=base.id, credit=True))), Outcome.SUCCEEDED)
    )
    (note,) = till.notes
    assert accounts(booking) == {}
    assert accounts(note) == {"deferred_revenue": 1000, "tax_payable": 190, "customer_credit": -1190}
