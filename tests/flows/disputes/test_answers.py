"""Answers to disputes: evidence and acceptance."""

from __future__ import annotations

from solvent.core.dispute import Evidence
from solvent.core.ids import bucket_of
from solvent.core.plan import Refusal
from solvent.flows import disputes
from solvent.flows.disputes import Unanswered
from solvent.sim import Customer
from tests.flows.acts import zone
from tests.flows.disputes.contests import (
    BANK,
    Contest,
    agree,
    only,
)
from tests.simulation.fragile import FragileWorld


def test_evidence_is_submitted(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    evidence = Evidence(statement="Ada signed in every day.")
    assert disputes.submit_evidence(world.platform, contest.stored, evidence, world.now) is None
    assert contest.stored.state == "under_review"


def test_a_dispute_is_accepted_once(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    assert disputes.accept(world.platform, contest.stored, world.now) is None
    assert (contest.stored.state, only(ada).debt) == ("accepted", 2_000)
    assert disputes.accept(world.platform, contest.stored, world.now) is None
    late = disputes.submit_evidence(world.platform, contest.stored, Evidence(statement="!"), world.now)
    assert late == Refusal(field="dispute_id", rule="must not be decided yet; it is accepted")
    agree(world)


def test_where_the_provider_takes_no_evidence(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone(), provider="sandpal"))
    world.work()
    refused = disputes.submit_evidence(
        world.platform, contest.stored, Evidence(statement="It was used."), world.now
    )
    assert isinstance(refused, Refusal)
    assert refused.rule == "must be answered at sandpal, which takes no evidence here"


def test_a_provider_that_does_not_answer_may_have_taken_it(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    world.banks.lines[BANK].script(accept_dispute="lost_reply")
    assert disputes.accept(world.platform, contest.stored, world.now) == Unanswered()
    assert contest.stored.state == "needs_response"
    world.work()
    assert contest.stored.state == "accepted"


def test_a_provider_that_forgot_the_dispute_says_nothing_of_it(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    stored = contest.stored
    contest.bank._book.disputes.clear()
    assert disputes.accept(world.platform, stored, world.now) == Unanswered()


def test_a_dispute_is_stored_with_its_account(ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.world.work()
    assert bucket_of(contest.stored.id) == bucket_of(ada.id)
