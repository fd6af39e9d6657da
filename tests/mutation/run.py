"""Mutation: each rule of what decides, and of what guards the engine, is turned off, and some test must fail.

``make mutate`` (``python -m tests.mutation.run``, with modules to try only those) tries every rule of the modules below
with the tests beside them, and prints for each module how many some test missed, and every one that none did; it exits
1 when there is one that is not named in `equivalent`. A mutant lives in a child of its own, as many at once as
`MUTATION_JOBS` says: the function's code is exchanged, and the tests run until one fails.
"""

import ast
import importlib
import inspect
import os
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import Mutant, functions, mutants

ROOT = Path(__file__).parents[1]
JOBS = int(os.environ.get("MUTATION_JOBS", "2"))
TIMEOUT_FIRST_S = 60
TIMEOUT_FACTOR = 10  # and so many times as long as the tests took without a mutant
OPTIONS = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutation")
# A counterexample is enough: nobody reads the smallest one.
settings.register_profile(
    "mutation", phases=(Phase.explicit, Phase.generate), max_examples=30, database=None, deadline=None
)

ASSESSMENT = (
    "core/test_verdicts",
    "core/test_measures",
    "core/test_health",
    "core/test_valves",
    "core/test_caps",
    "core/test_giving_up",
    "core/test_comparing",
    "core/test_expiry",
    "core/test_standstill",
)
TARGETS: dict[str, Sequence[str]] = {
    "solvent.core.ladder": ("core/test_dunning", "core/test_policy_rules", "core/test_measures"),
    "solvent.core.policy": (
        "core/test_policy",
        "core/test_measures",
        "core/test_health",
        "core/test_entitlement",
        "core/test_policy_rules",
        "store/test_policy_file",
    ),
    "solvent.core.dunning": (
        "core/test_dunning",
        "core/test_lifting",
        "core/test_measures",
        "core/test_surrender",
        "core/test_policy_rules",
    ),
    **dict.fromkeys(("solvent.core.health", "solvent.core.collecting", "solvent.core.evidence"), ASSESSMENT),
    "solvent.core.standstill": ("core/test_standstill", "core/test_replay"),
    "solvent.core.owed": ("core/test_dunning", "core/test_lifting", "core/test_measures", "core/test_valves"),
    "solvent.core.decisions": ("core/test_valves", "core/test_measures"),
    "solvent.core.bad_debt": ("core/test_bad_debt",),
    "solvent.core.entitlement": ("core/test_entitlement", "core/test_measures", "core/test_free"),
    "solvent.core.policy_rules": ("core/test_policy_rules", "core/test_policy", "core/test_policy_exits"),
    "solvent.core.policy_exits": ("core/test_policy_exits",),
    "solvent.core.telling": ("core/test_dunning", "core/test_telling"),
    "solvent.core.valves": ("core/test_valves", "core/test_caps"),
    "solvent.core.engine": ("core/test_valves", "core/test_caps"),
    "solvent.core.caps": ("core/test_caps",),
    "solvent.core.lapsing": ("core/test_caps", "core/test_verdicts"),
    "solvent.core.comparing": ("core/test_comparing", "core/test_verdicts"),
    "solvent.core.settlement": (
        "core/test_settlement",
        "core/test_staleness",
        "core/test_following",
        "core/test_coupon_booking",
        "core/test_giving_up",
        "core/test_renewal_together",
        "core/test_booking",
        "core/test_booking_on_grace",
        "core/test_booking_stranded",
        "core/test_cart_plan",
        "core/test_closed_account",
        "core/test_crediting",
    ),
    "solvent.core.expiry": ("core/test_expiry",),
    "solvent.core.surrender": ("core/test_surrender",),
    "solvent.core.replay": ("core/test_replay", "core/test_replay_edges"),
    "solvent.flows.recompute": (
        "flows/test_recompute",
        "flows/test_recompute_seen",
        "flows/test_caps",
        "flows/test_valves",
        "flows/test_surrender",
        "flows/test_clock",
    ),
    "solvent.flows.holds": ("flows/test_valves",),
    "solvent.flows.permits": ("flows/test_caps",),
    "solvent.flows.collect": (
        "flows/test_collect",
        "flows/test_valves",
        "flows/test_races",
        "flows/test_debts_together",
    ),
}


