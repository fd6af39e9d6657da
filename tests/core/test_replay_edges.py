"""The edges of policies tried on history: at the very moment, at the window's ends, and after something had ended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from solvent.core.history import Window
from solvent.core.ladder import Fate, Measure, Scope, Trouble
from solvent.core.policy import Policy
from tests.core.ladders import DAY, DUE, LADDER, POLICY
from tests.core.test_replay import OTHER_SUBSCRIPTION, course, invoice

FIRST, SECOND, THIRD = (invoice(n).id for n in (1, 2, 3))
OTHER: dict[str, Any] = {"subscription_id": OTHER_SUBSCRIPTION}
ALONE = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))


def days(since: int, until: int) -> Window:
    return Window(since=DUE + since * DAY, until=DUE + until * DAY)


def test_where_there_is_a_ladder_its_rungs_restrict_and_not_the_end_of_grace() -> None:
    found = course(invoice(paid=3), policy=replace(POLICY, grace=2 * DAY))
    assert found.begun == set()


def test_what_was_paid_after_the_window_was_not_recovered_in_it() -> None:
    assert course(invoice(paid=50), window=days(0, 20)).recovered == ()
    assert course(invoice(paid=20), window=days(0, 20)).recovered == ()
    assert course(invoice(paid=19), window=days(0, 20)).recovered == (FIRST,)


def test_paying_lifts_at_that_moment_so_that_the_next_debt_begins_anew() -> None:
    """Restricted from day 5 to 7; the second invoice restricts again on day 13."""
    found = course(invoice(paid=7), invoice(2, due=8), window=days(8, 15))
    assert found.begun == {Measure.RESTRICT}


def test_who_pays_in_the_moment_of_a_rung_has_paid() -> None:
    assert course(invoice(paid=5)).begun == set()
    assert course(invoice(paid=2)).tries == 1  # of days 1 and 2


def test_nothing_is_owed_before_it_is_issued() -> None:
    late = replace(invoice(), issued_at=DUE + 6 * DAY)
    assert course(late, window=days(0, 6)).notices == 0
    assert course(late, window=days(0, 11)).notices == 1  # at the next look, of the rung that it has reached


def test_what_was_issued_in_the_moment_of_giving_up_had_been_issued() -> None:
    found = course(invoice(), invoice(2, due=30), policy=ALONE)
    assert found.given_up == (FIRST, SECOND)


def test_what_is_issued_after_the_end_is_neither_owed_nor_tried() -> None:
    never = invoice(2, due=42, **OTHER)
    with_it, without = course(invoice(), never), course(invoice())
    assert (with_it.tries, with_it.notices, with_it.given_up) == (5, 3, (FIRST,))
    assert (without.tries, without.notices, without.given_up) == (5, 3, (FIRST,))
    assert course(invoice(), replace(never, settled_at=DUE + 43 * DAY, paid=True)).recovered == ()


def test_what_ends_with_a_subscription_leaves_the_others() -> None:
    other = invoice(2, due=42, paid=43, **OTHER)
    assert course(invoice(), other, policy=ALONE).recovered == (SECOND,)


def test_with_the_account_all_that_is_due_is_given_up_and_what_is_not_due_is_not() -> None:
    terms = replace(invoice(3, **OTHER), issued_at=DUE + 25 * DAY, due_at=DUE + 55 * DAY, tries=())
    found = course(invoice(), invoice(2, due=30, **OTHER), terms, window=days(0, 40))
    assert set(found.given_up) == {FIRST, SECOND}


def test_what_was_given_up_is_not_given_up_again() -> None:
    later = invoice(2, due=40, subscription_id=None)
    assert course(invoice(), later, window=days(60, 100)).given_up == (SECOND,)


def test_what_was_forgiven_keeps_nothing_in_effect() -> None:
    """Given up on day 30 and forgiven at the next look; on day 41 nothing is owed, so day 55 restricts anew."""
    policy = replace(POLICY, fate=Fate.FORGIVEN)
    others = [
        invoice(n, due=due, paid=paid, subscription_id=None) for n, due, paid in ((2, 40, 41), (3, 50, None))
    ]
    found = course(invoice(), *others, policy=policy, window=days(45, 60))
    assert found.begun == {Measure.RESTRICT}


def test_the_cause_that_was_recorded_last_chooses_the_ladder() -> None:
    only = replace(LADDER, causes=frozenset({Trouble.TRANSIENT}))
    assert course(invoice(), policy=replace(POLICY, ladders=(only,))).given_up == (FIRST,)
    assert course(invoice(tries=()), policy=replace(POLICY, ladders=(only,))).given_up == ()


def test_without_ladders_restricting_begins_when_grace_ends_and_at_no_other_moment() -> None:
    found = course(invoice(), policy=Policy(grace=5 * DAY), window=days(1, 5))
    assert found.begun == set()
    assert course(invoice(), policy=Policy(grace=timedelta()), window=days(0, 1)).begun == {Measure.RESTRICT}
