"""Unused time: what of an item's time nobody has had, and what of each invoice's lines can be credited of it.

Owns what measuring unused time looks at, the unused time of one item, and the credit note that gives back an amount of
it of one invoice: of each line what is unused of it; where the invoice has less than that, less by more of what it
exchanged, which an earlier invoice gives. Does not own how much is given back of which invoice (`giving_back`), how
time is measured (`charged`), nor the booking of the credit notes (`crediting`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.charged import Charged, Rest, rest_in, within
from solvent.core.credit_line import CreditLine, Parts, left_of, parts_of, shares
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.period import Period
from solvent.core.proration import Convention, Counting
from solvent.core.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNote:
    """A credit note that the commit issues: `parts` of the invoice's lines, together `amount`, of which `to_debt`
    lowers what is owed; how time was `counted`, or None: it is for usage that comes to less than was billed."""

    invoice_id: UUID
    amount: int
    to_debt: int
    parts: Parts
    counted: Counting | None = Counting.SECONDS

    def fits(self, invoice: Invoice) -> bool:
        """Whether the invoice as it stands leaves room for it, and it would lower as much of what is owed."""
        room = invoice.total - invoice.credited
        return self.amount <= room and self.to_debt == min(self.amount, invoice.debt)


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
class Time:
    """The unused time of one item."""

    item_id: UUID
    base: Subscription
    rest: Rest
    unused: Unused

    @classmethod
    def of(cls, item_id: UUID | None, unused: Unused) -> "Time | None":
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
                touched = touched or any(not given.unused for given in charged.ahead.get(n, ()))
        # Each line is rounded when it is charged and when it is measured: prices are exact but for that.
        return max(left, 0) if touched and worth > left + lines else worth


def credits_in(lines: Sequence[Line]) -> Iterator[int]:
    """The places of the credits for unused time, with the discounts on them."""
    credit = False
    for n, line in enumerate(lines):
        credit = line.kind is LineKind.PRORATED_CREDIT or (credit and line.kind is LineKind.DISCOUNT)
        if credit:
            yield n


Charge = tuple[UUID | None, bool, datetime]
"""A charge that was exchanged, or a discount on one (True), as its item and the end of its time; what credits it has
the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """What could be credited of one invoice: by position, what is `unused` of a line with what later invoices lack
    of the worth that they exchanged it for, and what is `left` of it; `own` is what all is unused without that, and
    `elsewhere` what they lack of others. At positions that are `over` no time is left of what was charged."""

    charged: Charged
    own: int
    unused: Mapping[int, int]
    left: Mapping[int, int]
    bases: Mapping[int, Subscription]
    elsewhere: Mapping[Charge, int]
    over: frozenset[int] = frozenset()

    @classmethod
    def of(cls, charged: Charged, times: Sequence[Time], lacking: Mapping[Charge, int]) -> "Giving":
        found = {n: (amount, time.base) for time in times for n, amount in time.of_invoice(charged).items()}
        every = dict(enumerate(left_of(charged.lines, charged.credited), start=1))
        left = {n: every[n] for n in sorted(found)}
        unused = {n: within(charged.lines[n - 1], charged.credited.get(n, 0), found[n][0]) for n in left}
        own, elsewhere = sum(unused.values()), dict(lacking)
        for n in _charges(charged, left):
            moved = _as_far_as(elsewhere.get(_charge(charged, n), 0), left[n] - unused[n])
            if moved:
                unused[n] += moved
                elsewhere[_charge(charged, n)] -= moved
        bases = {n: base for n, (_, base) in found.items()}
        over = frozenset(n for n in left if not unused[n] and _is_over(charged.lines[n - 1], times))
        return cls(
            charged=charged, own=own, unused=unused, left=left, bases=bases, elsewhere=elsewhere, over=over
        )

    @property
    def most(self) -> int:
        """What credit notes have left of it."""
        return max(min(sum(self.left.values()), self.charged.left), 0)

    @property
    def wanted(self) -> int:
        """What is unused of it, as far as it is left."""
        return max(min(sum(self.unused.values()), self.most), 0)

    @property
    def charges(self) -> Sequence[int]:
        """The positions of what it charges, with the discounts on that."""
        return _charges(self.charged, self.left)

    @property
    def roomy(self) -> Sequence[int]:
        """The lines that can give a minor unit more: charges of which that is left first, then what deducts. A charge
        whose time is over gives none: that its time was unused, at the rate of then, would be untrue."""
        charges = [n for n in self.charges if self.left[n] > max(self.unused[n], 0) and n not in self.over]
        return [*charges, *(n for n, amount in self.unused.items() if amount < 0)]

    def with_cents(self, part: int) -> int:
        """The most that it gives with a minor unit more of each line, when a `part` is all that is unused of it."""
        whole = part == sum(self.unused.values())
        return min(part + len(self.roomy), self.most) if whole else part

    @property
    def lacking(self) -> Mapping[Charge, int]:
        """What it and later ones cannot give of what is unused of them, by the charges that they exchanged."""
        short = sum(self.unused.values()) - self.wanted
        found = Counter(self.elsewhere)
        for n, more in self._taken_back(short).items():
            found[_charge(self.charged, n)] += more
        return found

    def note(self, amount: int, unused: Unused) -> PlannedNote:
        """The credit note over `amount`; of nothing it has no parts."""
        return self._note(self._amounts(amount) if amount else {}, unused)

    def moved(self, amount: int, unused: Unused) -> PlannedNote:
        """The credit note over nothing of an invoice that has nothing left, when charges that it exchanged give back
        `amount`: what it charged, together with what paid for that, each with its tax. Where something is left of the
        invoice it has no parts: what it gives says so already."""
        amounts: Mapping[int, int] = {}
        if not self.most:
            own = self._amounts(0) if sum(self.unused.values()) > 0 else self.unused
            charges = {n: own[n] for n in self.charges}
            paid = {n: -less for n, less in own.items() if n not in charges}
            part = max(min(amount, sum(charges.values()), sum(paid.values())), 0)
            amounts = _part(charges, part) | {n: -less for n, less in _part(paid, part).items()}
        return self._note(amounts, unused)

    def _note(self, amounts: Mapping[int, int], unused: Unused) -> PlannedNote:
        invoice, amount = self.charged.invoice, sum(amounts.values())
        parts = parts_of(self.charged.lines, self.charged.credited, amounts)
        return PlannedNote(
            invoice_id=invoice.id,
            amount=amount,
            to_debt=min(amount, invoice.debt),
            parts=tuple(self._from(part, unused.at) for part in parts),
            counted=unused.convention.counting,
        )

    def _amounts(self, amount: int) -> Mapping[int, int]:
        """How much of each line, by position: what is unused of it; where the invoice has less than that, less by more
        of the credits for exchanged periods: what they paid with is credited of the charges that they took it from,
        with the same tax."""
        together = sum(self.unused.values())
        if amount > together:
            cents = dict.fromkeys(self.roomy[: amount - together], 1)
            own = {n: part + cents.get(n, 0) for n, part in self.unused.items()}
            rest = [self.left[n] - part for n, part in own.items()]
            extra = shares(rest, amount - sum(own.values()))
            return {n: part + more for (n, part), more in zip(own.items(), extra, strict=True)}
        back = self._taken_back(together - amount)
        own = {n: part - back.get(n, 0) for n, part in self.unused.items()}
        charges = [own[n] for n in self.charges]
        kept = sum(charges) + amount - sum(own.values())
        return own | dict(zip(self.charges, shares(charges, kept), strict=True))

    def _taken_back(self, short: int) -> Mapping[int, int]:
        """By how much more of each credit for an exchanged period (and of the discounts on it, below zero) the
        invoice gives `short` less, as far as it can."""
        exchanged = [n for n in self.unused if n not in self.charges and self._exchanged(n)]
        rooms = [self.unused[n] - self.left[n] for n in exchanged]
        return dict(zip(exchanged, shares(rooms, max(min(short, sum(rooms)), 0)), strict=True))

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


def _charges(charged: Charged, positions: Iterable[int]) -> Sequence[int]:
    """Of these positions those of charges and the discounts on them."""
    credits_ = {place + 1 for place in credits_in(charged.lines)}
    return [n for n in positions if n not in credits_]


def _is_over(line: Line, times: Sequence[Time]) -> bool:
    return line.period is not None and any(line.period.end <= time.unused.at for time in times)


def _charge(charged: Charged, position: int) -> Charge:
    line = charged.lines[position - 1]
    assert line.period is not None, "only lines in advance have unused time"
    return line.item_id, line.kind is LineKind.DISCOUNT, line.period.end


def _part(amounts: Mapping[int, int], part: int) -> dict[int, int]:
    """So much of all amounts, of each in proportion."""
    return dict(zip(amounts, shares(list(amounts.values()), part), strict=True))


def _as_far_as(amount: int, room: int) -> int:
    """So much of an amount as there is room for, on the same side of zero."""
    return max(min(amount, room), 0) if room > 0 else min(max(amount, room), 0)
