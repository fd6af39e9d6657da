"""What goes wrong between us and PayPal: certainly nothing happened, or nobody knows; never a second charge."""

from random import Random
from typing import Any

import httpx
import pytest

from solvent.core.payment import Outcome, Report
from solvent.ports.provider import PaymentRequest, ProviderDown, ProviderSilent, RefundOutcome
from solvent.providers.paypal import Line
from tests.patience import eventually
from tests.peers.paypal import CLIENT_ID, SECRET
from tests.providers.wire import Mishap

World = Any  # the fixture's class; see conftest

SILENT = (Mishap.CUT_BEFORE, Mishap.CUT_AFTER, Mishap.DELAY, Mishap.TRUNCATE, Mishap.BREAK)
IMPATIENT_S = 0.15  # less than a delayed answer takes
ACTED = frozenset({Mishap.CUT_AFTER, Mishap.TRUNCATE})


def meet(world: World, *mishaps: Mishap) -> None:
    """The next requests go wrong like this, one after the other."""
    left, ahead = list(mishaps), len(mishaps)

    def before(request: httpx.Request) -> None:
        """A request goes when the one before has met its mishap: nobody has waited for the answer to a late one."""
        nonlocal ahead
        eventually(lambda: len(left) <= ahead)
        if left[:1] == [Mishap.DELAY]:
            ahead = len(left) - 1
            request.extensions["timeout"] = httpx.Timeout(IMPATIENT_S).as_dict()

    world.wire.choose = lambda: left.pop(0) if left else Mishap.NONE
    world.line._client.event_hooks = {"request": [before]}


@pytest.mark.parametrize("mishap", SILENT)
def test_a_charge_without_an_answer_is_looked_up_and_made_once(world: World, mishap: Mishap) -> None:
    request = world.charge_request(world.vaulted())
    meet(world, mishap)
    with pytest.raises(ProviderSilent):
        world.provider.charge(request)
    known = world.provider.get(request.key, None)
    if mishap is not Mishap.DELAY:  # then it is still under way
        assert (known is not None) == (mishap in ACTED)
    paid = world.provider.charge(request)
    assert paid.outcome is Outcome.SUCCEEDED
    assert known in (None, paid)
    assert world.peer.charged(request.key.hex) == [1200]


@pytest.mark.parametrize("mishap", SILENT)
def test_a_capture_without_an_answer_is_looked_up_and_made_once(world: World, mishap: Mishap) -> None:
    opened = world.provider.open(world.request())
    world.peer.approve(opened.ref)
    meet(world, Mishap.NONE, mishap)  # the order is looked at, then captured
    with pytest.raises(ProviderSilent):
        world.provider.confirm(opened.key, opened.ref, None)
    assert world.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.SUCCEEDED
    assert world.peer.charged(opened.key.hex) == [1200]


@pytest.mark.parametrize("mishap", SILENT)
def test_a_refund_without_an_answer_is_made_once(world: World, mishap: Mishap) -> None:
    paid = world.pay()
    request = world.refund_request(paid, 700)
    meet(world, mishap)
    with pytest.raises(ProviderSilent):
        world.provider.refund(request)
    assert world.provider.refund(request).outcome is RefundOutcome.SUCCEEDED
    assert world.peer.net(paid.key.hex) == 500


def test_a_request_that_arrives_twice_is_done_once(world: World) -> None:
    request = world.charge_request(world.vaulted())
    meet(world, Mishap.DUPLICATE)
    assert world.provider.charge(request).outcome is Outcome.SUCCEEDED
    assert world.peer.charged(request.key.hex) == [1200]


def test_too_many_requests_is_certainly_nothing(world: World) -> None:
    request = world.charge_request(world.vaulted())
    meet(world, Mishap.THROTTLE)
    with pytest.raises(ProviderDown) as down:
        world.provider.charge(request)
    assert down.value.retry_after_s == 0.0
    assert world.peer.charged(request.key.hex) == []


def test_an_access_token_that_ran_out_is_replaced_once(world: World) -> None:
    world.provider.open(world.request())
    world.peer.granted.clear()
    before = len(world.peer.server.calls)
    assert world.provider.open(world.request()).outcome is Outcome.REQUIRES_ACTION
    assert world.peer.server.calls[before:].count("POST /v1/oauth2/token") == 1


def test_an_access_token_is_asked_for_before_it_runs_out(world: World) -> None:
    seconds = 0.0
    line = Line(world.peer.url, CLIENT_ID, SECRET, clock=lambda: seconds)
    before = len(world.peer.server.calls)
    for seconds in (0.0, 100.0, 32_339.0, 32_341.0):  # noqa: B007 - the clock reads it
        line.get("/v2/checkout/orders/5O190127TN364715T")
    line.close()
    assert world.peer.server.calls[before:].count("POST /v1/oauth2/token") == 2


@pytest.mark.parametrize("mishap", [Mishap.CUT_AFTER, Mishap.TRUNCATE, Mishap.BREAK, Mishap.THROTTLE])
def test_without_an_access_token_nothing_has_happened(world: World, mishap: Mishap) -> None:
    line = Line(world.wire.url, CLIENT_ID, SECRET)
    meet(world, mishap)
    with pytest.raises(ProviderDown, match="gave no access token"):
        line.get("/v2/checkout/orders/1")
    line.close()


def test_unknown_credentials_are_said_so_and_not_shown(world: World) -> None:
    line = Line(world.peer.url, CLIENT_ID, "a wrong secret")
    with pytest.raises(ProviderDown) as down:
        line.get("/v2/checkout/orders/1")
    assert "client id and secret" in str(down.value)
    assert "a wrong secret" not in repr(down.value)
    line.close()


def test_paypal_out_of_reach_is_certainly_nothing() -> None:
    line = Line("http://127.0.0.1:1", CLIENT_ID, SECRET)
    with pytest.raises(ProviderDown):
        line.get("/v2/checkout/orders/1")
    line.close()


def test_under_faults_at_every_call_nothing_is_charged_twice_or_lost(world: World) -> None:
    """Seeded: whatever breaks, asking and repeating under the same key ends with one charge."""
    token = world.vaulted()
    chance = Random(11)
    mishaps = [mishap for mishap in Mishap if mishap is not Mishap.DELAY]
    world.wire.choose = lambda: chance.choice(mishaps) if chance.random() < 0.35 else Mishap.NONE
    requests = [world.charge_request(token) for _ in range(12)]
    for request in requests:
        assert _charged_at_last(world, request).outcome is Outcome.SUCCEEDED
    world.wire.choose = lambda: Mishap.NONE
    for request in requests:
        assert world.peer.charged(request.key.hex) == [1200]
        assert [each.amount for each in world.provider.payments_of(request.key, None)] == [1200]


def _charged_at_last(world: World, request: PaymentRequest) -> Report:
    """What the flows do: ask first, and send the same request again only where PayPal has nothing of it."""
    for _ in range(60):
        try:
            report: Report | None = world.provider.get(request.key, None)
            return report if report is not None else world.provider.charge(request)
        except (ProviderSilent, ProviderDown):
            continue
    raise AssertionError("60 tries were not enough")
