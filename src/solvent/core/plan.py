"""Plan: the result of planning, a pure and immutable projection of what a commit would write.

Owns the plan's value, its totals and its fingerprint. Does not own how the lines come about (`change`, `renewal`,
`collection`) nor what a commit does with it (`settlement`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from solvent.core.coupon import CouponUse
from solvent.core.credit import CreditGrant, Draw, Part, draws, parts_of
from solvent.core.invoice import Line
from solvent.core.payment import Authentication, Path, ProofKind
from solvent.core.returning import NOTHING_RETURNED, Fitted, Returned, fitted, invoiced
from solvent.core.subscription import Item, Subscription
from solvent.core.taxing import Taxation, taxed
from solvent.core.unused_time import PlannedNote, Unused


class Intent(StrEnum):
    """What the plan is for; the word that events and documents use."""

    START = "start"
    MODIFY = "modify"
    SCHEDULE = "schedule"
    CANCEL = "cancel"
    PURCHASE = "purchase"
    RENEW = "renew"
    END = "end"
    INVOICE = "invoice"
    PAY_DEBT = "pay_debt"
    BILL_USAGE = "bill_usage"
    TOP_UP = "top_up"
    ADD_METHOD = "add_method"
    CART = "cart"


class OnFailure(StrEnum):
    """What a definite failure leads to: nothing at all, or the same commit on granted grace."""

    NOTHING = "nothing"
    GRACE = "grace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change that cannot be planned: the field and the rule it breaks."""

    field: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What has been billed of one usage period (an item's, from `starts_at` on) once the plan is committed.

    `charged` is what the plan itself adds to get to `amount`; `base` is the version it was planned against; `look_at`
    is when the period must be billed next (None: it is over).
    """

    item_id: UUID
    starts_at: datetime
    base: int
    quantity: int
    amount: int
    charged: int
    look_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUse:
    """An item that the plan invoices, as it was at version `base`."""

    item_id: UUID
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartUse:
    """The cart that the plan pays, as it was at version `base`."""

    cart_id: UUID
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is owed on an invoice, as it was at `version`: `amount` in minor units."""

    invoice_id: UUID
    version: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be written, and for how much. All amounts are minor units of `currency`.

    `total` is the sum of `lines` with their tax, which is `tax`; of the total `credit_used` is account credit, as the
    `draws` say grant by grant and line by line, and `due` must be paid now (0 with `terms_days`, which makes an
    invoice due later). What a change comes to below nothing, and what was billed of usage beyond what was used, goes
    back by credit notes of the invoices that charged it (`returned`), which lower what is owed there; the rest is
    `credit_granted`.
    `after` is the subscription as the commit leaves it (its `version` − 1 is the base version; version 1 is new);
    `also` are further ones that it renews together with that.
    `settles` are the debts that credit and money pay, in this order; there are no lines then.
    `claim` names what at most one open attempt of the account may be about. `needs_setup` asks for a confirmed
    mandate: nothing is due now, and later something will be (where money is due, its payment keeps the method).
    `usage` is what the plan bills of usage periods, `coupons` what it changes of the account's redemptions, `items`
    what had waited for the invoice. `reference` and `notes` are printed on its invoice; nothing is decided by them,
    so that the fingerprint leaves them out. `cart` is what was bought together; then `intents` say what the plan is
    for of each of its `subscriptions`. `slots` are the places (family@object) that it takes anew: no two attempts
    in flight take one. `authentication` is what the products that it charges for, or asks a mandate for, demand of a
    payer who is present.
    """

    account_id: UUID
    path: Path
    intent: Intent
    claim: str
    currency: str
    lines: tuple[Line, ...]
    tax: int
    total: int
    credit_used: int
    credit_granted: int
    due: int
    needs_setup: bool
    proof: ProofKind
    on_failure: OnFailure
    terms_days: int
    after: Subscription | None
    settles: tuple[Debt, ...]
    planned_at: datetime
    expires_at: datetime
    fingerprint: str
    usage: tuple[Billed, ...] = ()
    draws: tuple[Draw, ...] = ()
    coupons: tuple[CouponUse, ...] = ()
    also: tuple[Subscription, ...] = ()
    reference: str | None = None
    notes: str | None = None
    items: tuple[ItemUse, ...] = ()
    cart: CartUse | None = None
    intents: tuple[Intent, ...] = ()
    slots: tuple[str, ...] = ()
    returned: Returned = NOTHING_RETURNED
    authentication: Authentication = Authentication.AUTOMATIC

    @property
    def credit_notes(self) -> tuple[PlannedNote, ...]:
        """What its commit gives back of invoices."""
        return self.returned.notes

    @property
    def invoiced(self) -> tuple[Line, ...]:
        """The lines of the invoice that its commit issues; none, where it issues none."""
        lines = self.lines if self.total >= 0 else invoiced(self.lines)
        return lines if any(line.amount for line in lines) else ()

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription that the commit leaves changed."""
        return () if self.after is None else (self.after, *self.also)

    def intent_of(self, after: Subscription) -> Intent:
        """What it is for, of one of its subscriptions."""
        named = zip(self.subscriptions, self.intents, strict=False)
        return next((intent for one, intent in named if one.id == after.id), self.intent)

    @property
    def bills_usage(self) -> bool:
        """Whether it bills usage: of an account at most one attempt in flight does."""
        return self.usage != ()

    @property
    def redeems(self) -> tuple[CouponUse, ...]:
        """The coupons that its commit redeems."""
        return tuple(use for use in self.coupons if use.is_new)


def make_plan(  # noqa: PLR0913 -- the one constructor of a value with many fields, all by keyword
    *,
    account_id: UUID,
    path: Path,
    intent: Intent,
    claim: str,
    currency: str,
    lines: Sequence[Line],
    planned_at: datetime,
    lifetime: timedelta,
    after: Subscription | None = None,
    settles: tuple[Debt, ...] = (),
    terms_days: int = 0,
    needs_setup: bool = False,
    on_failure: OnFailure = OnFailure.NOTHING,
    usage: tuple[Billed, ...] = (),
    also: tuple[Subscription, ...] = (),
    taxation: Taxation | None = None,
    coupons: tuple[CouponUse, ...] = (),
    credit: Sequence[CreditGrant] = (),
    owed: Sequence[Part] = (),
    drawn: tuple[Draw, ...] = (),
    items: tuple[ItemUse, ...] = (),
    unused: Unused | Returned | None = None,
) -> Plan:
    """Close a plan. Tax, what goes back (`unused`) and which credit pays come in only here, unless they are known."""
    lines, returned = _closed(lines, taxation, currency, unused)
    total = sum(debt.amount for debt in settles) + sum(line.gross for line in lines)
    drawn = draws(owed or _parts(lines, taxation), credit, planned_at) if credit and not terms_days else drawn
    credit_used, due = _paid(total, drawn, terms_days)
    needs_setup = needs_setup and not due
    head = (claim, intent.value, currency, due, credit_used, terms_days, needs_setup, *_returned(returned))
    return Plan(
        account_id=account_id,
        path=path,
        intent=intent,
        claim=claim,
        currency=currency,
        lines=lines,
        tax=sum(line.tax for line in lines),
        total=total,
        credit_used=credit_used,
        credit_granted=max(-total, returned.amount) - returned.to_debt,
        due=due,
        needs_setup=needs_setup,
        proof=_proof(total, credit_used, due, needs_setup, terms_days),
        on_failure=on_failure,
        terms_days=terms_days,
        after=after,
        settles=settles,
        planned_at=planned_at,
        expires_at=planned_at + lifetime,
        fingerprint=_fingerprint((*head, *_named(settles, usage, coupons, drawn, also, items)), lines, after),
        usage=usage,
        coupons=coupons,
        also=also,
        draws=drawn,
        items=items,
        returned=returned,
    )


def _closed(
    lines: Sequence[Line], taxation: Taxation | None, currency: str, unused: Unused | Returned | None
) -> Fitted:
    """The lines with their tax, and with what is given back."""
    lines = lines if taxation is None else taxed(lines, taxation, currency)
    if isinstance(unused, Unused):
        return fitted(lines, unused)
    return tuple(lines), unused or NOTHING_RETURNED


def _paid(total: int, drawn: Sequence[Draw], terms_days: int) -> tuple[int, int]:
    """What credit pays of a total, and what is due beside it; on terms nothing is due yet."""
    credit_used = sum(draw.amount for draw in drawn)
    return credit_used, 0 if terms_days else max(total, 0) - credit_used


def _parts(lines: Sequence[Line], taxation: Taxation | None) -> Sequence[Part]:
    """What is to be paid of the lines."""
    return parts_of(lines, None if taxation is None else taxation.catalog)


def _proof(total: int, credit_used: int, due: int, needs_setup: bool, terms_days: int) -> ProofKind:
    """The proof that a plan asks for; GRACE is never asked for, only granted after a failure."""
    if due > 0:
        return ProofKind.PAYMENT
    if needs_setup:
        return ProofKind.TRIAL
    if terms_days and total > 0:
        return ProofKind.TERMS
    return ProofKind.CREDIT if credit_used else ProofKind.NOTHING_DUE


def _fingerprint(head: tuple[object, ...], lines: Sequence[Line], after: Subscription | None) -> str:
    """32 hexadecimal digits that are equal when two plans would write the same, whatever ids they drew.

    What is hashed is the spelling of a tuple, so that no name in it, however it is chosen, reads like two parts.
    """
    charged = tuple((x.kind.value, x.price_id, x.quantity, x.object, x.amount, x.tax) for x in lines)
    body = None if after is None else _outline(after)
    return blake2b(repr(((*head, charged), body)).encode(), digest_size=16).hexdigest()


def _named(
    settles: Sequence[Debt],
    usage: Sequence[Billed],
    coupons: Sequence[CouponUse],
    drawn: Sequence[Draw],
    also: Sequence[Subscription],
    items: Sequence[ItemUse],
) -> tuple[object, ...]:
    """What a plan names beside its lines: debts, usage periods, redemptions, grants, further subscriptions, items."""
    debts = tuple((debt.invoice_id.int, debt.version) for debt in settles)
    waited = [("item", x.item_id.int, x.base) for x in items]
    return (debts, *_spans(usage), *_redemptions(coupons), *_drawn(drawn), *map(_outline, also), *waited)


def _spans(usage: Sequence[Billed]) -> Sequence[tuple[object, ...]]:
    """Of each usage period what a plan bills, and against which version."""
    return [(x.item_id.int, x.starts_at.timestamp(), x.base, x.quantity, x.amount) for x in usage]


def _redemptions(coupons: Sequence[CouponUse]) -> Sequence[tuple[object, ...]]:
    """Of each redemption what a plan makes of it."""
    return [(x.coupon_id, x.used, x.is_new, x.is_over) for x in coupons]


def _drawn(drawn: Sequence[Draw]) -> Sequence[tuple[object, ...]]:
    """What a plan draws on which grant for which line."""
    return [("credit", x.grant_id.int, x.invoice_id and x.invoice_id.int, x.line, x.amount) for x in drawn]


def _returned(returned: Returned) -> list[tuple[object, ...]]:
    """What a plan gives back of each invoice, and how much of that lowers what is owed."""
    return [("credit_note", note.invoice_id.int, note.amount, note.to_debt) for note in returned.notes]


def _outline(after: Subscription) -> tuple[object, ...]:
    """All of a subscription that a plan decides, but the ids."""
    period = (after.period.start.timestamp(), after.period.end.timestamp())
    interval = (after.interval.unit.value, after.interval.count)
    outline = (after.version, after.state.value, interval, period, _contents(after.items))
    pending = after.pending
    if pending is None:
        return outline
    scheduled = None if pending.items is None else _contents(pending.items)
    other = None if pending.interval is None else (pending.interval.unit.value, pending.interval.count)
    return (*outline, pending.cancel, other, scheduled)


def _contents(items: Sequence[Item]) -> tuple[tuple[str, int, str], ...]:
    return tuple((x.price_id, x.quantity, x.object) for x in items)
