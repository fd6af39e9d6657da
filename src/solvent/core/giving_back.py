"""Giving back: of which invoices unused time is credited, and how much of each.

Owns the credit notes that give back an amount of it: of every invoice what is unused of its lines, and what the invoice
of an exchange cannot give, of what it exchanged; and what of that falls to one invoice that is given up. Does not own
how much a change gives back (`returning`), what of one invoice can be credited (`unused_time`), nor the booking of the
credit notes (`crediting`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from solvent.core.charged import Charged
from solvent.core.credit_line import Parts
from solvent.core.unused_time import Charge, Giving, PlannedNote, Time, Unused


def by_invoice(notes: Sequence[PlannedNote], unused: Unused) -> tuple[PlannedNote, ...]:
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


def giving_back(amount: int, times: Sequence[Time], unused: Unused) -> tuple[PlannedNote, ...]:
    """Credit notes over `amount`, or as much as can be credited: of each invoice what is unused of it, the latest
    first; what an exchanging invoice lacks of that, of the charges that it exchanged. Cents that prices say and lines
    do not, as each is rounded, are put on lines, one on each; and more than cents, where the merchant had credited
    some or the convention counts the time of a line in another way, on all that is left."""
    drafts = _latest_first(times, unused)
    taken = _filled(amount, [draft.wanted for draft in drafts])
    cents = [draft.with_cents(part) - part for draft, part in zip(drafts, taken, strict=True)]
    taken = [a + b for a, b in zip(taken, _filled(amount - sum(taken), cents), strict=True)]
    # Of a cent that no line has room for it would be untrue that its time was unused.
    if amount - sum(taken) > sum(len(draft.left) for draft in drafts):
        rest = [draft.most - part for draft, part in zip(drafts, taken, strict=True)]
        taken = [a + b for a, b in zip(taken, _filled(amount - sum(taken), rest), strict=True)]
    notes = (draft.note(part, unused) for draft, part in zip(drafts, taken, strict=True))
    moved = (draft.moved(sum(taken[n:]), unused) for n, draft in enumerate(drafts, start=1))
    found = (note if note.parts else back for note, back in zip(notes, moved, strict=True))
    return tuple(note for note in found if note.parts)


def unused_of_one(invoice: Charged, unused: Unused) -> Parts:
    """What of one invoice would be credited if all that is unused of its subscriptions were given back, up to what is
    owed on it: so whatever of its invoices is given up, and in whatever order, no time is owed or credited twice. What
    falls to the others stays theirs."""
    debt, parts = invoice.invoice.debt, Parts()
    for base in unused.bases:
        times = [time for item in base.items if (time := Time.of(item.id, unused)) is not None]
        drafts = _latest_first(times, unused)
        whole = max(sum(draft.own for draft in drafts), 0)
        for draft, most in zip(drafts, _filled(whole, [draft.wanted for draft in drafts]), strict=True):
            if draft.charged.invoice.id == invoice.invoice.id:
                note = draft.note(min(most, debt), unused)
                debt, parts = debt - note.amount, (*parts, *note.parts)
    return parts


def _latest_first(times: Sequence[Time], unused: Unused) -> list[Giving]:
    """What could be credited of each invoice, the latest first, as what one lacks an earlier one has."""
    drafts: list[Giving] = []
    lacking: Mapping[Charge, int] = {}
    for charged in reversed(_by_age(unused.charged)):
        drafts.append(Giving.of(charged, times, lacking))
        lacking = drafts[-1].lacking
    return drafts


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