@dataclass(slots=True)
class Tally:
    """What became of the mutants of some modules."""

    tried: int = 0
    equivalent: int = 0
    wrong: int = 0  # not missed by any test, or named as equivalent and none

    def __iadd__(self, other: "Tally") -> "Tally":
        self.tried += other.tried
        self.equivalent += other.equivalent
        self.wrong += other.wrong
        return self

    def __str__(self) -> str:
        missed = self.tried - self.equivalent - self.wrong
        return (
            f"{self.tried} rules turned off, {missed} missed by a test, {self.equivalent} equivalent, "
            f"{self.wrong} not missed"
        )


def main(names: Sequence[str]) -> int:
    """Try every mutant of these modules (without a name: of all)."""
    total, began = Tally(), time.monotonic()
    for name in names or TARGETS:
        module = importlib.import_module(name)
        tests = [str(ROOT / f"{test}.py") for test in TARGETS[name]]
        before = time.monotonic()
        if pytest.main([*tests, *OPTIONS]) != 0:  # here, so that children find everything imported
            print(f"{name}: its tests fail as it is", file=sys.stderr)
            return 2
        timeout_s = TIMEOUT_FIRST_S + TIMEOUT_FACTOR * (time.monotonic() - before)
        found = _tally(module, tests, timeout_s)
        print(f"{name}: {found}", flush=True)
        total += found
    print(f"{total}, {time.monotonic() - began:.0f} s")
    return min(total.wrong, 1)


def _tally(module: types.ModuleType, tests: Sequence[str], timeout_s: float) -> Tally:
    tree = ast.parse(inspect.getsource(module))
    found = [m for function, node in functions(tree) for m in mutants(function, node)]
    named = {
        rule: why for (place, rule), why in EQUIVALENT.items() if place.startswith(f"{module.__name__}.")
    }
    tally = Tally(tried=len(found))
    for mutant, survived in _tried(found, module, tests, timeout_s):
        place = f"{module.__name__}.{mutant.function}"
        why = EQUIVALENT.get((place, mutant.says))
        named.pop(mutant.says, None)
        if survived and why is None:
            print(f"not missed: {place}:{mutant.line}  {mutant.says}", flush=True)
        elif survived:
            print(f"equivalent: {place}:{mutant.line}  {mutant.says}: {why}", flush=True)
        elif why is not None:
            print(f"named as equivalent, but missed: {place}:{mutant.line}  {mutant.says}", flush=True)
        tally.equivalent += survived and why is not None
        tally.wrong += survived is (why is None)
    for rule in named:
        print(f"named as equivalent, but not there: {module.__name__}  {rule}", flush=True)
    tally.wrong += len(named)
    return tally


def _tried(
    found: Sequence[Mutant], module: types.ModuleType, tests: Sequence[str], timeout_s: float
) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether it survived: all tests passed. One that does not end has been missed too."""
    waiting, running = list(reversed(found)), dict[int, tuple[Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < JOBS:
            mutant = waiting.pop()
            running[_started(mutant, module, tests)] = mutant, time.monotonic() + timeout_s
        time.sleep(0.02)
        for child, (mutant, deadline) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if not done and time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                done, status = os.waitpid(child, 0)
            if done:
                del running[child]
                yield mutant, os.waitstatus_to_exitcode(status) == 0


def _started(mutant: Mutant, module: types.ModuleType, tests: Sequence[str]) -> int:
    """The id of a child in which the tests run with the mutant's code."""
    child = os.fork()
    if child == 0:
        os._exit(_tested(mutant, module, tests))
    return child


def _tested(mutant: Mutant, module: types.ModuleType, tests: Sequence[str]) -> int:
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 -- until the child ends
    try:
        _exchange(module, mutant)
        return int(pytest.main([*tests, *OPTIONS]))
    except BaseException:  # noqa: BLE001 -- whatever it raises, the mutant was missed
        return 1


def _exchange(module: types.ModuleType, mutant: Mutant) -> None:
    """Give the function, wherever it was imported to, the mutant's code."""
    owner, _, name = mutant.function.rpartition(".")
    place = getattr(module, owner) if owner else module
    held = inspect.getattr_static(place, name)
    held = held.fget if isinstance(held, property) else held
    assert isinstance(held, types.FunctionType), f"{mutant.function} is a function"
    tree = copy_without_decorators(mutant.tree)
    scope: dict[str, object] = dict(vars(module))
    exec(compile(ast.Module(body=[tree], type_ignores=[]), str(module.__file__), "exec"), scope)
    changed = scope[name]
    assert isinstance(changed, types.FunctionType), f"{mutant.function} is a function"
    held.__code__ = changed.__code__


def copy_without_decorators(tree: ast.FunctionDef) -> ast.FunctionDef:
    """The bare function."""
    tree.decorator_list = []
    return tree


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
