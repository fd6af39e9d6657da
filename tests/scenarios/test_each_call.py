"""Each call that an adapter has meets each fault on the wire: no double charge, nothing lost, every law.

Everything is real but the provider: flows, database, boundary, adapter, sockets. `make soak` strikes every request that
a call makes; here the first one is struck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count

import pytest

from solvent.providers.paypal.adapter import CAPABILITIES as PAYPAL
from solvent.wiring import Solvent
from tests.peers.paypal.play import Rooms as PayPals
from tests.peers.stripe.play import Rooms as Stripes
from tests.providers.wire import Mishap, Wire
from tests.scenarios import soak
from tests.scenarios.closed_play import is_charged_by_a_closed_merchant
from tests.scenarios.ground import CALLS, DELAY_S, Aim, Ground, at_paypal, at_stripe
from tests.scenarios.keeping_plays import PLAYS as KEEPING
from tests.scenarios.striking import PLAYS, SILENT, at_rest, call_of, judge, played

AT_ONCE = tuple(mishap for mishap in Mishap if mishap is not Mishap.NONE)
SLOW = frozenset(
    {"open", "charge", "confirm", "cancel", "refund"}
)  # a delay costs its time; the others: `make soak`
MADE = ("open", "open (setup)", "confirm", "confirm (setup)", "charge", "refund")  # what has a key of its own
_buckets = count(1)


def test_every_call_of_the_boundary_has_its_play() -> None:
    assert {call_of(name) for name in (*PLAYS, *KEEPING)} == CALLS
    assert (
        {call_of(name) for name in KEEPING}
        == CALLS - {call_of(name) for name in PLAYS}
        == {
            "keep",
            "keep_customer",
        }
    )
    keeps = (PAYPAL.copies_subscriptions, PAYPAL.keeps_customers)
    assert keeps == (False, False), "else PayPal needs plays of keeping"


def test_every_fault_that_a_wire_has_is_played() -> None:
    named = {
        "cut before": {Mishap.CUT_BEFORE, Mishap.LATE},
        "cut after": {Mishap.CUT_AFTER},
        "delay": {Mishap.DELAY},
        "duplicate": {Mishap.DUPLICATE},
        "truncate": {Mishap.TRUNCATE},
        "429": {Mishap.THROTTLE},
        "5xx": {Mishap.BREAK, Mishap.BREAK_AFTER},
    }
    assert set().union(*named.values()) == set(AT_ONCE) == set(Mishap) - {Mishap.NONE}


def test_what_meets_only_some_faults_here_meets_all_of_them_in_the_long_run() -> None:
    """A delay costs its time, so that here only the calls that act meet it."""
    assert {soak.struck_with(seed) for seed in range(2 * len(AT_ONCE))} == {
        (name, mishap) for name in ("stripe", "paypal") for mishap in AT_ONCE
    }
    assert {soak.kept_with(seed) for seed in range(len(AT_ONCE))} == set(AT_ONCE)
    assert {soak.KINDS[kind] for kind in ("struck", "struck-keeping")} == {soak.struck, soak.struck_keeping}


@pytest.fixture(scope="module", params=["stripe", "paypal"])
def rooms(request: pytest.FixtureRequest) -> Iterator[Stripes | PayPals]:
    """A provider's rooms. Whatever went over the wire was as its documents have it."""
    served = Stripes() if request.param == "stripe" else PayPals()
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture(scope="module")
def stripes() -> Iterator[Stripes]:
    """Rooms of a Stripe that keeps copies; judged as the others are."""
    served = Stripes()
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture
def ground(scenario_solvent: Solvent, rooms: Stripes | PayPals) -> Iterator[Ground]:
    """A world of its own."""
    wire = Wire(rooms.server.address, delay_s=DELAY_S)
    if isinstance(rooms, Stripes):
        yield at_stripe(scenario_solvent, rooms, wire, next(_buckets))
    else:
        yield at_paypal(scenario_solvent, rooms, wire, next(_buckets))
    wire.close()


@pytest.mark.parametrize("mishap", AT_ONCE)
def test_each_call_meets_it(ground: Ground, mishap: Mishap) -> None:
    names = [name for name in PLAYS if mishap is not Mishap.DELAY or name in SLOW]
    missed = _played(ground, names, mishap)
    assert missed == {one for one in SILENT if one[0] == ground.name and one[1] in names}


@pytest.mark.parametrize("mishap", [one for one in AT_ONCE if one is not Mishap.DELAY])
def test_what_is_kept_meets_it(
    scenario_solvent: Solvent, stripes: Stripes, mishap: Mishap, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Wire(stripes.server.address, delay_s=DELAY_S)) as wire:
        ground = at_stripe(scenario_solvent, stripes, wire, next(_buckets), copies=True)
        assert _played(ground, list(KEEPING), mishap) == set()
    assert [record.message for record in caplog.records if "not copied" in record.message] == []


@pytest.mark.parametrize("acted", [True, False])
def test_a_failure_of_the_providers_own_that_it_keeps_under_the_key(ground: Ground, acted: bool) -> None:
    """Stripe says the same 500 for a day to whoever asks under the key; PayPal carries on what it began."""
    ground.stumbles = acted
    _played(ground, MADE, Mishap.NONE)


@pytest.mark.parametrize("at_first", [True, False])
@pytest.mark.parametrize("mishap", [one for one in Mishap if one is not Mishap.DELAY])
def test_a_charge_that_the_merchant_may_not_make_meets_it(
    ground: Ground, mishap: Mishap, at_first: bool
) -> None:
    """The merchant's account is closed at first, or once the charge has met the fault; some hours later it is mended.
    Nobody has declined, and nothing is stuck under a key that is refused."""
    who = ground.world.customer("merchant-closed")
    ground.aim = Aim("charge", mishap)
    ended = is_charged_by_a_closed_merchant(ground, who, at_first=at_first)
    at_rest(ground)
    ended()
    judge(ground, [who])


def _played(ground: Ground, names: Sequence[str], mishap: Mishap) -> set[tuple[str, str]]:
    """Plays, one after the other, their rest, and the judgement of all; the calls that made no request."""
    customers = [ground.world.customer(name.replace(" ", "-").strip("()")) for name in names]
    ends, missed = [], set()
    for name, who in zip(names, customers, strict=True):
        aim = Aim(call_of(name), mishap)
        ends.append(played(ground, name, who, aim))
        if not aim.hit:
            missed.add((ground.name, name))
    at_rest(ground)
    for ended in ends:
        ended()
    judge(ground, customers)
    return missed
