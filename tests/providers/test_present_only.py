"""An adapter that never charges without the customer passes the kit, by card or by redirect; one that lies fails."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.providers.conformance import (
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Redirects,
    Refunds,
    Statements,
)
from tests.providers.clock import Clock
from tests.providers.mistakes.mistaken import Mistake, Wrong, told
from tests.providers.sandbox_stage import SandboxStage, playing


class Kit(
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """What its capabilities call for."""


class RedirectKit(
    Abilities, Basics, Causes, Delays, Disputes, Notifications, Outages, Redirects, Refunds, Statements
):
    """The same for who sends the payer to a page."""


KITS: Mapping[str, type] = {"sandbox": Kit, "sandpal": RedirectKit}
SKIPPED = {
    "test_another_customers_method_is_refused_and_the_payment_is_over",
    "test_a_refusal_does_not_hide_what_an_earlier_request_paid",
    "test_a_refusal_that_is_not_heard_is_no_failure",
    "test_what_is_refused_for_the_merchants_sake_is_no_decline_and_is_over_with_it",
    "test_a_charge_fails_for_each_cause_and_says_so_when_asked_again",
    "test_a_charge_meets_a_fault_and_is_made_once",
    "test_a_charge_under_the_same_key_is_made_once",
    "test_a_forgotten_method_cannot_be_charged_and_forgetting_twice_is_no_error",
    "test_a_method_of_another_customer_cannot_be_charged",
    "test_a_setup_vaults_a_method_that_can_be_charged_later",
    "test_off_session_needing_the_payer_is_a_failure_with_that_cause",
    "test_what_moved_no_money_is_not_in_the_statement",
    "test_what_was_authenticated_once_is_charged_off_session",
}


def _refused(_: Wrong, request: Any) -> Report:  # noqa: ANN401 - a payment's
    return Report(outcome=Outcome.FAILED, key=request.key, cause=FailureCause.NO_METHOD)


def _opened(honest: Wrong, request: Any) -> Any:  # noqa: ANN401 - as above
    return _refused(honest, request) if request.setup else honest(request)


def _for_who_is_there(report: Report) -> Report:
    method = report.method
    return report if method is None else replace(report, method=replace(method, off_session=False))


def _vaulting_nothing(report: Report) -> Report:
    return replace(report, method=None)


def without_customers_nothing(
    vaulted: Callable[[Report], Report] = _for_who_is_there, **table: object
) -> dict[str, Wrong]:
    """The sandbox's adapter, which does nothing without the customer, and says so."""
    says = {"off_session": False, "mandates": False, "imports": None, **table}
    return {
        "capabilities": lambda can: replace(can, **says),
        "charge": _refused,
        "open": _opened,
        "confirm": told(vaulted),
    }


def _each() -> Iterator[Any]:
    """Every check of each kit, with what it is parametrised by."""
    for face, kit in KITS.items():
        for name in sorted(each for each in dir(kit) if each.startswith("test_")):
            marks = [
                mark for mark in getattr(getattr(kit, name), "pytestmark", ()) if mark.name == "parametrize"
            ]
            choices = [[_named(mark.args[0], value) for value in mark.args[1]] for mark in marks]
            for n, chosen in enumerate(itertools.product(*choices)):
                given = {key: value for one in chosen for key, value in one.items()}
                yield pytest.param(face, name, given, id=f"{face}-{name}-{n}")


def _named(names: Any, value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as pytest takes them
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))


@pytest.fixture
def play(clock: Clock) -> Iterator[Callable[[str], SandboxStage]]:
    """The sandbox to play with."""
    with playing(clock) as begin:
        yield begin


@pytest.mark.parametrize("vaulted", [_for_who_is_there, _vaulting_nothing])
@pytest.mark.parametrize(("face", "check", "given"), list(_each()))
def test_who_charges_nobody_without_the_customer_passes_and_what_is_left_out_says_why(
    play: Callable[[str], SandboxStage],
    face: str,
    check: str,
    given: Mapping[str, Any],
    vaulted: Callable[[Report], Report],
) -> None:
    if vaulted is _vaulting_nothing and hasattr(Expiries, check):
        vaulted = _for_who_is_there  # cards of which nothing is kept have no last day
    stage, kit = play(face), KITS[face]()
    Mistake(says="", wrongs=lambda: without_customers_nothing(vaulted)).made_by(stage)
    if check in SKIPPED:
        with pytest.raises(pytest.skip.Exception, match=r"^(off_session|mandates)=False: "):
            getattr(kit, check)(stage, **given)
        return
    getattr(kit, check)(stage, **given)


LIES: Mapping[str, Callable[[], dict[str, Wrong]]] = {
    "it charges all the same": lambda: {
        name: wrong for name, wrong in without_customers_nothing().items() if name != "charge"
    },
    "it has mandates, which are for nothing": lambda: without_customers_nothing(mandates=True),
    "its methods say that they can be charged": lambda: without_customers_nothing(lambda report: report),
    "it can be asked to charge, and does not": lambda: without_customers_nothing(
        lambda report: report, off_session=True, mandates=True
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_who_says_so_and_lies_is_found(play: Callable[[str], SandboxStage], lie: str) -> None:
    stage = play("sandbox")
    Mistake(says=lie, wrongs=LIES[lie]).made_by(stage)
    with pytest.raises(AssertionError):
        Kit().test_customers_are_charged_without_them_if_and_only_if_the_table_says_so(stage)
