"""The customers' stories of stories/*.txt: each is told again word for word, its figures are worked out, laws hold.

`python -m tests.scenarios.retell` writes what is told; see CONTRIBUTING. Owns no expectation beyond the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solvent.store.embedded import EmbeddedServer
from tests.scenarios.telling.arithmetic import NotASum, parse, work_out
from tests.scenarios.telling.proof import unproved
from tests.scenarios.telling.script import Unreadable, read, write
from tests.scenarios.telling.shelf import STORIES
from tests.scenarios.telling.shop import Shop, opened
from tests.scenarios.telling.teller import retold

PATHS = sorted(STORIES.glob("*.txt"))
NO_VIOLATION = "    " + " · ".join(f"L{n} 0" for n in range(1, 12))
STORIES_MIN = 100
A_STORY = """A purchase

Rule: what is bought is paid at once.
Account: Ada, USD
Prices:
    zone-pro-usd-month@1: 20.00 USD per month

2027-01-31 09:00  Ada buys zone-pro-usd-month for zone:ada.example × 2 with visa
  # Two of them.
  = 2 × 20.00 = 40.00
    invoice SUS-01-000001 in USD, paid
      total                                                              40.00
  2027-02-28 09:00
    has nothing · standing good

The end:
    L1 0
"""


@pytest.fixture(scope="module")
def shop(postgres: EmbeddedServer) -> Iterator[Shop]:
    """One platform for all stories; each finds it as if nothing had been sold, so its books are all there are."""
    with opened(postgres) as found:
        yield found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_is_told_as_it_is_written(path: Path, shop: Shop) -> None:
    text = path.read_text(encoding="utf-8")
    script = retold(read(text), shop)
    assert write(script) == text
    assert unproved(script) == []
    assert script.end == [NO_VIOLATION]
    assert script.values("Rule"), "a story says which rule it shows"


def test_there_are_enough_stories_each_of_one_title() -> None:
    titles = {read(path.read_text(encoding="utf-8")).title for path in PATHS}
    assert len(titles) == len(PATHS) >= STORIES_MIN


# The format and the sums themselves


def test_a_story_is_written_as_it_is_read() -> None:
    assert write(read(A_STORY)) == A_STORY
    with pytest.raises(Unreadable, match="line 3"):
        read("A purchase\n\nsomething else\n")


def test_a_story_whose_sums_are_true_is_proved() -> None:
    assert unproved(read(A_STORY)) == []


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("2 × 20.00 = 40.00", "3 × 20.00 = 40.00", "comes to 60.00"),
        ("2 × 20.00 = 40.00", "3 × 20.00 = 60.00", "not in what is told"),
        ("  = 2 × 20.00 = 40.00\n", "", "no sum for: total"),
        ("    40.00\n", "    40.01\n", "no sum for: total"),
    ],
)
def test_a_figure_that_nobody_worked_out_is_found(before: str, after: str, problem: str) -> None:
    assert before in A_STORY
    assert any(problem in found for found in unproved(read(A_STORY.replace(before, after))))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200.00 × 26 / 31 = 167.74", "167.74"),
        ("200.00 − 167.74 = 32.26  what is still owed", "32.26"),
        ("−20.00 × 15 / 30 = -10.00", "-10.00"),
        ("0.005 × 1 = 0.01", "0.01"),  # a half goes away from zero
        ("−0.005 × 1 = -0.01", "-0.01"),
        ("1,000 × (2 + 3) × 21 % = 1,050", "1050"),
        ("0.003 − 0.001 = 0.00", "0.00"),
        ("3 − 3.004 = 0.00", "0.00"),
        ("10 / 4 / 5 = 1", "1"),
    ],
)
def test_sums_are_worked_out_exactly_and_rounded_once(text: str, value: str) -> None:
    expression, figure = parse(text)
    assert work_out(expression, len(figure.partition(".")[2])) == value


@pytest.mark.parametrize("text", ["200.00", "a = 1.00", "1 + = 2", "(1 + 2 = 3", "1 2 = 12", "× 2 = 2"])
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(NotASum):
        work_out(parse(text)[0], 2)
