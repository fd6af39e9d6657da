"""Returning: what of a change goes back to the customer, as credit notes of the invoices that charged it.

Owns how far unused time can be credited at all, how much goes back when a change comes to less than nothing, and what
is left for the invoice of such a change to say. So whatever is given back stands on the invoice that charged it, is
bounded by it and carries its tax. Does not own how much unused time is worth (`lines`), of which lines it is credited
(`giving_back`), nor the booking of the credit notes (`crediting`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core.credit_line import Credited, part_of, shares
from solvent.core.giving_back import by_invoice, giving_back
from solvent.core.invoice import Line
from solvent.core.phrase import Sentence, continued
from solvent.core.unused_time import PlannedNote, Time, Unused, credits_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An invoice whose time was counted as unused: `credited` is what credit notes had taken of each line that was
    counted, as (position, amount). Its other lines are no concern of the plan's."""

    invoice_id: UUID
    credited: tuple[tuple[int, int], ...]

    def stands(self, credited: Credited) -> bool:
        """Whether credit notes, which have taken `credited` of the invoice's lines by now, took no more of these."""
        return all(credited.get(position, 0) == amount for position, amount in self.credited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a plan gives back: the credit notes that it issues (`notes`), and the invoices that were `counted`."""

    notes: tuple[PlannedNote, ...] = ()
    counted: tuple[Counted, ...] = ()

    @property
    def amount(self) -> int:
        """What it gives back, in minor units."""
        return sum(note.amount for note in self.notes)

    @property
    def to_debt(self) -> int:
        """How much of it lowers what is owed."""
        return sum(note.to_debt for note in self.notes)


NOTHING_RETURNED = Returned()
Fitted = tuple[tuple[Line, ...], Returned]


def fitted(lines: Sequence[Line], unused: Unused) -> Fitted:
    """The lines (with their tax) with no more unused time credited than is left of it, the credit notes that give back
    what they come to below zero, and what was counted for both."""
    items = dict.fromkeys(lines[n].item_id for n in credits_in(lines))
    if not items:
        return tuple(lines), NOTHING_RETURNED
    known = [x for x in (Time.of(item_id, unused) for item_id in items) if x is not None]
    lines, apart = _apart(_capped(tuple(lines), known), known, unused)
    total = sum(line.gross for line in lines)
    notes = giving_back(-total, known, unused) if total < 0 else apart
    short = -total - sum(note.amount for note in notes)
    if total < 0 and short:
        places = list(credits_in(lines))
        lines = _scaled(lines, places, -sum(lines[n].gross for n in places) - short, Sentence.GIVEN_BEFORE)
    return lines, Returned(notes=notes, counted=_counted(known, unused))


def invoiced(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What the invoice of a change says whose lines come to less than nothing: its charges, against so much of the
    unused time; nothing, where it charges nothing."""
    places = list(credits_in(lines))
    charges = sum(line.gross for n, line in enumerate(lines) if n not in places)
    if len(places) == len(lines):
        return ()
    return _scaled(tuple(lines), places, charges, Sentence.BY_CREDIT_NOTE)


def _counted(times: Sequence[Time], unused: Unused) -> tuple[Counted, ...]:
    """The lines that were looked at, as credit notes had left them."""
    items = {time.item_id for time in times}
    found = ((x, [(n, x.credited.get(n, 0)) for n in x.of_items(items)]) for x in unused.charged)
    return tuple(Counted(invoice_id=x.invoice.id, credited=tuple(lines)) for x, lines in found if lines)


def _capped(lines: tuple[Line, ...], times: Sequence[Time]) -> tuple[Line, ...]:
    for time in times:
        places = [n for n in credits_in(lines) if lines[n].item_id == time.item_id]
        worth = -sum(lines[n].gross for n in places)
        if (bound := time.bound(worth)) < worth:
            lines = _scaled(lines, places, bound, Sentence.GIVEN_BEFORE)
    return lines


def _apart(
    lines: tuple[Line, ...], times: Sequence[Time], unused: Unused
) -> tuple[tuple[Line, ...], tuple[PlannedNote, ...]]:
    """The lines with no subscription's unused time paying for another one's: what its own lines come to below nothing
    is given back by credit notes, though others charge more. So what one was paid with never has to come back from
    another's invoices."""
    notes: list[PlannedNote] = []
    for base in unused.bases:
        own = [line for line in lines if unused.base_of(line.item_id) is base]
        below = -sum(line.gross for line in own)
        if below > 0 and len(own) < len(lines):
            others = (line for line in lines if unused.base_of(line.item_id) is not base)
            lines = (*invoiced(own), *others)
            notes += giving_back(below, [time for time in times if time.base is base], unused)
    return lines, by_invoice(notes, unused)


def _scaled(lines: tuple[Line, ...], places: Sequence[int], amount: int, words: Sentence) -> tuple[Line, ...]:
    """The lines with those at `places`, which deduct, lowered so that they deduct `amount` together."""
    parts = dict(zip(places, shares([-lines[n].gross for n in places], amount), strict=True))
    told = ((line, -parts[n] if n in parts else line.gross) for n, line in enumerate(lines))
    return tuple(_lowered(line, gross, words) for line, gross in told if gross or not line.gross)


def _lowered(line: Line, gross: int, words: Sentence) -> Line:
    if gross == line.gross:
        return line
    part = part_of(1, line, 0, gross)
    amount = part.amount if line.inclusive else part.net
    return replace(
        line,
        amount=amount,
        tax=part.tax,
        taxes=part.taxes,
        explanation=continued(words, line.explanation, line.amount - amount, amount),
    )
