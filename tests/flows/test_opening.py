"""Opening: one key is one attempt, one plan is joined, another plan for the same thing supersedes."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from solvent.core.account import MethodState
from solvent.core.attempt import Attempt
from solvent.core.payment import ActionKind, AttemptState, FailureCause
from solvent.core.plan import Plan, Refusal
from solvent.core.request import AddMethod
from solvent.flows.change import open_change, quote
from solvent.flows.opening import Asked, Conflict, confirm, open_attempt
from solvent.ports.store import AccountView
from solvent.providers.sandbox.records import Status
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, DEBIT, DECLINED, EXPIRED, GOOD, manual, zone
from tests.flows.interleaving import interleaved
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld


def test_an_opened_attempt_commits_nothing(ada: Customer) -> None:
    attempt = ada.open(zone())
    assert attempt.state is AttemptState.REQUIRES_ACTION
    assert attempt.action is not None
    assert attempt.action.kind is ActionKind.CONFIRM
    assert (ada.subscriptions(), ada.invoices(), ada.grants(), ada.charges()) == ((), [], (), [])
    assert [event.type for event in ada.events()] == ["account.created"]


def test_nothing_due_is_committed_without_a_provider(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone(product="zone-free"))
    assert attempt.state is AttemptState.COMMITTED
    assert ada.has("zone-free")
    assert list(world.banks.lines["sandbox"].calls) == []


def test_the_same_key_is_the_same_attempt(ada: Customer) -> None:
    first = ada.open(zone(), key="k")
    assert ada.open(zone(), key="k") == first
    done = ada.complete(first)
    assert ada.open(zone(), key="k") == done
    assert len(ada.charges()) == 1


def test_a_key_that_came_with_another_input_is_refused(ada: Customer) -> None:
    first = ada.open(zone(), key="k")
    answer = ada.ask(zone("example.org"), key="k")
    assert isinstance(answer, Conflict)
    assert (answer.code, answer.attempt_id) == ("key_reused", first.id)


def test_the_same_plan_under_another_key_joins_the_attempt(ada: Customer) -> None:
    first, second = ada.open(zone(), key="tab one"), ada.open(zone(), key="tab two")
    assert first == second


def test_another_way_to_pay_is_another_attempt(world: FragileWorld, ada: Customer) -> None:
    card = ada.open(zone())
    redirect = ada.open(zone(), provider="sandpal")
    assert ada.attempt(card).cause is FailureCause.CANCELED
    assert (redirect.provider, redirect.action and redirect.action.kind) == ("sandpal", ActionKind.REDIRECT)
    assert ada.complete(redirect).state is AttemptState.COMMITTED
    assert ada.confirm(card).state is AttemptState.FAILED
    assert len(ada.charges()) == 1


def test_another_plan_for_the_same_claim_supersedes(ada: Customer) -> None:
    pro, business = ada.open(zone()), ada.open(zone(product="zone-business"))
    assert ada.attempt(pro).cause is FailureCause.CANCELED
    assert ada.confirm(pro, GOOD).state is AttemptState.FAILED
    assert ada.complete(business).state is AttemptState.COMMITTED
    assert [charge.amount for charge in ada.charges()] == [20_000]


def test_an_attempt_that_never_reached_its_provider_is_superseded_too(
    world: FragileWorld, ada: Customer
) -> None:
    with world.during(Mishap(Trouble.NOT_REACHED, 1)):
        pro = ada.open(zone())
    assert pro.state is AttemptState.UNKNOWN
    assert ada.open(zone(product="zone-business")).state is AttemptState.REQUIRES_ACTION
    assert ada.attempt(pro).state is AttemptState.FAILED


def test_what_may_already_have_succeeded_is_not_superseded(world: FragileWorld, ada: Customer) -> None:
    pro = ada.open(zone())
    with world.during(Mishap(Trouble.REPLY_LOST, 1)):
        assert ada.confirm(pro, GOOD).state is AttemptState.UNKNOWN
    answer = ada.ask(zone(product="zone-business"))
    # The provider was asked to cancel, said that the money had moved, and so the first plan was committed.
    assert isinstance(answer, Conflict | Refusal)
    assert ada.attempt(pro).state is AttemptState.COMMITTED
    assert ada.has("zone-pro")


def test_while_the_provider_is_silent_nobody_supersedes(world: FragileWorld, ada: Customer) -> None:
    pro = ada.open(zone())
    with world.during(Mishap(Trouble.SILENT, 1)):
        answer = ada.ask(zone(product="zone-business"))
    assert isinstance(answer, Conflict)
    assert (answer.code, answer.attempt_id) == ("in_flight", pro.id)
    assert ada.attempt(pro).state is AttemptState.UNKNOWN


def test_a_payment_that_is_processing_is_waited_for(ada: Customer) -> None:
    first = ada.confirm(ada.open(zone()), DEBIT)
    assert first.state is AttemptState.PROCESSING
    answer = ada.ask(zone(product="zone-business"))
    assert isinstance(answer, Conflict)
    assert (answer.code, answer.attempt_id) == ("in_flight", first.id)
    assert ada.confirm(first).state is AttemptState.PROCESSING


def test_an_unanswered_opening_is_asked_again_when_the_caller_repeats(
    world: FragileWorld, ada: Customer
) -> None:
    with world.during(Mishap(Trouble.REPLY_LOST, 1)):
        lost = ada.open(zone(), key="k")
    assert (lost.state, lost.action) == (AttemptState.UNKNOWN, None)
    found = ada.open(zone(), key="k")
    assert (found.id, found.state) == (lost.id, AttemptState.REQUIRES_ACTION)
    assert ada.complete(found).state is AttemptState.COMMITTED


def test_a_second_tab_opens_what_the_first_one_left_unopened(world: FragileWorld, ada: Customer) -> None:
    with world.during(Mishap(Trouble.KILLED, 4)) as fate:  # recorded, and not yet sent
        ada.open(zone())
    assert fate.died
    assert ada.open(zone()).state is AttemptState.REQUIRES_ACTION


def test_the_stored_method_needs_one_click(ada: Customer) -> None:
    ada.buy(zone())
    method = ada.snapshot().methods[0]
    attempt = ada.open(zone("example.org"), method=method.id)
    assert (attempt.method_token, attempt.provider) == (method.token, "sandbox")
    assert ada.confirm(attempt).state is AttemptState.COMMITTED
    assert len(ada.snapshot().methods) == 1


def test_a_method_must_be_active_and_of_the_account(world: FragileWorld, ada: Customer) -> None:
    other = world.customer("Ben")
    other.buy(zone())
    foreign = other.snapshot().methods[0].id
    rule = Refusal(field="method_id", rule="must be an active method of the account")
    assert ada.ask(zone(), method=foreign) == rule
    assert ada.ask(zone(), method=uuid4()) == rule
    assert ada.attempts() == []


def test_an_invalid_method_is_refused(ada: Customer) -> None:
    ada.buy(zone())
    ada.card_becomes(EXPIRED)
    ada.receive_invoice(manual(500))
    (method,) = ada.snapshot().methods
    assert method.state is MethodState.INVALID
    assert isinstance(ada.ask(zone("example.org"), method=method.id), Refusal)


def test_an_unknown_provider_is_refused(ada: Customer) -> None:
    rule = Refusal(field="provider", rule="must be one of sandbox, sandpal")
    assert ada.ask(zone(), provider="bank of nowhere") == rule


def test_a_provider_that_does_not_take_the_currency_is_refused(world: FragileWorld) -> None:
    fatima = world.customer("Fatima", currency="KWD")
    rule = Refusal(field="provider", rule="must be one that takes KWD")
    assert fatima.ask(zone(currency="KWD"), provider="sandpal") == rule
    assert fatima.ask(AddMethod(), provider="sandpal") == rule
    assert fatima.attempts() == []
    assert fatima.buy(zone(currency="KWD"), provider="sandbox").state is AttemptState.COMMITTED


def test_an_unknown_account_is_refused(world: FragileWorld, ada: Customer) -> None:
    ada.account = replace(ada.account, id=uuid4())
    assert ada.ask(zone()) == Refusal(field="account_id", rule="must be an existing account")


def test_a_refused_plan_leaves_nothing(ada: Customer) -> None:
    assert isinstance(ada.ask(zone(product="zone-nothing")), Refusal)
    assert ada.attempts() == []


def test_confirming_what_is_over_or_unknown_changes_nothing(world: FragileWorld, ada: Customer) -> None:
    declined = ada.confirm(ada.open(zone()), DECLINED)
    assert (declined.state, declined.cause) == (AttemptState.FAILED, FailureCause.DECLINED)
    assert ada.confirm(declined, GOOD) == declined
    assert confirm(world.platform, uuid4(), None, world.now) is None
    assert (ada.subscriptions(), ada.charges()) == ((), [])


def test_a_challenge_is_passed_on_the_same_attempt(ada: Customer) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    assert attempt.state is AttemptState.REQUIRES_ACTION
    assert attempt.action is not None
    assert attempt.action.kind is ActionKind.REDIRECT
    assert not ada.has("zone-pro")
    ada.pass_challenge(attempt)
    assert ada.confirm(attempt).state is AttemptState.COMMITTED


@pytest.mark.parametrize("passed", [True, False])
def test_the_bank_may_tell_before_the_customer_comes_back(
    world: FragileWorld, ada: Customer, passed: bool
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt, passed=passed)
    world.work()
    assert ada.attempt(attempt).state is (AttemptState.COMMITTED if passed else AttemptState.FAILED)
    assert ada.confirm(attempt) == ada.attempt(attempt)


def test_a_claim_that_is_freed_while_it_is_asked_for_is_tried_again(
    world: FragileWorld, ada: Customer
) -> None:
    first = ada.open(zone())
    overtaken = interleaved(
        world.platform, "in_flight", lambda: confirm(world.platform, first.id, DECLINED, world.now)
    )
    asked = Asked(account_id=ada.id, key="second", input_hash=b"")
    second = open_change(overtaken, asked, zone(product="zone-business"), world.now)
    assert ada.attempt(first).state is AttemptState.FAILED
    assert isinstance(second, Attempt)
    assert (second.state, second.id != first.id) == (AttemptState.REQUIRES_ACTION, True)


def test_two_callers_with_one_key_at_the_same_moment_get_one_attempt(
    world: FragileWorld, ada: Customer
) -> None:
    mine, others = Asked(account_id=ada.id, key="k", input_hash=b""), list[object]()

    def overtake() -> None:
        others.append(open_change(world.platform, mine, zone(), world.now))

    assert open_change(interleaved(world.platform, "add", overtake), mine, zone(), world.now) == others[0]


def test_an_opening_that_was_superseded_on_its_way_is_cancelled_when_it_arrives(
    world: FragileWorld, ada: Customer
) -> None:
    """Tab two asks the bank to cancel what the bank has not heard of yet; then tab one's request arrives there."""
    business = list[Attempt]()
    with world.meanwhile(3, lambda: business.append(ada.open(zone(product="zone-business")))):
        pro = ada.open(zone())
    assert world.boundaries.passed[2] == "before open"
    assert (pro.state, pro.cause) == (AttemptState.FAILED, FailureCause.CANCELED)
    intent = world.banks.by_name["sandbox"]._book.by_key[pro.id.hex]
    assert intent.status is Status.CANCELED
    assert ada.complete(business[0]).state is AttemptState.COMMITTED


