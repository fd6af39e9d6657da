"""Lines: of an invoice or a quote, as a customer sees them.

Owns what of a line is shown: what it is for, when, how it is computed. Does not own any figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from solvent.core.invoice import Line
from solvent.core.phrase import spoken
from solvent.web.portal.visit import Visit

EXPLANATION_CHARS_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line; `explanation` is the sentence that can be checked, in the reader's language."""

    text: str
    period: str
    explanation: str
    amount: str

    @property
    def folded(self) -> bool:
        """Whether the explanation is so long that it is shown to whoever asks for it."""
        return len(self.explanation) > EXPLANATION_CHARS_MAX


def line_rows(visit: Visit, lines: Iterable[Line], currency: str) -> list[LineRow]:
    """The lines in their order."""
    tongue, language = visit.tongue, visit.language
    return [
        LineRow(
            text=spoken(line.description, language),
            period="" if line.period is None else tongue.span(line.period.start, line.period.end),
            explanation="; ".join(
                spoken(text, language)
                for text in (line.explanation, *(share.explanation for share in line.taxes))
            ),
            amount=tongue.amount(line.amount, currency),
        )
        for line in lines
    ]
