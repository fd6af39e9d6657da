"""Faults: the same for the same seed, scripted call by call, and harmless where they must be."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from solvent.core.payment import Outcome
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.sandbox import Bank, FaultPlan, Faults, InProcess, SandboxProvider

World = Any
Build = Callable[..., tuple[World, Any]]
ROUGH = FaultPlan(timeout=0.1, lost_reply=0.1, duplicate=0.1, down=0.1)


def _with(world: World, bank: Bank, plan: FaultPlan, seed: int = 1) -> SandboxProvider:
    return SandboxProvider(InProcess(bank, world.clock, Faults(plan, Random(seed))), world.clock)


def _draws(seed: int) -> list[str]:
    faults = Faults(ROUGH, Random(seed))
    now = datetime(2031, 1, 1, tzinfo=UTC)
    return [faults.of_call("charge", str(number), now) for number in range(1000)]


def test_draws_repeat_for_a_seed_and_differ_between_seeds() -> None:
    assert _draws(1) == _draws(1)
    assert _draws(1) != _draws(2)


def test_draws_keep_the_shares() -> None:
    draws = _draws(3)
    for fault in ("timeout", "lost_reply", "duplicate", "down"):
        assert 60 < draws.count(fault) < 140


def test_draws_do_not_depend_on_how_threads_interleave(build: Build) -> None:
    now = build("sandbox")[0].clock()
    faults = Faults(ROUGH, Random(1))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda n: faults.of_call("charge", str(n), now), range(1000)))
    assert together == _draws(1)


def test_trying_again_draws_again(build: Build) -> None:
    now = build("sandbox")[0].clock()
    faults = Faults(FaultPlan(timeout=0.5), Random(1))
    assert {faults.of_call("charge", "k", now) for _ in range(50)} == {"ok", "timeout"}


def test_a_lost_reply_is_found_by_looking_it_up(build: Build) -> None:
    world, bank = build("sandbox")
    request = world.charge_request(world.vaulted())
    provider = _with(world, bank, FaultPlan.script({"charge": ["lost_reply", "ok"]}))
    with pytest.raises(ProviderSilent, match="reply was lost"):
        provider.charge(request)
    found = provider.get(request.key, None)
    assert found is not None
    assert found.outcome is Outcome.SUCCEEDED
    assert provider.charge(request).outcome is Outcome.SUCCEEDED
    assert len(bank.charged(request.key)) == 1


def test_a_time_out_before_acting_leaves_nothing(build: Build) -> None:
    world, bank = build("sandbox")
    request = world.charge_request(world.vaulted())
    provider = _with(world, bank, FaultPlan.script({"charge": ["timeout"]}))
    with pytest.raises(ProviderSilent):
        provider.charge(request)
    assert provider.get(request.key, None) is None
    assert provider.charge(request).outcome is Outcome.SUCCEEDED


def test_a_request_received_twice_charges_once(build: Build) -> None:
    world, bank = build("sandbox")
    request = world.charge_request(world.vaulted())
    provider = _with(world, bank, FaultPlan(duplicate=1.0))
    assert provider.charge(request).outcome is Outcome.SUCCEEDED
    assert len(bank.charged(request.key)) == 1
    paid = provider.get(request.key, None)
    assert paid is not None
    provider.refund(world.refund_request(paid, 300))
    assert bank.net(request.key) == 900


def test_nothing_gets_through_an_outage(build: Build) -> None:
    world, bank = build("sandbox")
    request = world.charge_request(world.vaulted())
    window = (world.clock() + timedelta(minutes=1), world.clock() + timedelta(hours=1))
    provider = _with(world, bank, FaultPlan(outages=(window,)))
    assert provider.get(request.key, None) is None
    world.clock.advance(minutes=1)
    with pytest.raises(ProviderDown):
        provider.charge(request)
    world.clock.advance(minutes=59)
    assert provider.charge(request).outcome is Outcome.SUCCEEDED


def test_a_misspelt_fault_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="lost_replies"):
        FaultPlan.script({"charge": ["lost_replies"]})


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_on_the_way_each_key_is_charged_at_most_once(build: Build, seed: int) -> None:
    world, bank = build("sandbox")
    provider = _with(world, bank, ROUGH, seed)
    token = world.vaulted()
    requests = [world.charge_request(token) for _ in range(20)]
    for request in requests * 10:
        try:
            provider.charge(request)
        except (ProviderSilent, ProviderDown):
            continue
    assert [len(bank.charged(request.key)) for request in requests] == [1] * len(requests)
