"""Credit: grants of account credit, and which of them pay how much of which lines.

Owns the grant, the order in which grants are drawn on, what a grant may pay, and the draws of a plan. Does not own the
booking of grants and their uses (`granting`, `booking`), nor where they stand in the ledger (`entries`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.invoice import Invoice, Line, LineKind

PRIORITY_DEFAULT = 50
PRIORITY_MAX = 100

_NEVER = datetime.max.replace(tzinfo=UTC)


class GrantKind(StrEnum):
    """Where credit comes from. GOODWILL and SPONSORED were given without money; PREPAID was bought; RETURNED is money
    of the customer's that is kept: for a plan that no longer applied, for unused time, by a credit note."""

    GOODWILL = "goodwill"
    SPONSORED = "sponsored"
    PREPAID = "prepaid"
    RETURNED = "returned"


GIVEN = frozenset({GrantKind.GOODWILL, GrantKind.SPONSORED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditGrant:
    """So much account credit: `remaining` of `amount` minor units of `currency` may still be drawn.

    The lowest `priority` is drawn on first. It pays for nothing of the products in `excludes`. From `expires_at` (UTC)
    on no plan counts on it, nor on what is `held` of it, because so much of the payment that bought it is disputed.
    `granted_by` is whoever gave it, under the idempotency key `key` with that input; `invoice_id` the invoice by which
    it was bought; `returns` the given credit of which a credit note gave this back.
    """

    id: UUID
    kind: GrantKind
    currency: str
    amount: int
    remaining: int
    granted_at: datetime
    expires_at: datetime | None = None
    priority: int = PRIORITY_DEFAULT
    excludes: tuple[str, ...] = ()
    reason: str = ""
    granted_by: str | None = None
    key: str | None = None
    input_hash: bytes | None = None
    invoice_id: UUID | None = None
    held: int = 0
    returns: UUID | None = None

    def usable(self, at: datetime) -> bool:
        """Whether a plan made at `at` may draw on it."""
        return self.available > 0 and (self.expires_at is None or self.expires_at > at)

    @property
    def available(self) -> int:
        """What of it is not held."""
        return max(self.remaining - self.held, 0)

    def pays(self, part: "Part") -> bool:
        """Whether it may pay for that."""
        return not part.barred and part.products.isdisjoint(self.excludes)

    def less(self, amount: int) -> "CreditGrant":
        """What it is when `amount` has been used."""
        return replace(self, remaining=self.remaining - amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """`amount` minor units of a grant that pay for the invoice's line at position `line`, from 1. `invoice_id` is given
    where the invoice was issued before."""

    grant_id: UUID
    line: int
    amount: int
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is to be paid of one line. `products` is what it sells, with the components of a bundle; a `barred` one
    takes no credit at all."""

    line: int
    amount: int
    products: frozenset[str] = frozenset()
    barred: bool = False
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedLine:
    """A line of an issued invoice: its `amount` with tax, less what credit notes took of it, and what credit `drawn`
    on it has paid."""

    line: int
    price_id: str | None
    amount: int
    drawn: int
    product_id: str | None = None


def draw_order(grant: CreditGrant) -> tuple[int, datetime, datetime, int]:
    """Priority, then the earliest to expire, then the oldest; the id only settles what is equal."""
    return grant.priority, grant.expires_at or _NEVER, grant.granted_at, grant.id.int


def balance(grants: Iterable[CreditGrant]) -> int:
    """What is left of all of them, in minor units."""
    return sum(grant.remaining for grant in grants)


def parts_of(lines: Sequence[Line], catalog: Catalog | None) -> tuple[Part, ...]:
    """What is to be paid of each line, tax included. `catalog` may be left out where no line has a price."""
    return _netted([_part(n, x, x.gross, catalog, x.kind) for n, x in enumerate(lines, start=1)])


def owed_parts(invoice: Invoice, lines: Sequence[OwedLine], catalog: Catalog) -> tuple[Part, ...]:
    """What is still to be paid of each line of an issued invoice: its debt, together.

    Money that came for a part of it has paid first what takes no credit, then the last lines.
    """
    drawn = {x.line: x.drawn for x in lines}
    whole = _netted([_part(x.line, x, x.amount, catalog) for x in lines])
    unpaid = [replace(p, amount=max(p.amount - drawn[p.line], 0)) for p in whole]
    paid = max(sum(p.amount for p in unpaid) - invoice.debt, 0)
    left: dict[int, int] = {}
    for part in sorted(unpaid, key=lambda p: (not p.barred, -p.line)):
        by_money = min(part.amount, paid)
        paid -= by_money
        left[part.line] = part.amount - by_money
    return tuple(replace(p, amount=left[p.line], invoice_id=invoice.id) for p in unpaid)


def draws(parts: Sequence[Part], grants: Iterable[CreditGrant], at: datetime) -> tuple[Draw, ...]:
    """Which grants pay how much of which parts, each grant as much as it can, in the order of `draw_order`.

    A grant pays first what the fewest grants after it may pay, then in the order of the lines.
    """
    usable = sorted((g for g in grants if g.usable(at)), key=draw_order)
    if not usable:
        return ()
    left = dict(enumerate(p.amount for p in parts))
    later = Counter({n: sum(g.pays(p) for g in usable) for n, p in enumerate(parts)})
    found: list[Draw] = []
    for grant in usable:
        payable = [n for n, p in enumerate(parts) if grant.pays(p)]
        later.subtract(payable)
        have = grant.available
        for n in sorted(payable, key=lambda n: (later[n], n)):
            amount = min(have, left[n])
            if amount:
                part = parts[n]
                found.append(
                    Draw(grant_id=grant.id, line=part.line, amount=amount, invoice_id=part.invoice_id)
                )
                have -= amount
                left[n] -= amount
    return tuple(found)


def take(amount: int, grants: Iterable[CreditGrant]) -> list[tuple[UUID, int]]:
    """How much of `amount` goes out of which grants when nothing is paid by it, in the order of `draw_order`."""
    taken: list[tuple[UUID, int]] = []
    for grant in sorted(grants, key=draw_order):
        part = min(amount, grant.remaining)
        if part:
            taken.append((grant.id, part))
            amount -= part
    return taken


def after_draws(grants: Iterable[CreditGrant], drawn: Iterable[Draw]) -> tuple[CreditGrant, ...]:
    """The grants when these draws have been made."""
    used = by_grant(drawn)
    return tuple(grant.less(used[grant.id]) for grant in grants)


def by_grant(drawn: Iterable[Draw]) -> Counter[UUID]:
    """How much is drawn on each grant."""
    used: Counter[UUID] = Counter()
    for draw in drawn:
        used[draw.grant_id] += draw.amount
    return used


def lacking(drawn: Sequence[Draw], grants: Mapping[UUID, CreditGrant]) -> bool:
    """Whether a grant has less left that is not held than was planned to be drawn on it."""
    if not drawn:
        return False
    return any(i not in grants or grants[i].available < amount for i, amount in by_grant(drawn).items())


def still_there(drawn: Iterable[Draw], grants: Mapping[UUID, CreditGrant]) -> tuple[Draw, ...]:
    """Of these draws, as much as their grants still have."""
    left = {i: grant.available for i, grant in grants.items()}
    kept: list[Draw] = []
    for draw in drawn:
        amount = min(draw.amount, left.get(draw.grant_id, 0))
        if amount:
            left[draw.grant_id] -= amount
            kept.append(replace(draw, amount=amount))
    return tuple(kept)


def _part(
    line: int, of: Line | OwedLine, amount: int, catalog: Catalog | None, kind: LineKind | None = None
) -> Part:
    if kind is LineKind.PREPAID:
        return Part(line=line, amount=amount, barred=True)  # credit does not buy credit
    if of.price_id is None and of.product_id is None:
        return Part(line=line, amount=amount)
    assert catalog is not None, f"line {line}: sells something, and no catalog says what"
    sold = of.product_id if of.price_id is None else catalog.product_of(of.price_id).id
    assert sold is not None, f"line {line}: has a price or a product"
    products = catalog.parts_of(sold)
    barred = not all(catalog.products[product].takes_credit for product in products)
    return Part(line=line, amount=amount, products=products, barred=barred)


def _netted(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts that charge, less those that deduct: a deduction lowers what sells the same, then what takes credit as
    it does or does not either, and only what is left of it anything else."""
    charged = [p for p in parts if p.amount > 0]
    left = {p.line: p.amount for p in charged}
    deducted = {p.line: -p.amount for p in parts if p.amount < 0}
    deductions = [p for p in parts if p.amount < 0]
    for likeness in range(3):
        for deduction in deductions:
            for part in charged:
                if _unlikeness(part, deduction) == likeness:
                    amount = min(deducted[deduction.line], left[part.line])
                    deducted[deduction.line] -= amount
                    left[part.line] -= amount
    return tuple(replace(p, amount=left[p.line]) for p in charged)


def _unlikeness(part: Part, other: Part) -> int:
    if part.products == other.products:
        return 0
    return 1 if part.barred == other.barred else 2
