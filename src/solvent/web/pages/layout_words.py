"""Layout words: what every page says, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutWords:
    """A catalog of one language."""

    skip: str
    places: str
    leave: str


LAYOUT_WORDS: Mapping[Language, LayoutWords] = {
    Language.EN: LayoutWords(skip="Skip to the content", places="Pages", leave="Sign out"),
    Language.DE: LayoutWords(skip="Zum Inhalt springen", places="Seiten", leave="Abmelden"),
}
