"""The boundary: patience, bounds, counts and discretion, for any adapter.

The adapter here is a provider of a test's own, which answers what the test has written down: an outside world.
"""

import inspect
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from solvent.core.dispute import Evidence
from solvent.core.payment import ActionKind, Authentication, NextAction, Outcome, Report
from solvent.ports.provider import (
    Capabilities,
    NotificationRefused,
    PaymentRequest,
    Provider,
    ProviderDown,
    ProviderSilent,
    RefundOutcome,
    RefundReport,
    RefundRequest,
)
from solvent.providers.boundary import Boundary, Breaker, Limits, Rate
from solvent.providers.boundary.breaker import Circuit
from solvent.providers.boundary.tally import OTHERS, WORDS_MAX, Tally

Said = Any  # whatever a test has a provider answer, or asks it
SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
KEY = uuid4()
LATER = datetime(2031, 3, 1, tzinfo=UTC)
PAID = Report(outcome=Outcome.SUCCEEDED, key=KEY, ref="p1", amount=1200, currency="USD")
LOOK_UPS = ("get", "payments_of", "cancel", "detach", "get_method", "get_refund", "get_dispute")
LISTS = ("reports_since", "refunds_since", "disputes_since", "movements_since")
ACTS = ("open", "charge", "confirm", "refund", "submit_evidence", "accept_dispute")


