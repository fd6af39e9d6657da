"""Policies tried on history: known debts, and what each policy would have made of them, counted by hand."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from solvent.core.account import Segment
from solvent.core.history import History, PastInvoice, PastTry, Window
from solvent.core.ladder import Fate, Measure, Scope
from solvent.core.payment import CauseClass, FailureCause
from solvent.core.policy import Policy
from solvent.core.policy_book import Edition, PolicyBook
from solvent.core.replay import Course, Sum, Trial, befallen, replay
from tests.core.ladders import DAY, DUE, LADDER, POLICY, SUBSCRIPTION

OTHER_SUBSCRIPTION = UUID(int=0x52)
WHOLE = Window(since=DUE, until=DUE + 100 * DAY)
GENTLE = replace(
    POLICY,
    name="gentle",
    retries={**POLICY.retries, CauseClass.TRANSIENT: (7 * DAY, 7 * DAY)},
    ladders=(replace(LADDER, rungs=tuple(replace(r, after=2 * r.after) for r in LADDER.rungs)),),
)


def invoice(number: int = 1, due: int = 0, paid: float | None = None, **other: object) -> PastInvoice:
    """$20.00 that fell due so many days after the start, declined at once, and paid on a day, or not."""
    at = DUE + due * DAY
    plain = PastInvoice(
        id=UUID(int=number),
        subscription_id=SUBSCRIPTION,
        issued_at=at,
        due_at=at,
        amount=2_000,
        currency="USD",
        settled_at=None if paid is None else DUE + paid * DAY,
        paid=paid is not None,
        tries=(PastTry(at=at, cause=FailureCause.DECLINED),),
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def course(*invoices: PastInvoice, policy: Policy = POLICY, window: Window = WHOLE) -> Course:
    book = PolicyBook(editions={Segment.STANDARD: (Edition(effective_from=DUE - DAY, policy=policy),)})
    return replay(_history(*invoices), Trial(policies=book, base=Policy(), window=window))


def _history(*invoices: PastInvoice) -> History:
    return History(account_id=UUID(int=9), segment=Segment.STANDARD, time_zone="UTC", invoices=invoices)


def test_what_is_never_paid_climbs_the_whole_ladder() -> None:
    found = course(invoice())
    assert found == Course(
        tries=5,  # a day apart, after the first
        notices=3,  # due, restricted, downgraded
        begun=frozenset({Measure.RESTRICT, Measure.SUSPEND_USAGE, Measure.DOWNGRADE}),
        given_up=(UUID(int=1),),
    )
    assert befallen(found) == ("retried", "restricted", "suspended", "downgraded", "given up")


@pytest.mark.parametrize(
    ("paid", "tries", "befell"),
    [
        (0.5, 0, ("recovered",)),
        (2.5, 2, ("retried", "recovered")),
        (7, 5, ("retried", "restricted", "recovered")),
        (12, 5, ("retried", "restricted", "suspended", "recovered")),
        (29, 5, ("retried", "restricted", "suspended", "downgraded", "recovered")),
        (31, 5, ("retried", "restricted", "suspended", "downgraded", "given up", "paid after giving up")),
    ],
)
def test_what_was_paid_was_paid_when_it_was(paid: float, tries: int, befell: tuple[str, ...]) -> None:
    found = course(invoice(paid=paid))
    assert (found.tries, befallen(found)) == (tries, befell)


def test_another_policy_gives_time() -> None:
    found = course(invoice(paid=31), policy=GENTLE)
    assert (found.tries, befallen(found)) == (2, ("retried", "restricted", "suspended", "recovered"))


def test_what_a_credit_note_settled_was_not_recovered() -> None:
    found = course(replace(invoice(paid=7), paid=False))
    assert befallen(found) == ("retried", "restricted")


def test_only_what_begins_in_the_window_counts() -> None:
    found = course(invoice(), window=Window(since=DUE + 3 * DAY, until=DUE + 20 * DAY))
    assert (found.tries, found.notices) == (3, 1)  # days 3, 4, 5; of the notices the one of day 5
    assert found.begun == {Measure.RESTRICT, Measure.SUSPEND_USAGE}
    assert found.given_up == ()
    later = course(invoice(paid=31), window=Window(since=DUE + 31 * DAY, until=DUE + 32 * DAY))
    assert befallen(later) == ("paid after giving up",)


def test_an_outage_does_not_count_and_has_its_own_schedule() -> None:
    tries = (
        PastTry(at=DUE, cause=FailureCause.PROVIDER_UNAVAILABLE),
        PastTry(at=DUE + timedelta(minutes=10), cause=FailureCause.DECLINED),
    )
    policy = replace(POLICY, retries={**POLICY.retries, CauseClass.OUTAGE: (timedelta(minutes=10),)})
    assert course(invoice(tries=tries), policy=policy).tries == 6  # one after the outage, then five


OUT, NO_MONEY = FailureCause.PROVIDER_UNAVAILABLE, FailureCause.DECLINED
PATIENT = replace(POLICY, outage_max=7 * DAY)


def tried(*days: tuple[float, FailureCause]) -> tuple[PastTry, ...]:
    return tuple(PastTry(at=DUE + day * DAY, cause=cause) for day, cause in days)


@pytest.mark.parametrize(
    ("policy", "paid", "restricted"),
    [
        (POLICY, 5.5, True),  # this one lets no age stand still
        (PATIENT, 7.9, False),  # three days of outage: restricted on day 8
        (PATIENT, 8.1, True),
    ],
)
def test_an_age_stands_still_in_replay_as_in_production(
    policy: Policy, paid: float, restricted: bool
) -> None:
    past = invoice(paid=paid, tries=tried((0, NO_MONEY), (1, OUT), (2, OUT), (4, NO_MONEY)))
    assert ("restricted" in befallen(course(past, policy=policy))) is restricted


def test_an_outage_that_never_ends_counts_for_so_long_and_no_longer() -> None:
    lasting = tried((0, NO_MONEY), (1, OUT))
    ends = {
        paid: befallen(course(invoice(paid=paid, tries=lasting), policy=PATIENT)) for paid in (36.9, 37.1)
    }
    assert ["given up" in befell for befell in ends.values()] == [False, True]


def test_a_debit_that_failed_after_days_was_answered_when_it_began() -> None:
    debit = PastTry(at=DUE + 6 * DAY, begun_at=DUE + 2 * DAY, cause=NO_MONEY)
    past = invoice(paid=6.5, tries=(*tried((1, OUT)), debit))
    assert "restricted" in befallen(course(past, policy=PATIENT))  # five days and one, on day 6


def test_the_walk_knows_of_an_outage_only_what_was_known_then() -> None:
    """The second try comes when the rung would have been reached already, had the first outage not been known of."""
    past = invoice(paid=9, tries=tried((5.5, OUT), (8, NO_MONEY)))
    found = course(past, policy=PATIENT)
    assert "restricted" in befallen(found)
    late = invoice(paid=12, tries=tried((4, OUT), (6, NO_MONEY)))
    early = course(late, policy=PATIENT, window=Window(since=DUE, until=DUE + 7 * DAY))
    assert "restricted" not in befallen(early)
    then = course(late, policy=PATIENT, window=Window(since=DUE + 7 * DAY, until=DUE + 8 * DAY))
    assert "restricted" in befallen(then)


@pytest.mark.parametrize("cause", [FailureCause.CARD_EXPIRED, FailureCause.AUTHENTICATION_REQUIRED])
def test_what_trying_cannot_help_is_not_tried(cause: FailureCause) -> None:
    assert course(invoice(tries=(PastTry(at=DUE, cause=cause),))).tries == 0


def test_an_invoice_that_was_never_tried_climbs_all_the_same() -> None:
    found = course(invoice(tries=()))
    assert (found.tries, len(found.given_up)) == (0, 1)


def test_after_giving_up_the_account_nothing_of_it_would_have_been_issued() -> None:
    others = (
        invoice(2, due=10, subscription_id=OTHER_SUBSCRIPTION),  # due: given up with it
        invoice(3, due=42, subscription_id=OTHER_SUBSCRIPTION, paid=43),  # would not have been issued
        invoice(4, due=40, subscription_id=None, paid=41),  # not of a subscription
        invoice(5, due=25, paid=60),
    )
    found = course(invoice(), *others)
    assert set(found.given_up) == {UUID(int=n) for n in (1, 2, 5)}
    assert (found.recovered, found.late) == ((UUID(int=4),), (UUID(int=5),))
    alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    found = course(invoice(), *others, policy=alone)
    assert set(found.given_up) == {UUID(int=n) for n in (1, 2, 5)}  # 2 and 5 at their own 30 days
    assert set(found.recovered) == {UUID(int=4)}


def test_what_is_forgiven_is_no_longer_owed() -> None:
    """Given up on day 30, forgiven at the next look; the second invoice begins a ladder of its own."""
    policy = replace(POLICY, fate=Fate.FORGIVEN)
    found = course(invoice(), invoice(2, due=50, subscription_id=None), policy=policy)
    assert set(found.given_up) == {UUID(int=1), UUID(int=2)}
    assert found.notices == 6


def test_without_ladders_what_is_overdue_restricts() -> None:
    book = PolicyBook()
    trial = Trial(policies=book, base=Policy(), window=WHOLE)
    assert befallen(replay(_history(invoice(paid=6)), trial)) == ("retried", "restricted", "recovered")
    assert befallen(replay(_history(invoice(paid=4.5)), trial)) == ("retried", "recovered")
    before = replace(trial, window=Window(since=DUE + 6 * DAY, until=DUE + 7 * DAY))
    assert befallen(replay(_history(invoice()), before)) == ()


def test_each_edition_holds_from_its_moment_on() -> None:
    editions = (
        Edition(effective_from=DUE - DAY, policy=POLICY),
        Edition(effective_from=DUE + 7 * DAY, policy=GENTLE),
    )
    trial = Trial(policies=PolicyBook(editions={Segment.STANDARD: editions}), base=Policy(), window=WHOLE)
    found = replay(_history(invoice(paid=31)), trial)
    assert befallen(found) == ("retried", "restricted", "suspended", "recovered")


def test_sums_count_accounts_and_amounts() -> None:
    total = Sum()
    for invoices in ((invoice(paid=7),), (invoice(), invoice(2, due=1)), (invoice(paid=31, currency="EUR"),)):
        total.add(_history(*invoices), course(*invoices))
    assert (total.walked, total.tries) == (3, 20)
    assert total.accounts == {
        "retried": 3,
        "restricted": 3,
        "suspended": 2,
        "downgraded": 2,
        "given up": 2,
        "recovered": 1,
        "paid after giving up": 1,
    }
    assert total.amounts == {
        "recovered": {"USD": 2_000},
        "given up": {"USD": 4_000, "EUR": 2_000},
        "paid after giving up": {"EUR": 2_000},
    }
