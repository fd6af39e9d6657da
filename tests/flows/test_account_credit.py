"""Account credit in grants: given, bought, drawn on in order, voided, expired; and whatever happens in between."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.credit import CreditGrant, GrantKind
from solvent.core.credit_bookings import EXPIRY_MAX, Gift
from solvent.core.crediting import PaidPart
from solvent.core.plan import Refusal
from solvent.core.request import CancelNow, NewItem, Purchase, Start, TopUp
from solvent.flows.account_credit import Given, KeyReused, give_credit, void_credit
from solvent.flows.renew import renew
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, DECLINED, GOOD, NO_FUNDS, REFUNDS_REFUSED, manual, zone
from tests.flows.test_credit import credit, only
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

DOMAIN = Start(items=(NewItem(price_id=price("domain-com", period="year"), object="domain:example.com"),))


def uses(world: FragileWorld, customer: Customer) -> list[tuple[str, int]]:
    """What credit was used for, and how much, in order."""
    query = "select kind, amount from credit_use where account_id = %s order by used_at, cause_id, position"
    with world.database.pool.connection() as connection:
        return list(connection.execute(query, (customer.id,)).fetchall())


def told(customer: Customer) -> list[tuple[str, int]]:
    """The events about its credit."""
    return [(e.type.removeprefix("credit."), int(str(e.data["amount"]))) for e in customer.events("credit.")]


def test_credit_that_is_given_pays_before_the_method_does(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    ada.receive_credit(500)
    world.until(ada.subscription().period.end)
    assert [charge.amount for charge in ada.charges()] == [2_000, 1_500]
    assert told(ada) == [("granted", 500), ("used", 500)]
    assert ada.ledger()["credit_given", "USD"] == 500
    assert (ada.credit(), ada.debt(), uses(world, ada)) == (0, 0, [("invoice", 500)])


def test_grants_are_drawn_on_in_their_order_and_a_quote_is_what_is_committed(
    world: FragileWorld, ada: Customer
) -> None:
    ada.receive_credit(700)
    ada.receive_credit(900, expires_at=world.now + timedelta(days=30))
    ada.receive_credit(300, priority=0, kind=GrantKind.SPONSORED)
    order = [g.amount for g in ada.credit_grants()]
    assert order == [300, 900, 700]
    quoted = ada.quote(zone())
    attempt = ada.buy(zone())
    assert (quoted.fingerprint, quoted.draws) == (attempt.plan.fingerprint, attempt.plan.draws)
    assert (quoted.credit_used, quoted.due) == (1_900, 100)
    assert uses(world, ada) == [("invoice", 300), ("invoice", 900), ("invoice", 700)]


def test_what_is_granted_changes_the_fingerprint(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(2_000)
    first = ada.quote(zone())
    ada.receive_credit(2_000, priority=0)
    second = ada.quote(zone())
    assert (first.credit_used, first.due) == (second.credit_used, second.due)
    assert first.fingerprint != second.fingerprint


def test_a_domain_is_paid_by_money_whatever_credit_there_is(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(50_000)
    pro = NewItem(price_id=price("zone-pro", period="year"), object="zone:example.com")
    attempt = ada.buy(Start(items=(*DOMAIN.items, pro)))
    assert (attempt.plan.total, attempt.plan.credit_used, attempt.plan.due) == (21_044, 20_000, 1_044)
    assert [(x.line, x.amount) for x in attempt.plan.draws] == [(2, 20_000)]
    assert [c.amount for c in ada.charges()] == [1_044]


def test_a_debt_for_a_domain_waits_for_the_method_and_is_not_tried_again_at_once(
    world: FragileWorld, ada: Customer
) -> None:
    """Credit that could pay the sum, but not this line, must not look like a way to pay."""
    ada.buy(DOMAIN)
    ada.card_becomes(NO_FUNDS)
    ada.receive_credit(5_000)
    world.until(ada.subscription().period.end)
    world.wait(hours=1)
    assert (ada.debt(), ada.credit(), len(ada.attempts())) == (1_044, 5_000, 2)
    ada.pay_debt()
    assert (ada.debt(), ada.credit()) == (0, 5_000)


def test_credit_that_comes_later_pays_a_debt_or_its_part_of_one(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    ada.card_becomes(DECLINED)
    world.until(ada.subscription().period.end)
    assert ada.debt() == 2_000
    ada.receive_credit(1_500)
    world.work()
    assert (ada.debt(), ada.credit()) == (2_000, 1_500)  # not all of it: the next payment uses it
    ada.receive_credit(600)
    world.work()
    assert (ada.debt(), ada.credit()) == (0, 100)


def test_a_mixed_debt_is_paid_by_both(world: FragileWorld, ada: Customer) -> None:
    pro = NewItem(price_id=price("zone-pro", period="year"), object="zone:example.com")
    ada.buy(Start(items=(*DOMAIN.items, pro)))
    ada.card_becomes(NO_FUNDS)
    world.until(ada.subscription().period.end)
    (debt,) = ada.open_invoices()
    credit(ada, debt, 5_000)
    ada.receive_credit(50_000)
    ada.card_becomes(GOOD)
    world.wait(days=2)
    whole = 21_044 - 5_000
    assert (ada.debt(), ada.charges()[-1].amount + (50_000 - ada.credit())) == (0, whole)
    assert (
        ada.charges()[-1].amount == 1_044 - 248
    )  # the note took its share of each line: 5000 × 1044 / 21044


def test_goodwill_expires_once_and_is_no_cost_any_more(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(900, expires_at=world.now + timedelta(days=10))
    ada.receive_credit(100)
    world.wait(days=9)
    assert ada.credit() == 1_000
    world.wait(days=2)
    assert (ada.credit(), ada.ledger()["credit_given", "USD"]) == (100, 100)
    world.wait(days=30)
    assert told(ada) == [("granted", 900), ("granted", 100), ("expired", 900)]
    assert uses(world, ada) == [("expired", 900)]


def test_what_is_bought_is_a_liability_until_it_is_used_or_expires(
    world: FragileWorld, ada: Customer
) -> None:
    world.decide(prepaid_validity=timedelta(days=100))
    bought = ada.buy(TopUp(amount=5_000))
    assert (bought.state, bought.plan.proof, ada.credit()) == ("committed", "payment", 5_000)
    (grant,) = ada.credit_grants()
    assert (grant.kind, grant.expires_at) == (GrantKind.PREPAID, world.now + timedelta(days=100))
    assert ada.ledger() == {("cash:sandbox", "USD"): 5_000, ("prepaid_credit", "USD"): -5_000}
    ada.buy(zone())
    ada.open(CancelNow(subscription_id=ada.subscription().id))
    assert (ada.credit(), len(ada.charges())) == (3_000, 1)
    world.wait(days=101)
    assert (ada.credit(), ada.ledger()["breakage", "USD"]) == (0, -3_000)
    assert ("prepaid_credit", "USD") not in {k for k, v in ada.ledger().items() if v}


def test_credit_does_not_buy_credit_and_overdue_debt_does_not_forbid_it(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    ada.card_becomes(DECLINED)
    world.until(ada.subscription().period.end)
    world.wait(days=6)
    ada.receive_credit(1_000)
    bought = ada.buy(TopUp(amount=1_200))
    assert (bought.plan.credit_used, bought.plan.due) == (0, 1_200)
    world.work()
    assert (ada.debt(), ada.credit()) == (0, 200)


def test_bought_credit_goes_back_as_money_as_far_as_it_is_left(world: FragileWorld, ada: Customer) -> None:
    ada.buy(TopUp(amount=5_000))
    (sold,) = ada.invoices()
    ada.buy(zone())
    said = credit(ada, sold, 3_001)
    assert said == Refusal(
        field="amount", rule="must be at most 3000, what is left of the credit that it sold"
    )
    rule = "must be refund: the invoice sold account credit"
    assert credit(ada, sold, 100, paid_part=PaidPart.CREDIT) == Refusal(field="paid_part", rule=rule)
    credit(ada, sold, 1_000)
    world.work()
    assert (ada.credit(), ada.ledger()["cash:sandbox", "USD"]) == (2_000, 4_000)
    assert ("refunded", 1_000) in uses(world, ada)
    assert ada.ledger().get(("allowances", "USD"), 0) == 0


def test_bought_credit_whose_refund_is_refused_is_kept_money(world: FragileWorld, ada: Customer) -> None:
    """It was sold no more: so it neither expires to income nor serves as a wallet, and can go back once the card takes
    it."""
    world.decide(prepaid_validity=timedelta(days=100))
    ada.buy(TopUp(amount=5_000), REFUNDS_REFUSED)
    (sold,) = ada.invoices()
    credit(ada, sold, 3_000)
    world.work()
    kinds = [(grant.kind, grant.remaining, grant.expires_at is None) for grant in ada.credit_grants()]
    assert sorted(kinds) == [(GrantKind.PREPAID, 2_000, False), (GrantKind.RETURNED, 3_000, True)]
    books = {name: amount for (name, _), amount in ada.ledger().items() if amount}
    assert books == {"cash:sandbox": 5_000, "prepaid_credit": -2_000, "customer_credit": -3_000}
    world.wait(days=101)
    assert (ada.credit(), ada.ledger()["breakage", "USD"]) == (3_000, -2_000)


# Between plan and commit


def test_credit_that_arrives_does_not_change_what_was_planned(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone())
    ada.receive_credit(2_000)
    assert ada.complete(attempt).state == "committed"
    assert (ada.credit(), [c.amount for c in ada.charges()]) == (2_000, [2_000])


def spend(ada: Customer, _: CreditGrant) -> None:
    ada.receive_invoice(manual(500))


def void(ada: Customer, grant: CreditGrant) -> None:
    void_credit(ada.world.platform, ada.id, grant.id, "a mistake", "carol", ada.world.now)


@pytest.mark.parametrize("taken", [spend, void])
def test_credit_that_is_gone_makes_the_plan_stale_and_loses_no_money(
    world: FragileWorld, ada: Customer, taken: Callable[[Customer, CreditGrant], None]
) -> None:
    grant = ada.receive_credit(500)
    attempt = ada.open(zone())
    assert (attempt.plan.credit_used, attempt.plan.due) == (500, 1_500)
    taken(ada, grant)
    paid = ada.complete(attempt)
    assert (paid.state, ada.subscriptions()) == ("returned", ())
    (kept,) = ada.credit_grants()
    assert (kept.kind, kept.amount, kept.expires_at) == (GrantKind.RETURNED, 1_500, None)


def test_other_credit_does_not_stand_in_for_what_was_planned(world: FragileWorld, ada: Customer) -> None:
    """The commit writes what the plan names, and nothing else."""
    grant = ada.receive_credit(500)
    attempt = ada.open(zone())
    void(ada, grant)
    ada.receive_credit(5_000)
    assert ada.complete(attempt).state == "returned"
    assert ada.credit() == 6_500


def test_credit_does_not_expire_under_an_attempt_that_counts_on_it(
    world: FragileWorld, ada: Customer
) -> None:
    ada.receive_credit(500, expires_at=world.now + timedelta(minutes=10))
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    world.wait(minutes=20)
    assert told(ada) == [("granted", 500)]
    assert ada.quote(zone("other.example")).credit_used == 0  # no further plan counts on it
    ada.pass_challenge(attempt)
    assert ada.confirm(attempt).state == "committed"
    assert (ada.credit(), [c.amount for c in ada.charges()]) == (0, [1_500])
    world.wait(days=1)
    assert told(ada) == [("granted", 500), ("used", 500)]


def test_credit_expires_when_the_attempt_that_counted_on_it_is_over(
    world: FragileWorld, ada: Customer
) -> None:
    ada.receive_credit(500, expires_at=world.now + timedelta(minutes=10))
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    world.wait(hours=1)
    assert (ada.attempt(attempt).state, ada.credit()) == ("failed", 0)
    assert told(ada) == [("granted", 500), ("expired", 500)]


def test_two_renewals_of_one_batch_share_the_credit(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("a.example"))
    world.wait(hours=1)  # what falls due at one instant is one invoice anyway
    ada.buy(zone("b.example"))
    ada.receive_credit(3_000)
    world.clock.move_to(max(s.period.end for s in ada.subscriptions()))
    assert renew(world.platform, world.buckets[0], world.now, 10) == 2
    assert [c.amount for c in ada.charges()] == [2_000, 2_000, 1_000]
    assert (ada.credit(), ada.debt()) == (0, 0)


# Giving and voiding


def gift(world: FragileWorld, **terms: object) -> Gift:
    usual = {"kind": GrantKind.GOODWILL, "amount": 100, "reason": "sorry", "granted_by": "carol"}
    return Gift(**{"key": "k", "input_hash": b"i"} | usual | terms)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "field", "rule"),
    [
        ({"kind": GrantKind.PREPAID}, "kind", "must be goodwill or sponsored"),
        ({"kind": GrantKind.RETURNED}, "kind", "must be goodwill or sponsored"),
        ({"amount": 0}, "amount", "must be from 1 to 100000000000000"),
        ({"reason": " "}, "reason", "must not be empty"),
        ({"granted_by": ""}, "granted_by", "must not be empty"),
        ({"excludes": ("zone-pro", "zone-pro")}, "excludes[1]", "must not name a product twice"),
        ({"priority": 101}, "priority", "must be from 0 to 100"),
        ({"excludes": ("zone-pro", "zone-po")}, "excludes[1]", "must be a product of the catalog"),
    ],
)
def test_what_cannot_be_given(
    world: FragileWorld, ada: Customer, terms: dict[str, object], field: str, rule: str
) -> None:
    refusal = give_credit(world.platform, ada.id, gift(world, **terms), world.now)
    assert isinstance(refusal, Refusal)
    assert (refusal.field, refusal.rule.startswith(rule)) == (field, True)
    assert (ada.credit(), ada.events("credit.")) == (0, [])


def test_credit_lasts_beyond_now_and_not_for_ever(world: FragileWorld, ada: Customer) -> None:
    for moment in (world.now, world.now + EXPIRY_MAX + timedelta(seconds=1)):
        refusal = give_credit(world.platform, ada.id, gift(world, expires_at=moment), world.now)
        assert isinstance(refusal, Refusal)
        assert refusal.field == "expires_at"


def test_credit_for_nobody(world: FragileWorld, ada: Customer) -> None:
    nobody = give_credit(world.platform, uuid4(), gift(world), world.now)
    assert nobody == Refusal(field="account_id", rule="must be an existing account")
    for account, grant in ((ada.id, uuid4()), (uuid4(), uuid4())):
        none = void_credit(world.platform, account, grant, "r", "carol", world.now)
        assert none == Refusal(field="grant_id", rule="must be a grant of credit of the account")


def test_the_same_key_is_the_same_gift(world: FragileWorld, ada: Customer) -> None:
    first = give_credit(world.platform, ada.id, gift(world), world.now)
    assert isinstance(first, Given)
    again = give_credit(world.platform, ada.id, gift(world), world.now)
    assert again == Given(grant_id=first.grant_id, new=False)
    other = give_credit(world.platform, ada.id, gift(world, input_hash=b"o"), world.now)
    assert other == KeyReused(grant_id=first.grant_id)
    another = world.customer("Bob")
    assert isinstance(give_credit(world.platform, another.id, gift(world), world.now), Given)
    assert (ada.credit(), told(ada)) == (100, [("granted", 100)])


def test_what_was_given_can_be_voided_and_what_was_bought_cannot(world: FragileWorld, ada: Customer) -> None:
    grant = ada.receive_credit(500)
    ada.receive_invoice(manual(200))
    void(ada, grant)
    assert (ada.credit(), ada.ledger()["credit_given", "USD"]) == (0, 200)
    assert told(ada) == [("granted", 500), ("used", 200), ("voided", 300)]
    again = void_credit(world.platform, ada.id, grant.id, "again", "carol", world.now)
    assert again == Refusal(field="grant_id", rule="must have something left")
    ada.buy(TopUp(amount=100))
    (bought,) = ada.credit_grants()
    refused = void_credit(world.platform, ada.id, bought.id, "no", "carol", world.now)
    assert isinstance(refused, Refusal)
    assert refused.rule.endswith("the customer's own money")


@pytest.mark.parametrize("amount", [0, 1_000_000_001])
def test_how_much_can_be_bought(ada: Customer, amount: int) -> None:
    assert ada.ask(TopUp(amount=amount)) == Refusal(field="amount", rule="must be from 1 to 1000000000")


def test_a_grant_that_excludes_a_product(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(3_000, excludes=("zone-pro",))
    assert ada.quote(zone()).credit_used == 0
    assert ada.quote(zone(product="zone-business")).credit_used == 3_000
    once = Purchase(items=(NewItem(price_id=price("onboarding", period=None)),))
    assert isinstance(ada.buy(once), Attempt)
    assert ada.credit() == 0
    assert only(ada).paid == 49_900
