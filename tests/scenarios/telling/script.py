"""Script: the file of a customer's story, read and written.

Owns the format: a title, a heading of ``Key: value`` lines, and dated steps. Under a step stand its sums (``  = …``)
and remarks (``  # …``), which a person writes, and what is expected, which is told by running it: lines that are
indented by four, under the moment if it is another than the step's. Does not own what steps mean (`acts`, `staff`)
nor how what happened is spelled (`diary`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STEP = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d)  (?P<text>\S.*)")
HEADING = re.compile(r"(?P<key>[A-Z][a-z]+): +(?P<value>\S.*)")
TOLD = re.compile(r"    |  \d{4}-\d\d-\d\d ")
SUM, REMARK = "  = ", "  # "


class Unreadable(ValueError):
    """A line of a story that is not of the format."""


@dataclass(slots=True)
class Step:
    """What somebody did at a local moment, the sums and remarks under it, and what is told of it."""

    at: str
    text: str
    before: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def sums(self) -> list[str]:
        """The sums that stand under the step."""
        return [note.removeprefix(SUM) for note in self.notes if note.startswith(SUM)]


@dataclass(slots=True)
class Script:
    """A story: who and what it is about, its steps, and what is told of its prices and its end."""

    title: str
    heading: list[tuple[str, str]] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    end: list[str] = field(default_factory=list)

    def values(self, key: str) -> list[str]:
        """The values of a key of the heading, in order."""
        return [value for known, value in self.heading if known == key]


def read(text: str) -> Script:
    """A story from its file; `Unreadable` names the line that is not of the format."""
    title, *lines = text.splitlines()
    script, loose = Script(title=title), list[str]()
    into = script.prices
    for number, line in enumerate(lines, start=2):
        if step := STEP.fullmatch(line):
            script.steps.append(Step(at=step["at"], text=step["text"], before=loose))
            loose, into = [], script.steps[-1].told
        elif line in {"Prices:", "The end:"}:
            into = script.prices if line == "Prices:" else script.end
        elif heading := HEADING.fullmatch(line):
            script.heading.append((heading["key"], heading["value"]))
        elif line.startswith("#"):
            loose.append(line)
        elif line.startswith((SUM, REMARK)) and script.steps:
            script.steps[-1].notes.append(line)
        elif TOLD.match(line):
            into.append(line)
        elif line:
            raise Unreadable(f"line {number} is no step, heading, sum or remark: {line!r}")
    return script


def write(script: Script) -> str:
    """The file of a story."""
    lines = [script.title, "", *(f"{key}: {value}" for key, value in script.heading)]
    lines += ["Prices:", *script.prices] if script.prices else []
    for step in script.steps:
        lines += ["", *step.before, f"{step.at}  {step.text}", *step.notes, *step.told]
    return "\n".join([*lines, "", "The end:", *script.end]) + "\n"
