"""Proof: that every figure of a story has been worked out by hand.

Owns the two rules. A sum under a step is true, and its figure stands in what is told of that step. Every figure at the
right end of a told line (documents, payments, the trial balance) is the figure of a sum of the story, or is given: by a
price, or by the words of a step. Does not own how sums are worked out (`arithmetic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.scenarios.telling.arithmetic import decimals_of, parse, plain, work_out
from tests.scenarios.telling.script import Script

FIGURE = re.compile(r"(?<![\w.-])[−-]?\d[\d,]*(?:\.\d+)?(?![\w-])")
AT_THE_END = re.compile(r"  ([−-]?\d[\d,]*(?:\.\d+)?)$")


def unproved(script: Script) -> list[str]:
    """What is wrong with the sums of a story, or lacks one."""
    return [*_false(script), *_missing(script)]


def _false(script: Script) -> Iterator[str]:
    for step in script.steps:
        told = _figures(step.told)
        for text in step.sums:
            expression, figure = parse(text)
            value = work_out(expression, decimals_of(figure))
            if value != figure:
                yield f"{step.at}: {text}: comes to {value}"
            elif figure not in told:
                yield f"{step.at}: {text}: the figure is not in what is told of the step"


def _missing(script: Script) -> Iterator[str]:
    known = _given(script) | {parse(text)[1] for step in script.steps for text in step.sums}
    known |= {figure.removeprefix("-") for figure in known}
    for step in script.steps:
        for line in step.told:
            found = AT_THE_END.search(line)
            if found and _amount(plain(found[1])) not in known and set(found[1]) - set("0."):
                yield f"{step.at}: no sum for: {line.strip()}"


def _amount(figure: str) -> str:
    """The figure without its sign: which side it stands on is told, how much it is must be worked out."""
    return figure.removeprefix("-")


def _given(script: Script) -> set[str]:
    return _figures([*script.prices, *(step.text for step in script.steps)])


def _figures(lines: Iterable[str]) -> set[str]:
    return {plain(found) for line in lines for found in FIGURE.findall(line)}
