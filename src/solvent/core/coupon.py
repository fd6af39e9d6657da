"""Coupons: what lowers the price of what an account buys, as values with the rules each keeps by itself.

Owns `Coupon`, its versions' terms and the stated order in which coupons count. Does not own what it takes off a charge
(`discount`), who may redeem it and when (`redemption`), nor where it is declared. A coupon is immutable once declared:
a new version with `supersedes` takes its place, and whoever redeemed the old one keeps its terms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from solvent.core.ids import bucket_of
from solvent.core.language import TURNING_RULE, Names, names_problems, turned
from solvent.core.money import CURRENCY_RULE, format_minor, is_currency
from solvent.core.percent import PPM, percent
from solvent.core.product import CatalogError, broken

PERIODS_MAX = 1_200  # a hundred years of months
LIMIT_MAX = 1_000_000_000
PRIORITY_MAX = 1_000_000
NAME_MAX = 100  # characters

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
CODE_RULE = "must be 1 to 64 capital letters, digits, '.', '_' or '-', starting with a letter or digit"


class Duration(StrEnum):
    """For how many periods of a subscription a coupon counts."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """`ppm` parts per million off, or `amount` minor units of `currency`, of one version of a `code`.

    `periods` says how many with REPEATING. `products` it is for (empty: all). `limit` bounds the redemptions of the
    code, over all its versions and accounts, `limit_per_account` those of one account; None is no bound. It can be
    redeemed from `valid_from` to before `valid_until` (UTC). An `exclusive` one goes with no other.
    `names` are what it is called in some languages, `name` in all others.
    """

    id: str
    code: str
    version: int
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
    supersedes: str | None = None
    active: bool = True
    names: Names = field(default_factory=dict)

    @property
    def order(self) -> tuple[bool, int, str]:
        """The stated order: percent before fixed, then by priority (the lower first), then by code."""
        return self.amount is not None, self.priority, self.code

    @property
    def periods_max(self) -> int | None:
        """For how many periods it counts; None: for good."""
        return {Duration.ONCE: 1, Duration.REPEATING: self.periods, Duration.FOREVER: None}[self.duration]

    def covers(self, product_id: str) -> bool:
        """Whether it is for that product."""
        return not self.products or product_id in self.products

    def __str__(self) -> str:
        if self.amount is not None:
            assert self.currency is not None, f"coupon {self.id}: an amount has a currency"
            return f"{format_minor(self.amount, self.currency)} {self.currency} off"
        return f"{percent(self.ppm or 0)} off"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponUse:
    """One redemption as a commit leaves it: `used` periods lowered so far, and whether it `is_over`.

    A new one takes a seat of each limit of its coupon while its attempt is under way, and keeps it by the commit.
    """

    redemption_id: UUID
    coupon_id: str
    code: str
    subscription_id: UUID | None
    used: int
    is_new: bool = False
    is_over: bool = False
    limit: int | None = None
    limit_per_account: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often a code may be redeemed: by all accounts, counted in the bucket of the code, or by one, in its own.

    `holder` names what the seats belong to; there are `most`.
    """

    bucket: int
    holder: str
    most: int
    rule: str


def limits(code: str, account_id: UUID, most: int | None, most_per_account: int | None) -> tuple[Limit, ...]:
    """The limits that a redemption takes a seat of, always in the same order."""
    found = []
    if most_per_account is not None:
        rule = f"must not be redeemed more than {_times(most_per_account)} by one account"
        holder = f"{account_id.hex}:{code}"
        limit = Limit(bucket=bucket_of(account_id), holder=holder, most=most_per_account, rule=rule)
        found.append(limit)
    if most is not None:
        bucket = blake2b(code.encode(), digest_size=1).digest()[0]  # of 256, as an account's
        rule = f"must have a redemption left: all of {most:,} are used"
        found.append(Limit(bucket=bucket, holder=f"*:{code}", most=most, rule=rule))
    return tuple(found)


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def spelled(code: str) -> str:
    """A code as it is declared, however a customer typed it."""
    return code.strip().upper()


def coupon_problems(coupon: Coupon) -> Iterator[CatalogError]:
    """The rules that a coupon breaks by itself."""
    yield from _terms_problems(coupon)
    start, end = coupon.valid_from, coupon.valid_until
    limits = ("limit", coupon.limit), ("limit_per_account", coupon.limit_per_account)
    yield from broken(
        f"coupons.{coupon.id}",
        ("code", _CODE.fullmatch(coupon.code) is not None, CODE_RULE),
        ("id", coupon.id == f"{coupon.code}@{coupon.version}", "must be the code, '@' and the version"),
        ("version", coupon.version >= 1, f"must be 1 or more, got {coupon.version}"),
        ("name", 0 < len(coupon.name.strip()) <= NAME_MAX, f"must be 1 to {NAME_MAX} characters"),
        ("name", not turned(coupon.name), TURNING_RULE),
        ("valid_until", start is None or end is None or start < end, "must be after valid_from"),
        (
            "priority",
            abs(coupon.priority) <= PRIORITY_MAX,
            f"must be from -{PRIORITY_MAX:,} to {PRIORITY_MAX:,}",
        ),
        *(
            (name, limit is None or 1 <= limit <= LIMIT_MAX, f"must be from 1 to {LIMIT_MAX:,}, got {limit}")
            for name, limit in limits
        ),
        *names_problems("names", coupon.names),
    )


def _terms_problems(coupon: Coupon) -> Iterator[CatalogError]:
    """What it takes off, and how often."""
    fixed, repeats = coupon.amount is not None, coupon.duration is Duration.REPEATING
    ppm, amount, periods = coupon.ppm, coupon.amount, coupon.periods
    yield from broken(
        f"coupons.{coupon.id}",
        ("percent", fixed is (ppm is None), "must be given, or an amount, and not both"),
        ("percent", ppm is None or 0 < ppm <= PPM, "must be more than 0 and at most 100"),
        ("amount", amount is None or amount > 0, f"must be more than 0, got {amount}"),
        ("currency", fixed or coupon.currency is None, "must be left out with a percentage"),
        ("currency", not fixed or is_currency(coupon.currency or ""), CURRENCY_RULE),
        ("periods", periods is not None or not repeats, f"must be given with {Duration.REPEATING}"),
        ("periods", periods is None or repeats, f"must be left out, unless it is {Duration.REPEATING}"),
        (
            "periods",
            periods is None or 1 <= periods <= PERIODS_MAX,
            f"must be from 1 to {PERIODS_MAX:,}, got {periods}",
        ),
    )
