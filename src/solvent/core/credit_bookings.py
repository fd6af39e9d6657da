"""Credit bookings: what is written of account credit when nothing is paid by it.

Owns the bookings of credit that is given, voided or has expired: no attempt makes them, and each is a fact of its own.
Does not own the grants that commits make (`granting`), when a grant has expired (`health`), nor the writing (the settle
flow hands bookings to the books).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from solvent.core import events as ev
from solvent.core import granting, ledger
from solvent.core.account import Account
from solvent.core.credit import GIVEN, PRIORITY_DEFAULT, PRIORITY_MAX, CreditGrant, GrantKind
from solvent.core.entries import CREDIT_ACCOUNT
from solvent.core.facts import Booking, CreditUse, Desk, UseKind
from solvent.core.plan import Refusal

EXPIRY_MAX = timedelta(days=3660)
GIFT_MAX = 10**14  # minor units

# Where credit goes that pays for nothing any more. Money that is kept has no place here: it never expires.
_UNUSED: Mapping[GrantKind, str] = {
    GrantKind.GOODWILL: ledger.CREDIT_GIVEN,
    GrantKind.SPONSORED: ledger.CREDIT_GIVEN,
    GrantKind.PREPAID: ledger.BREAKAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Credit as it is to be given without money: `amount` minor units of the account's currency, why, and by whom.

    `key` and `input_hash` make a repetition the same gift.
    """

    kind: GrantKind
    amount: int
    reason: str
    granted_by: str
    key: str
    input_hash: bytes
    priority: int = PRIORITY_DEFAULT
    excludes: tuple[str, ...] = ()
    expires_at: datetime | None = None


def book_gift(account: Account, gift: Gift, desk: Desk) -> Booking | Refusal:
    """A grant of goodwill or sponsored credit, at the cost of revenue from this moment on."""
    refusal = _gift_refusal(gift, desk)
    if refusal is not None:
        return refusal
    grant = CreditGrant(
        id=desk.draw(),
        kind=gift.kind,
        currency=account.currency,
        amount=gift.amount,
        remaining=gift.amount,
        granted_at=desk.now,
        expires_at=gift.expires_at,
        priority=gift.priority,
        excludes=gift.excludes,
        reason=gift.reason,
        granted_by=gift.granted_by,
        key=gift.key,
        input_hash=gift.input_hash,
    )
    return Booking(
        account_id=account.id,
        cause_id=grant.id,
        credit_grants=(grant,),
        postings=ledger.move(ledger.CREDIT_GIVEN, CREDIT_ACCOUNT[grant.kind], grant.amount),
        events=granting.told([grant]),
        money_in=account.currency,
    )


def _gift_refusal(gift: Gift, desk: Desk) -> Refusal | None:
    latest = desk.now + EXPIRY_MAX
    expires_at = gift.expires_at or latest
    rules = (
        ("kind", gift.kind in GIVEN, "must be goodwill or sponsored: prepaid credit is bought by a top-up"),
        ("amount", 0 < gift.amount <= GIFT_MAX, f"must be from 1 to {GIFT_MAX}"),
        ("reason", gift.reason.strip() != "", "must not be empty"),
        ("granted_by", gift.granted_by.strip() != "", "must not be empty"),
        ("priority", 0 <= gift.priority <= PRIORITY_MAX, f"must be from 0 to {PRIORITY_MAX}"),
        (
            "expires_at",
            desk.now < expires_at <= latest,
            f"must be later than now, by {EXPIRY_MAX.days} days at most",
        ),
        *(
            (f"excludes[{n}]", product in desk.catalog.products, "must be a product of the catalog")
            for n, product in enumerate(gift.excludes)
        ),
        *(
            (f"excludes[{n}]", product not in gift.excludes[:n], "must not name a product twice")
            for n, product in enumerate(gift.excludes)
        ),
    )
    return next((Refusal(field=field, rule=rule) for field, holds, rule in rules if not holds), None)


def book_void(account: Account, grant: CreditGrant, reason: str, by: str, desk: Desk) -> Booking | Refusal:
    """All that is left of credit that was given without money is taken back; what was used of it stays used.

    A plan that counts on it is stale from now on.
    """
    if grant.kind not in GIVEN:
        rule = f"must be goodwill or sponsored credit; this is {grant.kind}, the customer's own money"
        return Refusal(field="grant_id", rule=rule)
    if not grant.remaining:
        return Refusal(field="grant_id", rule="must have something left")
    told = ev.CreditVoided(
        grant_id=grant.id,
        kind=grant.kind,
        amount=grant.remaining,
        currency=grant.currency,
        reason=reason,
        by=by,
    )
    return _book_unused(account, [grant], UseKind.VOIDED, (told,), desk)


def book_expiry(account: Account, grants: Sequence[CreditGrant], desk: Desk) -> Booking:
    """What is left of grants that have expired: breakage where it was bought, no cost any more where it was given."""
    told = tuple(
        ev.CreditExpired(grant_id=x.id, kind=x.kind, amount=x.remaining, currency=x.currency) for x in grants
    )
    return _book_unused(account, grants, UseKind.EXPIRED, told, desk)


def _book_unused(
    account: Account,
    grants: Sequence[CreditGrant],
    kind: UseKind,
    told: tuple[ev.Event, ...],
    desk: Desk,
) -> Booking:
    return Booking(
        account_id=account.id,
        cause_id=desk.draw(),
        credit_uses=tuple(CreditUse(grant_id=x.id, amount=x.remaining, kind=kind) for x in grants),
        postings=tuple(
            posting
            for grant in grants
            for posting in ledger.move(CREDIT_ACCOUNT[grant.kind], _UNUSED[grant.kind], grant.remaining)
        ),
        events=told,
        money_in=account.currency,
    )
