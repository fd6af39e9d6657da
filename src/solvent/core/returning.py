"""Returning: what of a change goes back to the customer, as credit notes of the invoices that charged it.

Owns how far unused time can be credited at all, which invoices' lines are credited when a change comes to less than
nothing, and what is left for the invoice of such a change to say. So whatever is given back stands on the invoice that
charged it, is bounded by it and carries its tax. Does not own how much unused time is worth (`lines`), how it is
measured (`charged`), nor the booking of the credit notes (`crediting`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.charged import Charged, Rest, rest_in, within
from solvent.core.credit_line import Credited, CreditLine, Parts, left_of, part_of, parts_of, shares
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.period import Period
from solvent.core.proration import Convention
from solvent.core.subscription import Subscription

GIVEN_BEFORE = "less what credit notes gave back of it before"
BY_CREDIT_NOTE = "the rest by credit note"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNote:
    """A credit note that the commit issues: `parts` of the invoice's lines, together `amount`, of which `to_debt`
    lowers what is owed."""

    invoice_id: UUID
    amount: int
    to_debt: int
    parts: Parts

    def fits(self, invoice: Invoice) -> bool:
        """Whether the invoice as it stands leaves room for it, and it would lower as much of what is owed."""
        room = invoice.total - invoice.credited
        return self.amount <= room and self.to_debt == min(self.amount, invoice.debt)


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
class Unused:
    """What measuring unused time looks at: the invoices that charged it, the subscriptions as they are, the moment."""

    charged: Sequence[Charged]
    bases: Sequence[Subscription]
    at: datetime
    convention: Convention

    def base_of(self, item_id: UUID | None) -> Subscription | None:
        """The subscription of an item."""
        return next((s for s in self.bases if any(item.id == item_id for item in s.items)), None)


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
    items = dict.fromkeys(lines[n].item_id for n in _credits(lines))
    if not items:
        return tuple(lines), NOTHING_RETURNED
    known = [x for x in (_Time.of(item_id, unused) for item_id in items) if x is not None]
    lines, apart = _apart(_capped(tuple(lines), known), known, unused)
    total = sum(line.gross for line in lines)
    notes = _notes(-total, known, unused) if total < 0 else apart
    short = -total - sum(note.amount for note in notes)
    if total < 0 and short:
        places = list(_credits(lines))
        lines = _scaled(lines, places, -sum(lines[n].gross for n in places) - short, GIVEN_BEFORE)
    return lines, Returned(notes=notes, counted=_counted(known, unused))


def invoiced(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What the invoice of a change says whose lines come to less than nothing: its charges, against so much of the
    unused time; nothing, where it charges nothing."""
    places = list(_credits(lines))
    charges = sum(line.gross for n, line in enumerate(lines) if n not in places)
    if len(places) == len(lines):
        return ()
    return _scaled(tuple(lines), places, charges, BY_CREDIT_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """The unused time of one item."""

    item_id: UUID
    base: Subscription
    rest: Rest
    unused: Unused

    @classmethod
    def of(cls, item_id: UUID | None, unused: Unused) -> "_Time | None":
        base = unused.base_of(item_id)
        if base is None or item_id is None:
            return None
        return cls(
            item_id=item_id, base=base, rest=rest_in(base, unused.at, unused.convention), unused=unused
        )

    def of_invoice(self, charged: Charged) -> Mapping[int, int]:
        """By position, what is unused of the item's lines."""
        rounding = self.unused.convention.rounding
        return {n: charged.unused(n, self.rest, rounding) for n in charged.of_items({self.item_id})}

    def bound(self, worth: int) -> int:
        """So much of what prices say that the unused time is `worth` as credit notes have left of all its lines. What
        was given back as unused is no reason: a change gave it back, and the prices tell what is left in its place."""
        left, lines, touched = 0, 0, False
        for charged in self.unused.charged:
            for n, amount in self.of_invoice(charged).items():
                line, taken = charged.lines[n - 1], charged.credited.get(n, 0)
                rest = line.gross - taken
                left += min(amount, rest) if line.gross > 0 else max(amount, rest)
                lines += 1
                touched = touched or taken != sum(given.amount for given in charged.ahead.get(n, ()))
        # Each line is rounded when it is charged and when it is measured: prices are exact but for that.
        return max(left, 0) if touched and worth > left + lines else worth


def _counted(times: Sequence[_Time], unused: Unused) -> tuple[Counted, ...]:
    """The lines that were looked at, as credit notes had left them."""
    items = {time.item_id for time in times}
    found = ((x, [(n, x.credited.get(n, 0)) for n in x.of_items(items)]) for x in unused.charged)
    return tuple(Counted(invoice_id=x.invoice.id, credited=tuple(lines)) for x, lines in found if lines)


def _credits(lines: Sequence[Line]) -> Iterator[int]:
    """The places of the credits for unused time, with the discounts on them."""
    credit = False
    for n, line in enumerate(lines):
        credit = line.kind is LineKind.PRORATED_CREDIT or (credit and line.kind is LineKind.DISCOUNT)
        if credit:
            yield n


def _capped(lines: tuple[Line, ...], times: Sequence[_Time]) -> tuple[Line, ...]:
    for time in times:
        places = [n for n in _credits(lines) if lines[n].item_id == time.item_id]
        worth = -sum(lines[n].gross for n in places)
        if (bound := time.bound(worth)) < worth:
            lines = _scaled(lines, places, bound, GIVEN_BEFORE)
    return lines


def _apart(
    lines: tuple[Line, ...], times: Sequence[_Time], unused: Unused
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
            notes += _notes(below, [time for time in times if time.base is base], unused)
    return lines, _by_invoice(notes, unused)


def _by_invoice(notes: Sequence[PlannedNote], unused: Unused) -> tuple[PlannedNote, ...]:
    """The same, one of each invoice."""
    debts = {x.invoice.id: x.invoice.debt for x in unused.charged}
    found: dict[UUID, PlannedNote] = {}
    for note in notes:
        before = found.get(note.invoice_id)
        amount = note.amount + (before.amount if before is not None else 0)
        found[note.invoice_id] = replace(
            note,
            amount=amount,
            to_debt=min(amount, debts[note.invoice_id]),
            parts=(*(before.parts if before is not None else ()), *note.parts),
        )
    return tuple(found.values())


def _scaled(lines: tuple[Line, ...], places: Sequence[int], amount: int, words: str) -> tuple[Line, ...]:
    """The lines with those at `places`, which deduct, lowered so that they deduct `amount` together."""
    parts = dict(zip(places, shares([-lines[n].gross for n in places], amount), strict=True))
    told = ((line, -parts[n] if n in parts else line.gross) for n, line in enumerate(lines))
    return tuple(_lowered(line, gross, words) for line, gross in told if gross or not line.gross)


def _lowered(line: Line, gross: int, words: str) -> Line:
    if gross == line.gross:
        return line
    part = part_of(1, line, 0, gross)
    return replace(
        line,
        amount=part.amount if line.inclusive else part.net,
        tax=part.tax,
        taxes=part.taxes,
        explanation=f"{line.explanation}; {words}",
    )


def _notes(amount: int, times: Sequence[_Time], unused: Unused) -> tuple[PlannedNote, ...]:
    """Credit notes over `amount`, or as much as can be credited: of each invoice what is unused of it, the latest
    first, and what that leaves over of what else they charged for the items: an exchange moved its worth from there."""
    drafts = [_Draft.of(charged, times) for charged in reversed(_by_age(unused.charged))]
    first = _filled(amount, [draft.wanted for draft in drafts])
    beyond = [draft.most - taken for draft, taken in zip(drafts, first, strict=True)]
    taken = [a + b for a, b in zip(first, _filled(amount - sum(first), beyond), strict=True)]
    return tuple(draft.note(part, unused) for draft, part in zip(drafts, taken, strict=True) if part)


def _filled(amount: int, most: Sequence[int]) -> list[int]:
    """`amount`, or as much as there is room for, put into places in their order."""
    filled = []
    for room in most:
        part = min(amount, room)
        filled.append(part)
        amount -= part
    return filled


def _by_age(charged: Sequence[Charged]) -> list[Charged]:
    return sorted(charged, key=lambda x: (x.invoice.issued_at, x.invoice.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What could be credited of one invoice: by position, what is `unused` of a line, and what is `left` of it."""

    charged: Charged
    unused: Mapping[int, int]
    left: Mapping[int, int]
    bases: Mapping[int, Subscription]

    @classmethod
    def of(cls, charged: Charged, times: Sequence[_Time]) -> "_Draft":
        found = {n: (amount, time.base) for time in times for n, amount in time.of_invoice(charged).items()}
        left = dict(enumerate(left_of(charged.lines, charged.credited), start=1))
        return cls(
            charged=charged,
            unused={
                n: within(charged.lines[n - 1], charged.credited.get(n, 0), found[n][0])
                for n in sorted(found)
            },
            left={n: left[n] for n in sorted(found)},
            bases={n: base for n, (_, base) in found.items()},
        )

    @property
    def most(self) -> int:
        return max(min(sum(self.left.values()), self.charged.left), 0)

    @property
    def wanted(self) -> int:
        return max(min(sum(self.unused.values()), self.most), 0)

    def note(self, amount: int, unused: Unused) -> PlannedNote:
        invoice, together = self.charged.invoice, sum(self.unused.values())
        if amount > together:
            rest = [self.left[n] - self.unused[n] for n in self.unused]
            more = zip(self.unused.items(), shares(rest, amount - together), strict=True)
            amounts = {n: part + extra for (n, part), extra in more}
        else:
            own = self._own(together - amount)
            amounts = dict(zip(self.unused, shares(own, amount), strict=True))
        parts = parts_of(self.charged.lines, self.charged.credited, amounts)
        return PlannedNote(
            invoice_id=invoice.id,
            amount=amount,
            to_debt=min(amount, invoice.debt),
            parts=tuple(self._from(part, unused.at) for part in parts),
        )

    def _own(self, short: int) -> list[int]:
        """What is unused of each line; where the invoice has `short` of that, less of it by more of the credits for
        exchanged periods: what they paid with is credited of the lines that they took it from, with the same tax."""
        exchanged = [n for n in self.unused if self.left[n] < 0 and self._exchanged(n)]
        rooms = [self.unused[n] - self.left[n] for n in exchanged]
        more = dict(zip(exchanged, shares(rooms, min(short, sum(rooms))), strict=True))
        return [amount - more.get(n, 0) for n, amount in self.unused.items()]

    def _exchanged(self, position: int) -> bool:
        """Whether a line is for a period that was exchanged for the present one: all lines for its price (a change of
        tax makes several of one) end on another day."""
        lines, line = self.charged.lines, self.charged.lines[position - 1]
        alike = (x for x in (lines[n - 1] for n in self.unused) if x.price_id == line.price_id)
        ends = {x.period.end for x in alike if x.period is not None and x.item_id == line.item_id}
        return self.bases[position].period.end not in ends

    def _from(self, part: CreditLine, at: datetime) -> CreditLine:
        """The part for the time that is unused. What an exchanged period has left is worth that was moved to the
        present one: its own time has nothing left, together with the credit that moved it."""
        assert part.period is not None, "only lines in advance have unused time"
        moved = at >= part.period.end or self._exchanged(part.position)
        end = self.bases[part.position].period.end if moved else part.period.end
        return replace(part, period=Period(start=max(at, part.period.start), end=end))
