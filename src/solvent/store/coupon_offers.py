"""Coupon offers: bringing the stored coupons to what a merchant declares.

Owns their versions: a coupon with the same terms stays, one with changed terms gets a next version that supersedes it
and is on offer in its place; whoever redeemed the version before keeps its terms. Does not own the rest of the catalog
(`offers`), how a declaration is written (`catalog_file`) nor the rules of a coupon (`core.coupon`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from psycopg import Connection

from solvent.core.catalog import Catalog, CatalogError
from solvent.core.coupon import Coupon, Duration
from solvent.core.language import Names
from solvent.store import codec

_COUPON = """
insert into coupon (id, code, version, name, duration, ppm, amount, currency, periods, products, redemptions_max,
    per_account_max, valid_from, valid_until, exclusive, priority, supersedes, active, names)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ON_OFFER = "update coupon set active = %s where id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponDraft:
    """A coupon as declared: `code` stays, versions of it follow each other. Amounts in minor units."""

    code: str
    name: str
    duration: Duration
    ppm: int | None = None
    amount: int | None = None
    currency: str | None = None
    periods: int | None = None
    products: tuple[str, ...] = ()
    limit: int | None = None
    limit_per_account: int | None = 1
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    exclusive: bool = False
    priority: int = 0
    active: bool = True
    names: Names = field(default_factory=dict)

    def coupon(self, version: int, supersedes: str | None) -> Coupon:
        """The draft as a version of its code."""
        return Coupon(
            id=f"{self.code}@{version}",
            code=self.code,
            version=version,
            name=self.name,
            duration=self.duration,
            ppm=self.ppm,
            amount=self.amount,
            currency=self.currency,
            periods=self.periods,
            products=self.products,
            limit=self.limit,
            limit_per_account=self.limit_per_account,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            exclusive=self.exclusive,
            priority=self.priority,
            supersedes=supersedes,
            active=self.active,
            names=self.names,
        )


def draft_of(coupon: Coupon, *, active: bool | None = None) -> CouponDraft:
    """A version as it would be declared; with `active`, on offer or off."""
    return CouponDraft(
        code=coupon.code,
        name=coupon.name,
        duration=coupon.duration,
        ppm=coupon.ppm,
        amount=coupon.amount,
        currency=coupon.currency,
        periods=coupon.periods,
        products=coupon.products,
        limit=coupon.limit,
        limit_per_account=coupon.limit_per_account,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        exclusive=coupon.exclusive,
        priority=coupon.priority,
        active=coupon.active if active is None else active,
        names=coupon.names,
    )


def declared(before: Catalog, drafts: Iterable[CouponDraft]) -> dict[str, Coupon]:
    """The coupons that are new, or go on or off offer, by id."""
    latest = {
        coupon.code: coupon for coupon in before.coupons.values()
    }  # stored in the order of their versions
    changes: dict[str, Coupon] = {}
    seen: set[str] = set()
    for draft in drafts:
        if draft.code in seen:
            raise CatalogError(f"coupons.{draft.code}", "must occur once")
        seen.add(draft.code)
        changes |= {coupon.id: coupon for coupon in _versions(draft, latest.get(draft.code))}
    return changes


def _versions(draft: CouponDraft, latest: Coupon | None) -> list[Coupon]:
    if latest is None:
        return [draft.coupon(1, None)]
    same = draft.coupon(latest.version, latest.supersedes)
    if same == replace(latest, active=draft.active):
        return [] if latest.active == draft.active else [same]
    following = draft.coupon(latest.version + 1, latest.id)
    return [following, replace(latest, active=False)] if latest.active else [following]


def write(connection: Connection, before: Catalog, changes: dict[str, Coupon]) -> list[str]:
    """Write what changed, off offer first: of one code only one version is on offer at any moment."""
    changed = []
    for coupon in sorted(changes.values(), key=lambda c: (c.active, c.id)):
        if coupon.id in before.coupons:
            connection.execute(_ON_OFFER, (coupon.active, coupon.id))
            changed.append(f"coupon {coupon.id}: {'on' if coupon.active else 'off'} offer")
        else:
            connection.execute(_COUPON, _row(coupon))
            words = f", supersedes {coupon.supersedes}" if coupon.supersedes else ""
            changed.append(f"coupon {coupon.id}: added{words}")
    return changed


def _row(coupon: Coupon) -> tuple[object, ...]:
    return (
        coupon.id,
        coupon.code,
        coupon.version,
        coupon.name,
        coupon.duration,
        coupon.ppm,
        coupon.amount,
        coupon.currency,
        coupon.periods,
        list(coupon.products),
        coupon.limit,
        coupon.limit_per_account,
        coupon.valid_from,
        coupon.valid_until,
        coupon.exclusive,
        coupon.priority,
        coupon.supersedes,
        coupon.active,
        codec.encode(coupon.names).decode(),
    )