def test_an_opening_that_arrives_while_it_is_superseded_is_cancelled_before_it_is_given_up(
    world: FragileWorld, ada: Customer
) -> None:
    """The bank has not heard of tab one when tab two asks it to cancel; tab one arrives before that is noted."""
    with world.during(Mishap(Trouble.KILLED, 3)):
        ada.open(zone(), key="one")
    opened = list[Attempt]()
    with world.meanwhile(4, lambda: opened.append(ada.open(zone(), key="one"))):
        business = ada.open(zone(product="zone-business"))
    assert world.boundaries.passed[3] == "after cancel"
    (pro,) = opened
    assert pro.state is AttemptState.REQUIRES_ACTION
    assert ada.attempt(pro).state is AttemptState.FAILED
    assert world.banks.by_name["sandbox"]._book.by_key[pro.id.hex].status is Status.CANCELED
    assert ada.complete(business).state is AttemptState.COMMITTED


def test_opening_gives_up_when_others_take_the_claim_each_time(world: FragileWorld, ada: Customer) -> None:
    products = iter(["zone-pro", "zone-business"] * 3)

    def planner(view: AccountView, moment: datetime) -> Plan | Refusal:
        wanted = quote(world.platform, ada.id, zone(product="zone-pro-trial"), moment)
        ada.open(zone(product=next(products)))  # another tab, in the middle of this request
        return wanted

    asked = Asked(account_id=ada.id, key="unlucky", input_hash=b"", request=AddMethod())
    with pytest.raises(RuntimeError, match="met another attempt each time"):
        open_attempt(world.platform, asked, planner, world.now)
