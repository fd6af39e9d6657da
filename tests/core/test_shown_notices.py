"""Of each unpaid invoice the portal shows the last notice that is true."""

from dataclasses import replace

import pytest

from solvent.core.ladder import Measure
from solvent.core.messages import Kind
from solvent.core.owed import InEffect, Owed
from solvent.core.shown_notices import Told, shown
from tests.core.ladders import DAY, DUE, SUBSCRIPTION, owed

NOW = DUE + 30 * DAY
FIRST, SECOND = owed(1), owed(2, due=3)


def told(kind: Kind, day: int, about: Owed = FIRST) -> Told:
    return Told(invoice_id=about.invoice_id, kind=kind, told_at=DUE + day * DAY)


def taken(measure: Measure, subscription: object = None) -> InEffect:
    whole = InEffect(measure=measure, rung="r", invoice_id=FIRST.invoice_id, since=DUE)
    return replace(whole, subscription_id=subscription)  # type: ignore[arg-type]


def kinds(*notices: Told, of: tuple[Owed, ...] = (FIRST,), by: tuple[InEffect, ...] = ()) -> list[Kind]:
    return [t.kind for t in shown(notices, of, by, NOW)]


def test_the_last_of_each_invoice_is_shown_in_the_order_of_the_invoices() -> None:
    found = shown(
        [told(Kind.REMINDER, 4, SECOND), told(Kind.REMINDER, 3), told(Kind.PAYMENT_FAILED, 0)],
        [FIRST, SECOND],
        (),
        NOW,
    )
    assert found == (told(Kind.REMINDER, 3), told(Kind.REMINDER, 4, SECOND))


def test_of_what_is_paid_or_not_due_nothing_is_shown() -> None:
    notices = (told(Kind.REMINDER, 3), told(Kind.REMINDER, 4, SECOND))
    assert kinds(*notices, of=()) == []
    later = replace(SECOND, due_at=NOW + DAY)
    assert kinds(*notices, of=(later,)) == []
    assert kinds(*notices, of=(replace(later, given_up=True),)) == [Kind.REMINDER]


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        (Kind.RESTRICTED, Measure.RESTRICT),
        (Kind.SUSPENDED, Measure.SUSPEND_USAGE),
        (Kind.DOWNGRADED, Measure.DOWNGRADE),
    ],
)
def test_a_measure_is_told_of_while_it_touches_what_the_invoice_is_for(kind: Kind, measure: Measure) -> None:
    notices = (told(Kind.DUE, 0), told(kind, 5))
    assert kinds(*notices, by=(taken(measure),)) == [kind]
    assert kinds(*notices, by=(taken(measure, SUBSCRIPTION),)) == [kind]
    assert kinds(*notices, by=(taken(measure, FIRST.invoice_id),)) == [Kind.DUE], "another subscription's"
    assert kinds(*notices) == [Kind.DUE], "lifted"


def test_what_was_given_up_has_no_plan_any_more() -> None:
    gone = (replace(FIRST, given_up=True),)
    by = tuple(taken(m) for m in (Measure.RESTRICT, Measure.SUSPEND_USAGE, Measure.DOWNGRADE, Measure.BAN))
    before = (told(Kind.RESTRICTED, 5), told(Kind.SUSPENDED, 10), told(Kind.DOWNGRADED, 20))
    assert kinds(*before, of=gone, by=by) == [Kind.RESTRICTED]
    assert kinds(*before, told(Kind.GIVEN_UP, 30), of=gone, by=by) == [Kind.GIVEN_UP]
    assert kinds(told(Kind.GIVEN_UP, 30)) == [], "as long as it is not"