class Seconds:
    """Time in seconds, which passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Scripted:
    """A provider that plays a list: an exception is raised, anything else is its answer; then it is happy."""

    name = "scripted"
    capabilities = Capabilities(
        actions=frozenset(ActionKind),
        off_session=True,
        partial_refunds=True,
        mandates=False,
        delayed_settlement=False,
        minimums={"USD": 50},
    )

    def __init__(self, *script: Said) -> None:
        self.script = list(script)
        self.calls: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def play(*_: Said) -> Said:
            self.calls.append(operation)
            said = self.script.pop(0) if self.script else PAID
            if isinstance(said, Exception):
                raise said
            return [said] if operation.endswith(("_since", "_of")) else said

        return play


def bounded(*script: Said, **limits: Said) -> tuple[Boundary, Scripted, Seconds]:
    adapter, seconds = Scripted(*script), Seconds()
    boundary = Boundary(
        adapter, Limits(**limits), secrets=[SECRET], clock=seconds, sleep=seconds.sleep, chance=Random(1)
    )
    return boundary, adapter, seconds


def request(**other: Said) -> PaymentRequest:
    values: dict[str, Any] = {
        "key": KEY,
        "customer": uuid4(),
        "amount": 1200,
        "currency": "USD",
        "setup": False,
        "off_session": True,
        "method": "m1",
        "expires_at": LATER,
        "description": "Zone plan",
    }
    return PaymentRequest(**(values | other))


def call(boundary: Boundary, operation: str) -> Said:
    arguments: dict[str, tuple[Any, ...]] = {
        "open": (request(),),
        "charge": (request(),),
        "confirm": (KEY, "p1", None),
        "get": (KEY, "p1"),
        "payments_of": (KEY, None),
        "cancel": (KEY, "p1"),
        "refund": (RefundRequest(key=KEY, payment_ref="p1", amount=1, currency="USD"),),
        "detach": ("m1",),
        "get_method": ("m1",),
        "get_refund": ("r1",),
        "refunds_since": (LATER,),
        "get_dispute": ("d1",),
        "submit_evidence": ("d1", Evidence(statement="It was delivered.")),
        "accept_dispute": ("d1",),
        "reports_since": (LATER,),
        "disputes_since": (LATER,),
        "movements_since": (LATER, LATER),
        "parse": ({}, b"", LATER),
    }
    answer = getattr(boundary, operation)(*arguments[operation])
    return list(answer) if isinstance(answer, Iterator) else answer


@pytest.mark.parametrize("operation", [*ACTS, *LOOK_UPS])
def test_what_certainly_did_nothing_is_sent_again_after_a_growing_pause(operation: str) -> None:
    boundary, adapter, seconds = bounded(ProviderDown("no route"), ProviderDown("no route"))
    call(boundary, operation)
    assert adapter.calls == [operation] * 3
    assert len(seconds.slept) == 2
    assert 0 <= seconds.slept[0] <= 0.1
    assert 0 <= seconds.slept[1] <= 0.2
    assert boundary.tally.calls() == {"down": 2, "answered": 1}


@pytest.mark.parametrize("operation", [*ACTS, *LOOK_UPS])
def test_a_provider_that_stays_away_is_given_up_after_a_bounded_number_of_tries(operation: str) -> None:
    boundary, adapter, _ = bounded(*[ProviderDown("no route")] * 5, tries_max=4)
    with pytest.raises(ProviderDown, match="no route"):
        call(boundary, operation)
    assert len(adapter.calls) == 4


@pytest.mark.parametrize("operation", ACTS)
def test_what_may_have_moved_money_is_never_sent_again(operation: str) -> None:
    boundary, adapter, seconds = bounded(ProviderSilent("timed out"))
    with pytest.raises(ProviderSilent, match="timed out"):
        call(boundary, operation)
    assert (adapter.calls, seconds.slept) == ([operation], [])


def test_silence_after_a_down_ends_the_tries_of_an_act() -> None:
    boundary, adapter, _ = bounded(ProviderDown("no route"), ProviderSilent("timed out"))
    with pytest.raises(ProviderSilent):
        call(boundary, "charge")
    assert adapter.calls == ["charge", "charge"]


@pytest.mark.parametrize("operation", LOOK_UPS)
def test_a_look_up_is_sent_again_also_when_there_was_no_answer(operation: str) -> None:
    boundary, adapter, _ = bounded(ProviderSilent("timed out"), ProviderDown("no route"))
    call(boundary, operation)
    assert adapter.calls == [operation] * 3


def test_the_provider_says_when_to_come_back() -> None:
    boundary, adapter, seconds = bounded(ProviderDown("too many", retry_after_s=1.5))
    call(boundary, "charge")
    assert len(adapter.calls) == 2
    assert 1.5 <= seconds.slept[0] <= 1.6


def test_a_longer_wish_than_a_caller_can_wait_for_is_not_waited_for() -> None:
    boundary, adapter, seconds = bounded(ProviderDown("too many", retry_after_s=60))
    with pytest.raises(ProviderDown) as raised:
        call(boundary, "charge")
    assert (raised.value.retry_after_s, adapter.calls, seconds.slept) == (60, ["charge"], [])


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_that_breaks_off_is_left_to_the_next_poll(operation: str) -> None:
    boundary, adapter, _ = bounded(ProviderDown("no route"))
    with pytest.raises(ProviderDown):
        call(boundary, operation)
    assert adapter.calls == [operation]
    assert call(boundary, operation) == [PAID]


def test_an_answer_that_breaks_the_adapter_is_no_answer_and_its_message_stays_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    boundary, adapter, _ = bounded(KeyError(SECRET))
    with pytest.raises(ProviderSilent, match="the adapter failed: KeyError"):
        call(boundary, "charge")
    assert "KeyError at " in caplog.text
    assert SECRET not in caplog.text
    assert boundary.tally.calls() == {"broken": 1}
    assert adapter.calls == ["charge"]


@pytest.mark.parametrize("fault", [ProviderDown, ProviderSilent])
@pytest.mark.parametrize("operation", [*ACTS, *LOOK_UPS, "reports_since"])
def test_no_secret_is_in_an_error(operation: str, fault: type[Exception]) -> None:
    error = fault(f"POST https://{SECRET}@example.org failed")
    error.__cause__ = OSError(SECRET)
    boundary, _, _ = bounded(*[error] * 3)
    with pytest.raises(fault) as raised:
        call(boundary, operation)
    assert str(raised.value) == "POST https://(hidden)@example.org failed"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("refusal", [NotificationRefused, ProviderDown, ProviderSilent])
def test_a_refused_notification_says_why_without_the_secret(refusal: type[Exception]) -> None:
    boundary, _, _ = bounded(refusal(f"not signed with {SECRET}"))
    with pytest.raises(refusal, match=r"^not signed with \(hidden\)$"):
        call(boundary, "parse")


def test_what_the_adapter_fails_on_in_a_notification_is_sent_again_and_logged_by_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    boundary, _, _ = bounded(KeyError(SECRET))
    with pytest.raises(ProviderSilent, match=r"^scripted: the adapter failed: KeyError$") as raised:
        call(boundary, "parse")
    assert raised.value.__suppress_context__
    assert "scripted: the adapter failed on a notification: KeyError at " in caplog.text
    assert SECRET not in caplog.text


def test_a_client_secret_is_not_in_the_text_of_a_value() -> None:
    action = NextAction(
        provider="scripted", attempt_id=KEY, kind=ActionKind.CONFIRM, expires_at=LATER, client_secret=SECRET
    )
    report = Report(outcome=Outcome.REQUIRES_ACTION, key=KEY, action=action)
    assert action.client_secret == SECRET
    assert SECRET not in f"{action} {report!r}"


def test_unmapped_words_are_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    odd = Report(outcome=Outcome.UNKNOWN, key=KEY, unmapped="held\nfor_review")
    refund = RefundReport(outcome=RefundOutcome.UNKNOWN, key=KEY, unmapped="on_hold")
    boundary, _, _ = bounded(odd, odd, refund, odd)
    with caplog.at_level(logging.WARNING):
        assert call(boundary, "charge") == odd
        assert call(boundary, "payments_of") == [odd]
        assert call(boundary, "refund") == refund
        assert call(boundary, "reports_since") == [odd]
    assert boundary.tally.words() == {"held?for_review": 3, "on_hold": 1}
    assert caplog.text.count("held?for_review") == 1


def test_ever_new_words_do_not_fill_the_memory() -> None:
    tally = Tally("scripted")
    for number in range(WORDS_MAX + 5):
        tally.unmapped(f"word {number}")
    assert len(tally.words()) == WORDS_MAX + 1
    assert tally.words()[OTHERS] == 5


def test_what_the_capabilities_exclude_is_not_asked_for() -> None:
    boundary, adapter, _ = bounded()
    with pytest.raises(ValueError, match="scripted cannot be asked to authenticate the payer"):
        boundary.open(request(authentication=Authentication.REQUIRED))
    with pytest.raises(ValueError, match="nobody is there to be authenticated"):
        boundary.charge(request(authentication=Authentication.PREFERRED, off_session=True))
    assert adapter.calls == []
    assert (boundary.name, boundary.capabilities) == ("scripted", adapter.capabilities)
    assert (boundary.capabilities.least("USD"), boundary.capabilities.least("EUR")) == (50, 1)


def test_the_circuit_opens_tries_one_call_and_closes() -> None:
    boundary, adapter, seconds = bounded(*[ProviderSilent("timed out")] * 4, failures_max=3)
    for _ in range(3):
        with pytest.raises(ProviderSilent):
            call(boundary, "charge")
    assert str(boundary.circuit) == "open"
    with pytest.raises(ProviderDown, match="none is sent for a while"):
        call(boundary, "charge")
    assert len(adapter.calls) == 3
    seconds.now += 1
    assert str(boundary.circuit) == "trial"
    with pytest.raises(ProviderSilent):
        call(boundary, "charge")
    seconds.now += 1
    assert str(boundary.circuit) == "open", "the second pause is twice as long"
    seconds.now += 1
    assert call(boundary, "charge") == PAID
    assert str(boundary.circuit) == "closed"
    assert boundary.tally.calls() == {"silent": 4, "held_back": 1, "answered": 1}


def test_an_answer_of_any_kind_counts_the_failures_anew() -> None:
    silent, declined = ProviderSilent("timed out"), Report(outcome=Outcome.FAILED, key=KEY)
    boundary, _, _ = bounded(silent, silent, declined, silent, silent, failures_max=3)
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(ProviderSilent):
                call(boundary, "charge")
        call(boundary, "charge")
    assert boundary.circuit is Circuit.CLOSED


def test_at_the_end_of_a_pause_one_call_goes_and_the_others_wait_for_its_end() -> None:
    seconds = Seconds()
    breaker = Breaker(Limits(failures_max=1, open_first_s=1, open_max_s=4), seconds)
    breaker.failed()
    assert not breaker.admits()
    seconds.now += 1
    assert [breaker.admits(), breaker.admits()] == [True, False]
    seconds.now += 4
    assert breaker.admits(), "the one that went never came back"
    breaker.answered()
    assert breaker.admits()


def test_a_failure_of_a_call_that_was_under_way_before_does_not_lengthen_the_pause() -> None:
    seconds = Seconds()
    breaker = Breaker(Limits(failures_max=1), seconds)
    breaker.failed()
    breaker.failed()
    seconds.now += 1
    assert breaker.circuit is Circuit.TRIAL


def test_calls_above_the_rate_wait_and_above_patience_are_held_back() -> None:
    boundary, adapter, seconds = bounded(calls_per_s=8, wait_max_s=0.5)
    for _ in range(9):
        call(boundary, "charge")
    assert seconds.slept == []
    for _ in range(3):
        call(boundary, "charge")
    assert seconds.slept == [0.125, 0.125, 0.125]
    rate = Rate(Limits(calls_per_s=1, wait_max_s=0.5), seconds, seconds.sleep)
    assert [rate.wait(), rate.wait(), rate.wait()] == [True, True, False]
    hurried, adapter, _ = bounded(calls_per_s=1, wait_max_s=0.5)
    for _ in range(2):
        call(hurried, "charge")
    with pytest.raises(ProviderDown, match="rate limit"):
        call(hurried, "charge")
    assert len(adapter.calls) == 2


def test_a_bound_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="tries_max: must be greater than 0, got 0"):
        Limits(tries_max=0)


def test_every_call_of_the_contract_is_tried_here() -> None:
    contract = {name for name, _ in inspect.getmembers(Provider, inspect.isfunction) if name[0] != "_"}
    assert {*ACTS, *LOOK_UPS, *LISTS, "parse"} == contract


def test_the_boundary_is_a_provider_like_its_adapter() -> None:
    boundary, adapter, _ = bounded()
    for operation in (*ACTS, *LOOK_UPS, *LISTS, "parse"):
        call(boundary, operation)
    assert adapter.calls == [*ACTS, *LOOK_UPS, *LISTS, "parse"]
    assert isinstance(KEY, UUID)


def test_each_word_that_nobody_mapped_is_told_on() -> None:
    odd = Report(outcome=Outcome.UNKNOWN, key=KEY, unmapped="pondering\n")
    told: list[str] = []
    boundary = Boundary(Scripted(odd, odd), Limits(), tell=told.append)
    call(boundary, "charge")
    call(boundary, "get")
    assert told == ["pondering?"] * 2


def test_a_list_that_nobody_reads_to_its_end_was_answered() -> None:
    """On trial it would keep every other call waiting for its end."""
    boundary, _, seconds = bounded(ProviderSilent("timed out"), failures_max=1)
    with pytest.raises(ProviderSilent):
        call(boundary, "charge")
    seconds.now += 1
    assert str(boundary.circuit) == "trial"
    told = iter(boundary.reports_since(LATER))
    next(told)
    told.close()  # type: ignore[attr-defined]
    assert str(boundary.circuit) == "closed"
    assert call(boundary, "charge") == PAID
