"""Stripe's own subscriptions, kept as copies: nothing of one holds before its payment, and none charges by itself."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from solvent.core.payment import Authentication, FailureCause, Outcome, Report
from solvent.core.period import Interval, Unit
from solvent.core.recurring import Part, Recurring
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.conformance import charge_request, pay, payment_request, sold
from tests.peers.stripe import StripePeer, billing
from tests.providers.clock import Clock
from tests.providers.stripe.stage import CopyingStage
from tests.providers.wire import Mishap, Wire

PRO = Part(price_id="pro", product_id="pro", name="Pro plan", quantity=1, amount=2000)
SEATS = Part(price_id="seat", product_id="seat", name="Seats", quantity=3, amount=1500)


@pytest.fixture
def stage(peer: StripePeer, clock: Clock) -> Iterator[CopyingStage]:
    """The adapter over a wire that may fail."""
    wire = Wire(peer.server.address)
    yield CopyingStage(peer, wire, clock)
    wire.close()


def subscription(stage: CopyingStage, **other: object) -> Recurring:
    """A new one to two prices, unless told otherwise: 35.00 a month."""
    values: dict[str, object] = {"subscription_id": uuid4(), "parts": (PRO, SEATS), **other}
    return sold(payment_request(stage), stage.now, **values)


def opened(stage: CopyingStage, customer: UUID, recurring: Recurring, amount: int, **other: Any) -> Report:  # noqa: ANN401 - of a request
    request = replace(payment_request(stage, customer=customer, amount=amount, **other), recurring=recurring)
    return stage.provider.open(request)


def bought(stage: CopyingStage, customer: UUID, recurring: Recurring, amount: int = 3500) -> Report:
    told = opened(stage, customer, recurring, amount)
    paid = stage.provider.confirm(told.key, str(told.ref), "pm_card_visa")
    assert paid.outcome is Outcome.SUCCEEDED
    return paid


def had(stage: CopyingStage, customer: UUID, *, parts: tuple[Part, ...] = (PRO, SEATS)) -> Recurring:
    """A subscription that was paid and is kept."""
    recurring = subscription(stage, parts=parts)
    bought(stage, customer, recurring, recurring.amount)
    stage.provider.keep(customer, [recurring])
    return recurring


def only(stage: CopyingStage, kind: str) -> dict[str, Any]:
    (one,) = stage.peer.book.of(kind).values()
    return one


def items(copy: dict[str, Any]) -> dict[int, int]:
    """Quantities by what one costs."""
    return {row["price"]["unit_amount"]: row["quantity"] for row in copy["items"]["data"]}


def test_a_purchase_is_incomplete_at_stripe_until_it_is_paid_and_then_what_was_bought(
    stage: CopyingStage,
) -> None:
    customer, recurring = uuid4(), subscription(stage)
    told = opened(stage, customer, recurring, 4165)  # 35.00 and 19 % tax
    copy = only(stage, "subscription")
    assert copy["status"] == "incomplete"
    assert (told.outcome, told.amount, told.action is not None) == (Outcome.REQUIRES_ACTION, 4165, True)
    assert only(stage, "invoice")["total"] == 4165
    paid = stage.provider.confirm(told.key, str(told.ref), "pm_card_visa")
    assert (paid.outcome, paid.amount, stage.charged(told.key)) == (Outcome.SUCCEEDED, 4165, [4165])
    assert copy["status"] == "active"
    assert items(copy) == {2000: 1, 500: 3}
    assert copy["metadata"]["solvent_subscription"] == recurring.subscription_id.hex


def test_what_comes_to_its_list_price_has_no_line_beside_it(stage: CopyingStage) -> None:
    bought(stage, uuid4(), subscription(stage))
    assert list(stage.peer.book.of("product")) == ["solvent_pro", "solvent_seat"]


@pytest.mark.parametrize("method", [None, "pm_card_visa_chargeDeclined"])
def test_a_purchase_that_is_not_paid_leaves_no_subscription(stage: CopyingStage, method: str | None) -> None:
    told = opened(stage, uuid4(), subscription(stage), 3500)
    if method is None:
        ended = stage.provider.cancel(told.key, told.ref)
    else:
        ended = stage.provider.confirm(told.key, str(told.ref), method)
    assert ended is not None
    assert ended.outcome is Outcome.FAILED
    assert (only(stage, "subscription")["status"], only(stage, "invoice")["status"]) == ("canceled", "void")
    assert stage.charged(told.key) == []


def test_giving_up_what_is_paid_changes_nothing(stage: CopyingStage) -> None:
    paid = bought(stage, uuid4(), subscription(stage))
    late = stage.provider.cancel(paid.key, paid.ref)
    assert late is not None
    assert late.outcome is Outcome.SUCCEEDED
    assert only(stage, "subscription")["status"] == "active"


def test_a_change_is_an_update_that_waits_for_its_payment(stage: CopyingStage, clock: Clock) -> None:
    customer = uuid4()
    recurring = had(stage, customer, parts=(PRO,))
    clock.now += timedelta(days=10)
    more = replace(
        recurring, version=2, parts=(replace(PRO, amount=5000, price_id="max"), SEATS), at=clock.now
    )
    told = opened(stage, customer, more, 3011)
    copy = only(stage, "subscription")
    assert items(copy) == {2000: 1}
    assert copy["pending_update"] is not None
    paid = stage.provider.confirm(told.key, str(told.ref), "pm_card_visa")
    assert (paid.outcome, stage.charged(told.key)) == (Outcome.SUCCEEDED, [3011])
    assert items(copy) == {5000: 1, 500: 3}
    stage.provider.keep(customer, [more])
    assert (copy["pause_collection"]["behavior"], copy["metadata"]["solvent_version"]) == ("void", "2")


@pytest.mark.parametrize("method", [None, "pm_card_visa_chargeDeclined"])
def test_a_change_that_is_not_paid_changes_nothing(stage: CopyingStage, method: str | None) -> None:
    customer = uuid4()
    recurring = had(stage, customer)
    more = replace(recurring, version=2, parts=(PRO, replace(SEATS, quantity=5, amount=2500)))
    told = opened(stage, customer, more, 1000)
    if method is None:
        stage.provider.cancel(told.key, told.ref)
    else:
        stage.provider.confirm(told.key, str(told.ref), method)
    copy = only(stage, "subscription")
    assert items(copy) == {2000: 1, 500: 3}
    assert (copy["status"], copy["pending_update"]) == ("active", None)
    assert copy["pause_collection"] is not None
    assert stage.charged(told.key) == []


def test_an_abandoned_purchase_or_change_is_off_at_stripe_after_a_day_by_itself(
    stage: CopyingStage, clock: Clock
) -> None:
    customer = uuid4()
    recurring = had(stage, customer, parts=(PRO,))
    opened(stage, customer, subscription(stage), 3500)
    opened(stage, customer, replace(recurring, version=2, parts=(PRO, SEATS)), 1500)
    clock.now += timedelta(days=1)
    stage.sent()
    first, second = stage.peer.book.of("subscription").values()
    assert (items(first), first["pending_update"], second["status"]) == (
        {2000: 1},
        None,
        "incomplete_expired",
    )


def test_stripe_charges_nothing_by_itself_and_a_copy_goes_on(stage: CopyingStage, clock: Clock) -> None:
    customer = uuid4()
    had(stage, customer)
    for _ in range(3):
        clock.now += timedelta(days=31)
        stage.sent()
    copy = only(stage, "subscription")
    assert (copy["status"], copy["default_payment_method"]) == ("active", None)
    assert len(stage.peer.book.of("charge")) == 1
    first, *later = stage.peer.book.of("invoice").values()
    assert (first["status"], {one["status"] for one in later}) == ("paid", {"void"})


def test_one_that_was_paid_and_never_kept_ends_with_its_period(stage: CopyingStage, clock: Clock) -> None:
    """Nobody was left to keep it: then it is not for Stripe to go on."""
    paid = bought(stage, uuid4(), subscription(stage))
    clock.now += timedelta(days=32)
    stage.sent()
    assert only(stage, "subscription")["status"] == "canceled"
    assert stage.charged(paid.key) == [3500]


def test_a_renewal_is_charged_by_us_and_no_invoice_of_stripes(stage: CopyingStage) -> None:
    request = charge_request(stage, "pm_card_visa", amount=3500)
    assert stage.provider.charge(request).outcome is Outcome.SUCCEEDED
    assert stage.charged(request.key) == [3500]


def test_keeping_twice_is_keeping_once(stage: CopyingStage) -> None:
    customer = uuid4()
    recurring = had(stage, customer)
    before = len(stage.peer.book.of("event"))
    stage.provider.keep(customer, [recurring])
    assert len(stage.peer.book.of("event")) == before


def test_what_has_ended_here_is_ended_there_and_what_is_to_end_is_said(stage: CopyingStage) -> None:
    customer = uuid4()
    recurring = had(stage, customer)
    copy = only(stage, "subscription")
    stage.provider.keep(customer, [replace(recurring, version=2, ends=True)])
    assert (copy["status"], copy["cancel_at_period_end"]) == ("active", True)
    stage.provider.keep(customer, [replace(recurring, version=3, ends=False)])
    assert copy["cancel_at_period_end"] is False
    stage.provider.keep(customer, [])
    assert copy["status"] == "canceled"
    stage.provider.keep(customer, [])


def test_an_end_that_arrives_too_late_keeps_no_other_waiting(stage: CopyingStage) -> None:
    """A cancellation is cut off and asked for again, and arrives in between: what is to be cancelled is so already."""
    customer = uuid4()
    both = [subscription(stage), subscription(stage)]
    for one in both:
        bought(stage, customer, one)
    stage.provider.keep(customer, both)
    requests = iter([Mishap.NONE, Mishap.LATE])  # the copies are listed, the first of them is cancelled
    stage.wire.choose = lambda: next(requests, Mishap.NONE)
    with pytest.raises(ProviderSilent):
        stage.provider.keep(customer, [])
    stage.provider.keep(customer, [])
    kept = stage.peer.book.of("subscription").values()
    assert [copy["status"] for copy in kept] == ["canceled", "canceled"]


def test_one_that_was_paid_a_moment_ago_is_left_alone_until_it_is_kept(stage: CopyingStage) -> None:
    customer = uuid4()
    bought(stage, customer, subscription(stage))
    stage.provider.keep(customer, [])
    assert only(stage, "subscription")["status"] == "active"


@pytest.mark.parametrize(("trial", "status"), [(True, "trialing"), (False, "active")])
def test_what_began_otherwise_gets_its_copy_and_is_not_charged(
    stage: CopyingStage, trial: bool, status: str
) -> None:
    customer = uuid4()
    pay(stage, customer=customer, setup=True, amount=0)
    stage.provider.keep(customer, [subscription(stage, trial=trial)])
    copy = only(stage, "subscription")
    assert (copy["status"], copy["pause_collection"]) == (status, {"behavior": "void", "resumes_at": None})
    assert stage.peer.book.of("charge") == {}


def test_a_change_of_what_stripe_has_no_copy_of_is_a_payment_as_any_other(stage: CopyingStage) -> None:
    customer = uuid4()
    changed = subscription(stage, version=2)
    paid = bought(stage, customer, changed)
    assert stage.charged(paid.key) == [3500]
    assert stage.peer.book.of("subscription") == {}
    stage.provider.keep(customer, [changed])
    same = bought(stage, customer, replace(changed, version=3), 700)  # nothing of it changes at Stripe
    assert stage.charged(same.key) == [700]
    assert len(stage.peer.book.of("invoice")) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"interval": Interval(unit=Unit.YEAR, count=4)},
        {"parts": tuple(replace(PRO, price_id=f"p{n}") for n in range(21))},
        {"parts": ()},
    ],
)
def test_what_stripe_cannot_have_is_paid_without_a_copy(stage: CopyingStage, other: dict[str, Any]) -> None:
    customer, recurring = uuid4(), subscription(stage, **other)
    paid = bought(stage, customer, recurring, 2000)
    stage.provider.keep(customer, [recurring])
    assert stage.charged(paid.key) == [2000]
    assert stage.peer.book.of("subscription") == {}


def test_items_of_one_price_are_one_item_there_and_tiers_one_of_it_all(stage: CopyingStage) -> None:
    parts = (PRO, PRO, replace(SEATS, amount=1000))  # three for 10.00 do not cost the same each
    had(stage, uuid4(), parts=parts)
    assert items(only(stage, "subscription")) == {2000: 2, 1000: 1}


def test_prices_and_products_are_made_once_by_however_many_processes(
    stage: CopyingStage, peer: StripePeer, clock: Clock
) -> None:
    had(stage, uuid4())
    wire = Wire(peer.server.address)
    had(CopyingStage(peer, wire, clock), uuid4())
    wire.close()
    assert len(stage.peer.book.of("price")) == len(stage.peer.book.of("product")) == 2


def test_whoever_never_came_to_stripe_has_nothing_there(stage: CopyingStage) -> None:
    stage.provider.keep(uuid4(), [subscription(stage)])
    assert stage.peer.book.of("subscription") == {}


def test_a_stored_method_and_authentication_on_demand_go_along(stage: CopyingStage) -> None:
    customer = uuid4()
    method = pay(stage, customer=customer).method
    assert method is not None
    told = opened(
        stage,
        customer,
        subscription(stage),
        3500,
        method=method.token,
        authentication=Authentication.REQUIRED,
        return_url=None,
    )
    shown = stage.provider.confirm(told.key, str(told.ref), None)
    assert shown.outcome is Outcome.REQUIRES_ACTION
    stage.challenge(shown, passed=True)
    paid = stage.provider.get(told.key, told.ref)
    assert paid is not None
    assert paid.outcome is Outcome.SUCCEEDED


def test_a_method_of_somebody_else_leaves_nothing_to_be_paid(stage: CopyingStage) -> None:
    method = pay(stage).method
    assert method is not None
    told = opened(stage, uuid4(), subscription(stage), 3500, method=method.token)
    assert (told.outcome, told.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
    assert [one["status"] for one in stage.peer.book.of("invoice").values()] == ["paid", "void"]


def test_a_balance_that_stripe_counts_in_is_not_charged_by_us(stage: CopyingStage) -> None:
    """What is asked for is what is due, or nothing."""
    customer = uuid4()
    pay(stage, customer=customer)
    ref = str(stage.payers.find("stripe", customer))
    stage.peer.book.balances[ref] = -500
    with pytest.raises(ProviderSilent, match="does not come to what is due"):
        opened(stage, customer, subscription(stage), 3500)
    assert [one["status"] for one in stage.peer.book.of("invoice").values()] == ["paid", "void"]


@pytest.mark.parametrize("nth", range(8))
@pytest.mark.parametrize("change", [False, True])
@pytest.mark.parametrize("mishap", [Mishap.CUT_BEFORE, Mishap.CUT_AFTER])
def test_whichever_call_breaks_off_the_same_request_ends_in_one_payment(
    stage: CopyingStage, mishap: Mishap, nth: int, change: bool
) -> None:
    customer = uuid4()
    recurring = had(stage, customer, parts=(PRO,)) if change else subscription(stage)
    if change:
        recurring = replace(recurring, version=2, parts=(PRO, SEATS))
    key = uuid4()
    calls = count()
    stage.wire.choose = lambda: mishap if next(calls) == nth else Mishap.NONE
    with suppress(ProviderDown, ProviderSilent):  # where it has fewer calls, nothing breaks off
        opened(stage, customer, recurring, 3500, key=key)
    told = opened(stage, customer, recurring, 3500, key=key)
    stage.provider.confirm(key, str(told.ref), "pm_card_visa")
    stage.provider.keep(customer, [recurring])
    assert stage.charged(key) == [3500]
    (copy,) = [
        one for one in stage.peer.book.of("subscription").values() if one["status"] not in billing.DEAD
    ]
    assert items(copy) == {2000: 1, 500: 3}


@pytest.mark.parametrize("nth", range(8))
def test_a_change_that_never_reached_stripe_leaves_the_copy_paused(stage: CopyingStage, nth: int) -> None:
    """Collection rests again, so that the copy's next period is collected by nobody."""
    customer = uuid4()
    recurring = replace(had(stage, customer, parts=(PRO,)), version=2, parts=(PRO, SEATS))
    calls = count()
    stage.wire.choose = lambda: Mishap.CUT_BEFORE if next(calls) == nth else Mishap.NONE
    with suppress(ProviderDown, ProviderSilent):
        opened(stage, customer, recurring, 3500)
    copy = only(stage, "subscription")
    waits = copy["pending_update"] is not None  # the change has its invoice: it is paid, or given up
    assert waits or copy["pause_collection"] == {"behavior": "void", "resumes_at": None}


def test_a_copy_whose_period_stripe_would_collect_is_replaced_when_it_is_kept(
    stage: CopyingStage, clock: Clock
) -> None:
    """Both the change and the pause after it were lost, and the period ended: Stripe's invoice of the next is void."""
    customer = uuid4()
    recurring = had(stage, customer, parts=(PRO,))
    stage.peer.book.of("subscription")[only(stage, "subscription")["id"]]["pause_collection"] = None
    clock.now += timedelta(days=31)
    stage.sent()
    assert only(stage, "subscription")["status"] == "past_due"
    renewed = replace(recurring, version=2, at=clock.now, until=clock.now + timedelta(days=28))
    for _ in range(2):
        stage.provider.keep(customer, [renewed])
    old, copy = stage.peer.book.of("subscription").values()
    assert (old["status"], copy["status"], items(copy)) == ("canceled", "active", {2000: 1})
    assert copy["pause_collection"] is not None
    assert {one["status"] for one in stage.peer.book.of("invoice").values()} <= {"paid", "void"}
    assert len(stage.peer.book.of("charge")) == 1
