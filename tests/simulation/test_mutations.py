"""Mutations: four mistakes that others have made, planted one at a time, and found.

Each is one line in a copy of the source. A part of the harness (trouble at every boundary of a path, a story, or plans
that are overtaken) runs on the copy in a process of its own and has to fail; on an unchanged copy the same parts have
to pass, or their failing proves nothing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import solvent

REPOSITORY = Path(__file__).parents[2]
SOURCE = Path(solvent.__file__).parent
BOUNDARIES = ("tests/simulation/test_boundaries.py", "-k", "purchase and silent and nobody")
STORIES = ("tests/scenarios/test_stories.py", "-k", "ends_as_told and purchase")
OVERTAKEN = ("tests/flows/test_settle.py", "-k", "stale")
WALKS = ("tests/simulation/test_walks.py",)
WALKED = {"SOLVENT_TEST_WALKS": "24"}  # the first of them that meets the mistake is enough
RUN_TIMEOUT_S = 300
FAILED_TESTS = 1  # pytest's exit code when tests ran and some failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One line of one file, changed, and the part of the harness that has to see it."""

    seen_by: tuple[str, ...]
    file: str
    line: str
    planted: str


MUTATIONS = {
    "an unknown outcome is taken for a failure": Mutation(
        seen_by=BOUNDARIES,
        file="core/settlement.py",
        line="        case Outcome.UNKNOWN:\n            return Wait(state=AttemptState.UNKNOWN)\n",
        planted="        case Outcome.UNKNOWN:\n            return Fail(cause=FailureCause.PROVIDER_UNAVAILABLE)\n",
    ),
    "a plan is committed whatever happened since": Mutation(
        seen_by=OVERTAKEN,
        file="core/settlement.py",
        line="        if live.versions.get(after.id, 0) != after.version - 1:\n",
        planted="        if after.version < 1:\n",
    ),
    "entitlements are left to another transaction": Mutation(
        seen_by=STORIES,
        file="store/holdings.py",
        line='    writer.put("entitlement", grants.GIVEN, given)\n',
        planted='    writer.put("entitlement", grants.GIVEN, given[:0])\n',
    ),
    "every try has a key of its own": Mutation(
        seen_by=BOUNDARIES,
        file="flows/opening.py",
        line="        key=attempt.id,\n        customer=attempt.account_id,\n",
        planted="        key=UUID(bytes=__import__('os').urandom(16)),\n        customer=attempt.account_id,\n",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy of the package, in a folder that comes first on the path."""
    shutil.copytree(SOURCE, tmp_path / "solvent", ignore=shutil.ignore_patterns("__pycache__"))
    yield tmp_path / "solvent"
    shutil.rmtree(tmp_path / "solvent")


def harness(copy: Path, *tests: str, **told: str) -> subprocess.CompletedProcess[str]:
    """Run tests on the copy; the measuring of coverage does not follow there."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))}
    environment |= {"PYTHONPATH": str(copy.parent), **told}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )


@pytest.mark.soak
def test_the_harness_passes_on_an_unchanged_copy(copy: Path) -> None:
    with (copy / "__init__.py").open("a") as file:
        file.write(f"\nassert __file__.startswith({str(copy)!r})\n")
    parts = (BOUNDARIES, STORIES, OVERTAKEN)
    result = harness(copy, *(file for file, *_ in parts), "-k", " or ".join(f"({k})" for *_, k in parts))
    assert result.returncode == 0, result.stdout


def plant(mutation: Mutation, copy: Path) -> None:
    """Change the one line."""
    target = copy / mutation.file
    text = target.read_text(encoding="utf-8")
    assert text.count(mutation.line) == 1, f"{mutation.file} moved on: plant the mistake anew"
    target.write_text(text.replace(mutation.line, mutation.planted), encoding="utf-8")


def assert_found(result: subprocess.CompletedProcess[str]) -> None:
    """The harness failed, and not because the planted line does not even run."""
    assert result.returncode == FAILED_TESTS, result.stdout[-2000:]
    assert "ImportError" not in result.stdout
    assert "NameError" not in result.stdout


@pytest.mark.soak
@pytest.mark.parametrize("mistake", MUTATIONS)
def test_the_harness_finds(mistake: str, copy: Path) -> None:
    plant(MUTATIONS[mistake], copy)
    assert_found(harness(copy, *MUTATIONS[mistake].seen_by))


@pytest.mark.soak
@pytest.mark.parametrize("mistake", MUTATIONS)
def test_the_walks_find(mistake: str, copy: Path) -> None:
    plant(MUTATIONS[mistake], copy)
    assert_found(harness(copy, *WALKS, **WALKED))
