"""Cart plans: several products are one plan, with one invoice, and cost what they cost one by one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from solvent.core.cart import Cart, CartLine
from solvent.core.cart_plan import plan_cart
from solvent.core.cart_view import CartTold, fingerprint, instant, same, seen_at, tell
from solvent.core.change import Purchase, SetQuantity, Start
from solvent.core.invoice import LineKind
from solvent.core.payment import AttemptState, Path, ProofKind
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.request import CancelAtPeriodEnd, CancelNow, NewItem
from solvent.core.settlement import Strand
from tests.core.conftest import ACCOUNT_ID, Shop
from tests.core.places import EUROPE, FIRM, GERMAN, rules
from tests.core.till import Till, paid

CART_ID = UUID(int=0xCA27)


def cart_of(*lines: str, coupons: tuple[str, ...] = ()) -> Cart:
    """A cart of ``price``, ``price@object`` or ``price@object×quantity``; its lines are 1, 2, …"""
    told = []
    for n, line in enumerate(lines, 1):
        name, _, quantity = line.partition("×")
        price_id, _, thing = name.partition("@")
        told.append(
            CartLine(
                id=UUID(int=n), price_id=price_id, quantity=int(quantity or 1), object=thing or "account"
            )
        )
    now = Shop().now
    return Cart(
        id=CART_ID,
        account_id=ACCOUNT_ID,
        version=1,
        lines=tuple(told),
        coupons=coupons,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )


def planned(shop: Shop, cart: Cart) -> Plan:
    plan = plan_cart(cart, shop.context)
    assert isinstance(plan, Plan), plan
    return plan


def refused(shop: Shop, cart: Cart) -> tuple[str, str]:
    refusal = plan_cart(cart, shop.context)
    assert isinstance(refusal, Refusal), refusal
    return refusal.field, refusal.rule


def told(shop: Shop, cart: Cart, plan: Plan | None) -> CartTold:
    return tell(cart, plan, shop.account, shop.catalog, shop.policy, shop.convention)


def test_several_products_are_one_plan(shop: Shop) -> None:
    cart = cart_of("pro@zone:a", "seats×3", "pro-year@zone:b", "setup")
    plan = planned(shop, cart)
    monthly, yearly = plan.subscriptions
    assert [x.price_id for x in monthly.items] == ["pro", "seats"]
    assert [x.price_id for x in yearly.items] == ["pro-year"]
    assert (plan.total, plan.due) == (2000 + 1500 + 20000 + 5000, 28500)
    assert (plan.intent, plan.path, plan.claim) == (Intent.CART, Path.PURCHASE, f"cart:{CART_ID}")
    assert plan.intents == (Intent.START, Intent.START)
    assert plan.slots == ("zone@zone:a", "seats@account", "zone@zone:b")
    seen = told(shop, cart, plan)
    assert [line.amount for line in seen.lines] == [2000, 1500, 20000, 5000]
    assert [(r.amount, str(r.interval)) for r in seen.renews] == [(3500, "month"), (20000, "year")]


def test_it_costs_what_its_changes_cost(shop: Shop) -> None:
    plan = planned(shop, cart_of("pro@zone:a", "setup"))
    start = shop.plan(Start(items=(NewItem(price_id="pro", object="zone:a"),)))
    bought = shop.plan(Purchase(items=(NewItem(price_id="setup"),)))
    assert plan.lines[0].amount == start.lines[0].amount
    assert [x.explanation for x in plan.lines] == [x.explanation for x in (*start.lines, *bought.lines)]


def test_it_is_taxed_and_paid_by_credit_as_one_invoice(shops: type[Shop]) -> None:
    shop = shops(taxes=rules(*EUROPE), buyer=GERMAN, credit=1000)
    cart = cart_of("pro@zone:a", "setup", "pro-gross@zone:b")
    plan = planned(shop, cart)
    assert (plan.tax, plan.total) == (380 + 950 + 380, 2380 + 5950 + 2380)
    assert (plan.credit_used, plan.due) == (1000, plan.total - 1000)
    seen = told(shop, cart, plan)
    assert [(t.name, t.jurisdiction, t.rate, t.amount, t.included) for t in seen.taxes] == [
        ("VAT", "DE", "19 %", 1330, False),
        ("VAT", "DE", "19 %", 380, True),
    ]
    assert seen.subtotal - seen.discount + 1330 == seen.total


def test_a_tax_that_is_not_collected_is_not_listed(shops: type[Shop]) -> None:
    shop = shops(taxes=rules(*EUROPE), buyer=FIRM)
    cart = cart_of("setup")
    assert told(shop, cart, planned(shop, cart)).taxes == ()


def test_what_the_account_has_is_changed(shop: Shop) -> None:
    shop.zone("pro", "zone:a")
    shop.start(("seats", 2, "account"))
    shop.at(2026, 1, 16, 12)
    cart = cart_of("business@zone:a", "seats×5", "pro@zone:b")
    plan = planned(shop, cart)
    assert plan.path is Path.CHANGE
    assert plan.intents == (Intent.MODIFY, Intent.MODIFY, Intent.START)
    assert [s.version for s in plan.subscriptions] == [2, 2, 1]
    seen = told(shop, cart, plan)
    assert [line.amount for line in seen.lines] == [9000, 750, 2000]
    assert LineKind.PRORATED_CREDIT in {line.kind for line in plan.lines}


def test_less_of_it_waits_for_the_end_and_costs_nothing_now(shop: Shop) -> None:
    shop.start(("seats", 4, "account"))
    plan = planned(shop, cart_of("seats×2"))
    assert (plan.intents, plan.due, plan.proof) == ((Intent.SCHEDULE,), 0, ProofKind.NOTHING_DUE)
    assert [r.amount for r in told(shop, cart_of("seats×2"), plan).renews] == [1000]


def test_another_interval_is_of_the_whole_subscription(shop: Shop) -> None:
    shop.start(("pro", 1, "zone:a"), ("seats", 2, "account"))
    field, rule = refused(shop, cart_of("pro-year@zone:a"))
    assert field == "lines[0].price_id"
    assert "rest of its subscription" in rule
    plan = planned(shop, cart_of("pro-year@zone:a", "seats-year×2"))
    assert plan.intents == (Intent.MODIFY,)
    assert plan.due == 20000 + 10000 - 2000 - 1000
    field, rule = refused(shop, cart_of("pro-year@zone:a", "seats-year×3"))
    assert (field, rule[:9]) == ("lines[1].quantity", "must be 2")
    field, rule = refused(shop, cart_of("pro-year@zone:a", "team×2"))
    assert field == "lines[1].price_id"


def test_two_changes_of_one_subscription_are_two_carts(shop: Shop) -> None:
    shop.start(("pro", 1, "zone:a"), ("seats", 2, "account"))
    assert refused(shop, cart_of("business@zone:a", "seats×3"))[0] == "lines[1].price_id"
    assert refused(shop, cart_of("team×3"))[0] == "lines[0].quantity"


def test_what_cannot_be_bought_is_told_by_its_line(shop: Shop) -> None:
    assert refused(shop, cart_of()) == ("lines", "must be at least one")
    assert refused(shop, cart_of("seats", "nowhere"))[0] == "lines[1].price_id"
    assert refused(shop, cart_of("setup", "seats", "team"))[0] == "lines[2].price_id"
    assert refused(shop, cart_of("setup", "setup"))[0] == "lines[1].price_id"
    shop.start(("seats", 2, "account"))
    assert refused(shop, cart_of("pro@zone:b", "seats×2"))[0] == "lines[1].quantity"
    shop.overdue = True
    assert refused(shop, cart_of("pro@zone:b"))[0] == "account"


def test_refusals_of_a_price_and_a_subscription_name_the_line(shop: Shop) -> None:
    shop.zone("pro", "zone:a")
    shop.at(2026, 2, 1)
    field, rule = refused(shop, cart_of("setup", "business@zone:a"))
    assert (field, rule[:16]) == ("lines[1].price_id", "is being renewed")


def test_what_has_ended_is_bought_anew(shop: Shop) -> None:
    shop.zone("pro", "zone:a")
    shop.commit(CancelNow(subscription_id=shop.only.id))
    assert planned(shop, cart_of("pro@zone:a")).intents == (Intent.START,)


def test_what_is_about_to_end_is_not_renewed(shop: Shop) -> None:
    shop.start(("seats", 2, "account"))
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    cart = cart_of("seats×3")
    assert told(shop, cart, planned(shop, cart)).renews == ()


def test_a_trial_costs_nothing_now_and_needs_a_mandate(shop: Shop) -> None:
    plan = planned(shop, cart_of("media"))
    assert (plan.due, plan.needs_setup, plan.proof) == (0, True, ProofKind.TRIAL)


def test_what_pays_for_something_beside_a_trial_is_the_mandate(shop: Shop) -> None:
    cart = cart_of("media", "seats")
    plan = planned(shop, cart)
    assert (plan.due, plan.needs_setup, len(plan.subscriptions)) == (500, False, 2)
    assert plan.proof is ProofKind.PAYMENT
    assert [line.amount for line in told(shop, cart, plan).lines] == [0, 500]


def test_a_contract_account_pays_by_invoice(shops: type[Shop]) -> None:
    shop = shops(terms_days=30)
    plan = planned(shop, cart_of("seats", "setup"))
    assert (plan.due, plan.total, plan.proof) == (0, 5500, ProofKind.TERMS)


def test_the_same_view_has_the_same_fingerprint_whenever_it_was_made(shop: Shop) -> None:
    cart = cart_of("pro@zone:a")
    first = fingerprint(planned(shop, cart), cart)
    shop.at(2026, 1, 1, 0, 5)
    second = fingerprint(planned(shop, cart), cart)
    assert first != second
    assert same(first, second)
    assert not same(first, fingerprint(planned(shop, cart_of("pro@zone:b")), cart))
    assert not same("", "")
    assert seen_at(first, shop.now) == shop.at(2026, 1, 1).now
    late = shop.now + timedelta(hours=1)
    assert seen_at(first, late) == late
    assert seen_at("forged", late) == late
    assert seen_at("f" * 60 + "-x", late) == late
    assert instant(late + timedelta(microseconds=1)) == late


def test_a_cart_that_cannot_be_bought_still_shows_its_lines(shop: Shop) -> None:
    seen = told(shop, cart_of("seats", "nowhere"), None)
    assert [(x.name, x.amount) for x in seen.lines] == [("Seats", 0), ("nowhere", 0)]
    assert (seen.total, seen.fingerprint, seen.renews) == (0, "", ())


def test_it_is_booked_as_one_commit(shop: Shop) -> None:
    shop.start(("seats", 2, "account"))
    till = Till(shop)
    plan = planned(shop, cart_of("pro@zone:a", "seats×3", "setup"))
    booking = till.settle(paid(till.open(plan)))
    assert booking.invoice is not None
    assert booking.invoice.subscription_id is None
    assert [type(e).__name__ for b in (booking, *booking.others) for e in b.events][:2] == [
        "SubscriptionChanged",
        "InvoicePaid",
    ]
    assert all(b.items_changed for b in (booking, *booking.others))


def test_late_money_for_a_cart_is_never_used_for_it(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(planned(shop, cart_of("pro@zone:a")), AttemptState.FAILED)
    assert till.judge(paid(attempt)) == Strand(reason="late")


def test_quantity_of_a_change_is_planned_on_what_is_there(shop: Shop) -> None:
    shop.start(("seats", 2, "account"))
    alone = shop.plan(SetQuantity(subscription_id=shop.only.id, item_id=shop.item.id, quantity=3))
    assert planned(shop, cart_of("seats×3")).due == alone.due
