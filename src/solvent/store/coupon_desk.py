"""Coupon desk: putting one coupon on offer, taking it off, and reading its versions.

Owns when other terms of a code are its next version: only when that is said. Does not own versions (`coupon_offers`),
how a whole catalog is brought in (`offers`), nor the rules of a coupon (`core.coupon`).
"""

from datetime import datetime

from solvent.core.coupon import Coupon
from solvent.store import offers
from solvent.store.coupon_offers import CouponDraft, draft_of
from solvent.store.database import Database
from solvent.store.shelf import read_catalog


class OtherTerms(Exception):
    """A code is there with other terms, and it was not said that they be superseded."""

    def __init__(self, coupon: Coupon) -> None:
        super().__init__(f"there is {coupon.id} with other terms")
        self.coupon = coupon


def put(database: Database, draft: CouponDraft, *, supersede: bool, now: datetime) -> Coupon:
    """Put a coupon on offer; the same again changes nothing. Raises `OtherTerms`, and `CatalogError` for a rule that it
    breaks."""
    before = versions(database, draft.code)
    if before and not supersede and draft_of(before[-1]) != draft:
        raise OtherTerms(before[-1])
    offers.apply(database, coupons=[draft], now=now)
    return versions(database, draft.code)[-1]


def archive(database: Database, code: str, now: datetime) -> Coupon | None:
    """Take a coupon off offer; it stays what it is for whoever redeemed it. None: there is none of that code."""
    before = versions(database, code)
    if not before:
        return None
    offers.apply(database, coupons=[draft_of(before[-1], active=False)], now=now)
    return versions(database, code)[-1]


def versions(database: Database, code: str) -> list[Coupon]:
    """The versions of a code as they are at this moment, the oldest first."""
    return sorted((c for c in everything(database) if c.code == code), key=lambda c: c.version)


def everything(database: Database) -> list[Coupon]:
    """All versions of all codes, as they are at this moment."""
    with database.transaction() as connection:
        return list(read_catalog(connection).coupons.values())
