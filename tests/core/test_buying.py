"""New subscriptions, trials, one-off purchases and methods: what they cost, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.change import AddMethod, NewItem, Purchase, Start
from solvent.core.invoice import LineKind
from solvent.core.payment import Path, ProofKind
from solvent.core.plan import Intent, OnFailure, Plan
from solvent.core.policy import Policy
from solvent.core.subscription import SubscriptionState

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def day(year: int, month: int, of_month: int, hour: int = 0) -> datetime:
    return datetime(year, month, of_month, hour, tzinfo=UTC)


def amounts(plan: Plan) -> list[int]:
    return [line.amount for line in plan.lines]


def items(*prices: str, thing: str = "account", quantity: int = 1) -> tuple[NewItem, ...]:
    return tuple(NewItem(price_id=p, quantity=quantity, object=thing) for p in prices)


def test_a_subscription_is_paid_in_advance_for_its_first_period(shop: Shop) -> None:
    plan = shop.at(2026, 1, 31, 12).start(("pro", 1, "zone:example.com"), ("seats", 3, "account"))
    assert (plan.path, plan.intent, plan.proof, plan.on_failure) == (
        Path.PURCHASE,
        Intent.START,
        ProofKind.PAYMENT,
        OnFailure.NOTHING,
    )
    assert amounts(plan) == [2000, 1500]
    assert (plan.total, plan.due, plan.credit_used, plan.needs_setup) == (3500, 3500, 0, False)
    assert plan.claim == "new:seats@account+zone@zone:example.com"
    assert plan.expires_at == shop.now + timedelta(minutes=30)
    after = plan.after
    assert (after.state, after.version, after.index) == (SubscriptionState.ACTIVE, 1, 0)
    assert (after.period.start, after.period.end) == (day(2026, 1, 31, 12), day(2026, 2, 28, 12))
    assert [line.item_id for line in plan.lines] == [item.id for item in after.items]


def test_every_line_says_how_it_came_about(shop: Shop) -> None:
    pro, seats = shop.at(2026, 1, 31).start(("pro", 1, "zone:example.com"), ("seats", 3, "account")).lines
    assert str(pro.description) == "Pro, zone:example.com"
    assert (
        str(pro.explanation) == "1 × 20.00 USD = 20.00 USD per month, in advance for 2026-01-31 to 2026-02-28"
    )
    assert str(seats.description) == "Seats × 3"
    assert (
        str(seats.explanation)
        == "3 × 5.00 USD = 15.00 USD per month, in advance for 2026-01-31 to 2026-02-28"
    )
    assert (seats.kind, seats.quantity, seats.price_id, seats.period) == (
        LineKind.CHARGE,
        3,
        "seats",
        pro.period,
    )


def test_dates_are_the_accounts_own(shops: type[Shop]) -> None:
    """1 February in Tokyo has begun when it is still 31 January in London."""
    shop = shops(currency="JPY", time_zone="Asia/Tokyo").at(2026, 1, 31, 15)
    plan = shop.zone("pro-jpy")
    assert amounts(plan) == [3000]
    assert plan.after.period.end == day(2026, 2, 28, 15)
    assert str(plan.lines[0].explanation).endswith(
        "3000 JPY per month, in advance for 2026-02-01 to 2026-03-01"
    )


def test_account_credit_pays_first(shops: type[Shop]) -> None:
    shop = shops(credit=500)
    part = shop.zone()
    assert (part.total, part.credit_used, part.due, part.proof) == (2000, 500, 1500, ProofKind.PAYMENT)
    whole = shops(credit=2500).zone()
    assert (whole.total, whole.credit_used, whole.due, whole.proof) == (2000, 2000, 0, ProofKind.CREDIT)


def test_a_contract_account_pays_later_and_keeps_its_credit(shops: type[Shop]) -> None:
    plan = shops(terms_days=30, credit=500).zone()
    assert (plan.total, plan.due, plan.credit_used, plan.terms_days, plan.proof) == (
        2000,
        0,
        0,
        30,
        ProofKind.TERMS,
    )


def test_something_free_has_no_lines(shop: Shop) -> None:
    plan = shop.zone("free")
    assert (plan.lines, plan.total, plan.proof, plan.needs_setup) == ((), 0, ProofKind.NOTHING_DUE, False)


def test_a_trial_needs_a_confirmed_mandate_and_no_money(shop: Shop) -> None:
    plan = shop.at(2026, 3, 1).start("media")
    after = plan.after
    assert (plan.lines, plan.due, plan.needs_setup, plan.proof) == ((), 0, True, ProofKind.TRIAL)
    assert (after.state, after.index, after.version) == (SubscriptionState.TRIALING, 0, 1)
    assert (after.period.start, after.period.end) == (day(2026, 3, 1), day(2026, 3, 15))
    assert after.anchor.at == day(2026, 3, 15)


def test_the_shortest_trial_counts_for_all(shop: Shop) -> None:
    assert shop.at(2026, 3, 1).start("media", "support").after.period.end == day(2026, 3, 8)


def test_a_trial_lasts_local_days(shops: type[Shop]) -> None:
    """Berlin sets its clocks forward on 29 March 2026, so 14 days are an hour short."""
    shop = shops(time_zone="Europe/Berlin").at(2026, 3, 20, 11)
    assert shop.start("media").after.period.end == day(2026, 4, 3, 10)


def test_a_contract_account_needs_no_mandate_for_a_trial(shops: type[Shop]) -> None:
    plan = shops(terms_days=30).start("media")
    assert (plan.needs_setup, plan.proof) == (False, ProofKind.NOTHING_DUE)


@pytest.mark.parametrize(
    ("asked", "field", "rule"),
    [
        ((), "items", "must be 1 to 100 items, got 0"),
        (items("seats") * 101, "items", "must be 1 to 100 items, got 101"),
        (items("seats", "nope"), "items[1].price_id", "must be a price of the catalog"),
        (items("pro-old", thing="zone:a"), "items[0].price_id", "must be a price that is on sale"),
        (
            items("pro-eur", thing="zone:a"),
            "items[0].price_id",
            "must be in USD, the currency of the account, got EUR",
        ),
        (items("seats", quantity=0), "items[0].quantity", "must be from 1 to 50 of Seats, got 0"),
        (items("seats", quantity=51), "items[0].quantity", "must be from 1 to 50 of Seats, got 51"),
        (
            items("calls", quantity=10**9 + 1),
            "items[0].quantity",
            "must be from 1 to 1,000,000,000 of Calls, got 1,000,000,001",
        ),
        (items("seats", thing="zone:a"), "items[0].object", 'must be "account" for Seats'),
        (items("pro"), "items[0].object", 'must be "zone:" and a name without spaces for Pro'),
        (items("pro", thing="zone"), "items[0].object", 'must be "zone:" and a name without spaces for Pro'),
        (items("pro", thing="zone:"), "items[0].object", 'must be "zone:" and a name without spaces for Pro'),
        (
            items("pro", thing="zone:a b"),
            "items[0].object",
            'must be "zone:" and a name without spaces for Pro',
        ),
        (
            items("seats", "setup"),
            "items[1].price_id",
            "must be a recurring price: purchase one-off prices",
        ),
        (
            items("seats", "media-year"),
            "items[1].price_id",
            "must be per month like the first item, got per year",
        ),
        (
            items("pro", "business", thing="zone:a"),
            "items[1].price_id",
            "must be the only zone on zone:a: switch the price of the other one",
        ),
        (items("media", "seats"), "items", "must all have a trial or none: start the others on their own"),
    ],
)
def test_a_start_that_breaks_a_rule_is_refused_by_field(
    shop: Shop, asked: tuple[NewItem, ...], field: str, rule: str
) -> None:
    assert shop.refusal(Start(items=asked)) == (field, rule)


def test_a_family_is_taken_once_per_object_by_live_subscriptions(shop: Shop) -> None:
    shop.zone("pro", "zone:a")
    assert shop.refusal(Start(items=items("business", thing="zone:a"))) == (
        "items[0].price_id",
        "must be the only zone on zone:a: switch the price of the other one",
    )
    assert shop.plan(Start(items=items("business", thing="zone:b"))).total == 20000


def test_a_long_claim_is_told_by_its_digest(shop: Shop) -> None:
    asked = [NewItem(price_id="pro", object=f"zone:{n:060}") for n in range(100)]
    first = shop.plan(Start(items=tuple(asked)))
    again = shop.plan(Start(items=tuple(reversed(asked))))
    assert len(first.claim) == len("new:") + 32
    assert first.claim == again.claim


def test_a_purchase_leaves_no_subscription(shop: Shop) -> None:
    asked = (
        NewItem(price_id="setup", quantity=2),
        NewItem(price_id="certificate", object="zone:example.com"),
    )
    plan = shop.commit(Purchase(items=asked))
    assert (plan.intent, plan.path, plan.after) == (Intent.PURCHASE, Path.PURCHASE, None)
    assert (amounts(plan), plan.due) == ([10000, 1000], 11000)
    assert plan.claim == "buy:certificate@zone:example.com×1+setup@account×2"
    assert str(plan.lines[0].explanation) == "2 × 50.00 USD = 100.00 USD, once"
    assert str(plan.lines[1].description) == "Certificate, zone:example.com"


def test_a_purchase_is_of_one_off_prices(shop: Shop) -> None:
    rule = "must be a one-off price, this one is per month: start a subscription"
    assert shop.refusal(Purchase(items=items("setup", "seats"))) == ("items[1].price_id", rule)
    assert shop.refusal(Purchase(items=())) == ("items", "must be 1 to 100 items, got 0")


def test_a_method_is_vaulted_without_paying(shops: type[Shop]) -> None:
    plan = shops(overdue=True).plan(AddMethod())
    assert (plan.intent, plan.claim, plan.due, plan.needs_setup, plan.proof) == (
        Intent.ADD_METHOD,
        "method",
        0,
        True,
        ProofKind.TRIAL,
    )


def test_overdue_debt_refuses_what_is_new(shops: type[Shop]) -> None:
    shop = shops(overdue=True)
    expected = ("account", "owes an overdue invoice: pay the open debt first")
    assert shop.refusal(Start(items=items("media"))) == expected
    assert shop.refusal(Purchase(items=items("setup"))) == expected
    lenient = shops(overdue=True, policy=Policy(unpaid_blocks=False))
    assert lenient.plan(Start(items=items("media"))).needs_setup
