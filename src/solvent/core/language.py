"""Language: in which customers are written to, and texts that a merchant gives in several.

Owns the languages that there are and the rules of a text in several. Does not own sentences (`phrase`).
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum


class Language(StrEnum):
    """A language in which customers are written to (ISO 639-1)."""

    EN = "en"
    DE = "de"


Names = Mapping[Language, str]
"""What something is called in a language, where that differs from what it is called in all others."""

NAME_MAX = 200  # characters

# What a name or a description must not have: such marks print another text than the one that is stored.
TURNING = r"\u202a-\u202e\u2066-\u2069"  # as in a class of a regular expression
TURNING_RULE = "must have no marks that turn its direction (U+202A to U+202E, U+2066 to U+2069)"
_TURNING = re.compile(f"[{TURNING}]")


def turned(text: str) -> bool:
    """Whether a text has a mark that turns its direction. A text of right-to-left letters needs none."""
    return _TURNING.search(text) is not None


def names_problems(field: str, names: Names) -> Iterator[tuple[str, bool, str]]:
    """The rules of names below `field`, as (field, whether it holds, rule)."""
    for language, name in names.items():
        held = bool(name.strip()) and len(name) <= NAME_MAX
        yield f"{field}.{language}", held, f"must be 1 to {NAME_MAX} characters, not only blanks"
        yield f"{field}.{language}", not turned(name), TURNING_RULE
