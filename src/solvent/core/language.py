"""Language: in which customers are written to, and texts that a merchant gives in several.

Owns the languages that there are and the rules of a text in several. Does not own sentences (`phrase`).
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Language(StrEnum):
    """A language in which customers are written to (ISO 639-1)."""

    EN = "en"
    DE = "de"


Names = Mapping[Language, str]
"""What something is called in a language, where that differs from what it is called in all others."""

NAME_MAX = 200  # characters


def names_problems(field: str, names: Names) -> Iterator[tuple[str, bool, str]]:
    """The rules of names below `field`, as (field, whether it holds, rule)."""
    for language, name in names.items():
        held = bool(name.strip()) and len(name) <= NAME_MAX
        yield f"{field}.{language}", held, f"must be 1 to {NAME_MAX} characters, not only blanks"
