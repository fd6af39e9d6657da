"""Mutation: each rule of dunning is turned off, and some test must fail.

``make mutate`` (``python -m tests.mutation.run``, with modules to try only those) tries every rule of the modules below
with the tests beside them and prints those that no test misses; it exits 1 when there is one. A mutant lives in a child
of its own: the function's code is exchanged, and the tests run until one fails.
"""

import ast
import importlib
import inspect
import os
import sys
import time
import types
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.mutation.mutants import Mutant, functions, mutants

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 40
OPTIONS = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutation")
# A counterexample is enough: nobody reads the smallest one.
settings.register_profile(
    "mutation", phases=(Phase.explicit, Phase.generate), max_examples=30, database=None, deadline=None
)

TARGETS: dict[str, Sequence[str]] = {
    "solvent.core.ladder": ("test_dunning", "test_policy_rules", "test_measures"),
    "solvent.core.policy": ("test_policy", "test_measures", "test_health", "test_entitlement"),
    "solvent.core.dunning": ("test_dunning", "test_measures", "test_surrender", "test_policy_rules"),
    "solvent.core.health": ("test_health", "test_measures", "test_giving_up", "test_comparing", "test_drift"),
    "solvent.core.settlement": (
        "test_settlement",
        "test_staleness",
        "test_giving_up",
        "test_renewal_together",
        "test_booking",
    ),
    "solvent.core.surrender": ("test_surrender",),
    "solvent.core.replay": ("test_replay",),
}


def main(names: Sequence[str]) -> int:
    """Try every mutant of these modules (without a name: of all)."""
    survivors: list[Mutant] = []
    tried, began = 0, time.monotonic()
    for name in names or TARGETS:
        module = importlib.import_module(name)
        tree = ast.parse(inspect.getsource(module))
        tests = [str(ROOT / "tests" / "core" / f"{test}.py") for test in TARGETS[name]]
        if pytest.main([*tests, *OPTIONS]) != 0:  # here, so that children find everything imported
            print(f"{name}: its tests fail as it is", file=sys.stderr)
            return 2
        found = [m for function, node in functions(tree) for m in mutants(function, node)]
        tried += len(found)
        for mutant in found:
            if _run(mutant, module, tests) == 0:
                survivors.append(mutant)
                print(f"not missed: {name}.{mutant.function}:{mutant.line}  {mutant.says}", flush=True)
        print(f"{name}: {len(found)} rules turned off", flush=True)
    print(f"{tried} mutants, {len(survivors)} not missed, {time.monotonic() - began:.0f} s")
    return min(len(survivors), 1)


def _run(mutant: Mutant, module: types.ModuleType, tests: Sequence[str]) -> int:
    """The tests' exit code in a child, with the mutant's code; one that does not end has been missed too."""
    child = os.fork()
    if child == 0:
        os._exit(_tested(mutant, module, tests))
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return 1


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
