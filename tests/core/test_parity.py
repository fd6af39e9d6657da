"""Parity: what was decided beside what was done, account by account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from solvent.core.consequence import Consequence
from solvent.core.parity import Deed, Parity, Unlike, compared
from tests.core.ladders import DAY, DUE

RESTRICT, GIVE_UP = Consequence.RESTRICT, Consequence.GIVE_UP


def deed(account: int, day: float, consequence: Consequence = RESTRICT, words: str = "x") -> Deed:
    return Deed(account_id=UUID(int=account), consequence=consequence, at=DUE + day * DAY, words=words)


def test_each_consequence_of_an_account_counts_once_as_it_first_was() -> None:
    decided = [deed(1, 3), deed(1, 1), deed(1, 2), deed(1, 9, GIVE_UP)]
    done = [deed(1, 4), deed(1, 2), deed(1, 9, GIVE_UP)]
    assert compared(decided, done, 5) == {
        RESTRICT: Parity(agreed=1, apart=DAY),
        GIVE_UP: Parity(agreed=1, apart=timedelta()),
    }


def test_what_only_one_of_them_did_is_named_with_its_age() -> None:
    decided = [deed(1, 5), deed(2, 1, words="begin restrict"), deed(3, 2)]
    done = [deed(4, 3), deed(3, 1)]
    assert compared(decided, done, 2) == {
        RESTRICT: Parity(
            agreed=1,
            apart=DAY,
            only_decided=2,
            oldest_decided=DUE + DAY,
            only_done=1,
            oldest_done=DUE + 3 * DAY,
            examples=(
                Unlike(account_id=UUID(int=2), decided=True, at=DUE + DAY, words="begin restrict"),
                Unlike(account_id=UUID(int=4), decided=False, at=DUE + 3 * DAY, words="x"),
            ),
        )
    }


def test_nothing_beside_nothing() -> None:
    assert compared([], [], 5) == {}
