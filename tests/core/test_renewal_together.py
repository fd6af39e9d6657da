"""What falls due together is renewed together: one plan, one invoice, one payment, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import CancelAtPeriodEnd
from solvent.core.credit_note import by_amount
from solvent.core.crediting import Claim, PaidPart, Wish, book_credit_note
from solvent.core.giving_up import Surrender, book_given_up
from solvent.core.payment import ProofKind
from solvent.core.plan import Plan
from solvent.core.renewal import falls_together, plan_together
from solvent.core.settlement import Commit, Strand
from tests.core.funds import grants
from tests.core.till import Till, accounts, declined, paid
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def due(shop: Shop, credit: int = 0) -> tuple[Plan, ...]:
    """What the billing clock plans for all that the account has."""
    return plan_together(
        shop.account,
        tuple(shop.subscriptions.values()),
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=grants(credit),
        now=shop.now,
    )


def three(shop: Shop) -> Shop:
    """Pro for a zone, Business for another and a free one, all of them since 1 January; on 1 February they are due."""
    for price in ("pro", "business", "free"):
        shop.zone(price, f"zone:{price}.example")
    return shop.at(2026, 2, 1)


def test_one_plan_for_what_costs_something_and_one_for_what_is_free(shop: Shop) -> None:
    free, together = due(three(shop), credit=500)
    assert (free.total, free.also, free.proof) == (0, (), ProofKind.NOTHING_DUE)
    assert (together.total, together.credit_used, together.due) == (22_000, 500, 21_500)
    assert sorted(line.amount for line in together.lines) == [2_000, 20_000]
    assert [s.period.start for s in together.subscriptions] == [shop.now, shop.now]
    assert together.claim == f"sub:{together.subscriptions[0].id}"


def test_one_payment_renews_all_of_them(shop: Shop) -> None:
    till = Till(three(shop))
    _, plan = due(shop)
    booking = till.settle(paid(till.open(plan)))
    assert accounts(booking) == {"cash:sandbox": 22_000, "deferred_revenue": -22_000}
    assert booking.invoice is not None
    assert booking.invoice.subscription_id is None, "it is for several"
    (other,) = booking.others
    assert other.stands_on == booking.proof.id
    assert {booking.subscription, other.subscription} == set(plan.subscriptions)
    assert [len(b.grants) for b in (booking, other)] == [1, 1]
    assert [e.type for e in (*booking.events, *other.events)] == [
        "subscription.renewed",
        "invoice.paid",
        "subscription.renewed",
    ]


def on_grace(shop: Shop) -> tuple[Till, Plan, Claim]:
    """Both stand on the one invoice, because its payment was declined."""
    till = Till(three(shop))
    _, plan = due(shop)
    booking = till.settle(declined(till.open(plan)))
    proof_id = booking.proof.id
    invoice = till.live.invoices[booking.invoice.id]
    held = [(s, proof_id) for s in till.live.on_grace[invoice.id]]
    assert len(held) == 2
    assert [s.grace_invoice for s, _ in held] == [invoice.id] * 2
    claim = Claim(
        account=shop.account,
        invoice=invoice,
        lines=booking.invoice.lines,
        credited={},
        on_grace=held,
        live=held,
    )
    return till, plan, claim


def test_when_the_payment_fails_all_of_them_stand_on_one_invoice_and_paying_it_lifts_all(shop: Shop) -> None:
    till, _, claim = on_grace(shop)
    from solvent.core.collection import plan_debt  # noqa: PLC0415 -- beside its only use

    debt = plan_debt(shop.account, claim.invoice, owed=(), credit_grants=(), policy=shop.policy, now=shop.now)
    booking = till.settle(paid(till.open(debt), ref="pi_2"))
    (other,) = booking.others
    assert [b.subscription.grace_invoice for b in (booking, other)] == [None, None]
    assert till.live.on_grace == {}
    assert [e.type for e in (*booking.events, *other.events)].count("grace.lifted") == 2


def test_a_credit_note_of_all_lifts_all(shop: Shop) -> None:
    till, _, claim = on_grace(shop)
    wish = Wish(paid_part=PaidPart.CREDIT, reason="r", issued_by="w", key="k", input_hash=b"")
    parts = by_amount(claim.lines, {}, 22_000)
    assert isinstance(parts, tuple)
    booking = book_credit_note(claim, parts, wish, till.desk, ("CN", 1))
    assert [b.subscription.grace_until for b in (booking, *booking.others)] == [None, None]


def test_giving_it_up_ends_all_of_them(shop: Shop) -> None:
    till, _, claim = on_grace(shop)
    surrender = Surrender(reason="r", by="w")

    def give_up(claim: Claim) -> list[tuple[UUID, str]]:
        booking = book_given_up(claim, surrender, shop.convention, till.desk, lambda: ("CN", 1))
        assert not hasattr(booking, "rule"), booking
        every = (booking, *booking.others)
        return sorted((b.subscription.id, b.subscription.state.value) for b in every if b.subscription)

    ids = sorted(s.id for s, _ in claim.live)
    assert give_up(claim) == [(i, "ended") for i in ids]
    elsewhere = replace(claim, live=claim.live[:1], on_grace=claim.on_grace[1:])
    assert give_up(elsewhere) == [(claim.live[0][0].id, "ended")]
    assert give_up(replace(claim, live=(), on_grace=())) == []


def test_all_or_nothing_when_one_of_them_has_changed_meanwhile(shop: Shop) -> None:
    till = Till(three(shop))
    _, plan = due(shop)
    attempt = till.open(plan)
    till.live.versions[plan.also[0].id] += 1
    assert till.judge(paid(attempt)) == Strand(reason="stale")


def test_what_ends_is_a_matter_of_its_own(shop: Shop) -> None:
    stays, leaves = shop.zone("pro", "zone:a").after, shop.zone("pro", "zone:b").after
    assert stays is not None
    assert leaves is not None
    assert falls_together(stays) == falls_together(leaves)
    gone = shop.commit(CancelAtPeriodEnd(subscription_id=leaves.id)).after
    assert gone is not None
    assert falls_together(gone) is None
    unpaid = replace(stays, grace_until=shop.now, grace_invoice=UUID(int=1))
    assert falls_together(unpaid) is None


@settings(max_examples=examples(40), deadline=None)
@given(prices=st.lists(st.sampled_from(["pro", "business", "free"]), min_size=1, max_size=5), data=st.data())
def test_together_costs_what_each_costs_alone(
    shops: type[Shop], prices: list[str], data: st.DataObject
) -> None:
    shop = shops()
    for n, price in enumerate(prices):
        shop.zone(price, f"zone:{n}.example")
    shop.at(2026, 2, 1)
    alone = [shop.due(s) for s in shop.subscriptions.values()]
    together = due(shop)
    assert sum(p.total for p in together) == sum(p.total for p in alone if p is not None)
    assert sorted(s.id for p in together for s in p.subscriptions) == sorted(shop.subscriptions)
    till = Till(shop)
    fails = data.draw(st.booleans())
    for plan in together:
        attempt = till.open(plan)
        report = declined(attempt) if fails and plan.due else paid(attempt)
        expected = ProofKind.GRACE if fails and plan.due else plan.proof
        verdict = till.judge(report)
        assert isinstance(verdict, Commit)
        assert verdict.proof is expected
        till.settle(report)
    assert all(s.period.start == shop.now for p in together for s in p.subscriptions)
