"""Coupons: put on offer, shown and taken off offer on the command line.

Owns the options' check and the tables. Does not own what is done (`store.coupon_desk`) nor the rules of a coupon
(`core.coupon`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from solvent.commands import filters
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import instant, one_of, one_of_names
from solvent.commands.saying import as_json, lined, moment
from solvent.core.coupon import Coupon, Duration, limits, spelled
from solvent.core.product import CatalogError
from solvent.store import coupon_desk
from solvent.store.catalog_file import parts_per_million
from solvent.store.coupon_desk import OtherTerms
from solvent.store.coupon_offers import CouponDraft
from solvent.web.handlers.coupons import coupon_view
from solvent.wiring import Solvent

COLUMNS = (
    "coupon", "takes off", "for", "products", "limit", "per account", "from", "until", "on offer", "name"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A coupon as it is asked for on the command line."""

    code: str
    name: str
    percent: str | None
    amount: int | None
    currency: str | None
    duration: str
    periods: int | None
    products: tuple[str, ...]
    limit: int | None
    limit_per_account: int | None
    valid_from: str | None
    valid_until: str | None
    exclusive: bool
    priority: int


def created(solvent: Solvent, wish: Wish, *, supersede: bool, for_programs: bool) -> Iterator[str]:
    """Put a coupon on offer; the same again changes nothing."""
    draft = _draft(wish)
    try:
        coupon_desk.put(solvent.database, draft, supersede=supersede, now=solvent.clock())
    except OtherTerms as taken:
        raise CommandError(f"CODE: must be new, or come with --supersede: {taken}", USAGE) from None
    except CatalogError as error:
        raise CommandError(str(error), USAGE) from None
    yield from versions(solvent, draft.code, for_programs=for_programs)


def archived(solvent: Solvent, code: str) -> str:
    """Take a coupon off offer; it stays what it is for who redeemed it."""
    latest = _existing(solvent, code)[-1]
    if not latest.active:
        return f"coupon {latest.id}: off offer already"
    coupon_desk.archive(solvent.database, latest.code, solvent.clock())
    return f"coupon {latest.id}: off offer"


def lines(
    solvent: Solvent, product: str | None, currency: str | None, *, every: bool, for_programs: bool
) -> Iterator[str]:
    """The coupons on offer, or all versions; those for a product, or in a currency."""
    if product is not None:
        one_of_names(product, solvent.platform.store.catalog().products, "--product")
    code = filters.currency(currency)
    found = [
        coupon
        for coupon in coupon_desk.everything(solvent.database)
        if (every or coupon.active)
        and (product is None or not coupon.products or product in coupon.products)
        and (code is None or coupon.currency in (None, code))
    ]
    yield from _shown(found, for_programs=for_programs)


def versions(solvent: Solvent, code: str, *, for_programs: bool) -> Iterator[str]:
    """All versions of a code, and how many of its seats are taken."""
    found = _existing(solvent, code)
    yield from _shown(found, for_programs=for_programs)
    if for_programs:
        return
    with solvent.database.begin() as tx:
        for limit in limits(found[-1].code, UUID(int=0), found[-1].limit, None):
            yield f"taken of its limit: {tx.seats.held(limit, 0).taken:,} of {limit.most:,}"


def _shown(found: Sequence[Coupon], *, for_programs: bool) -> Iterator[str]:
    if for_programs:
        yield as_json([coupon_view(coupon) for coupon in found])
    else:
        yield from lined(COLUMNS, [_row(coupon) for coupon in found])


def _row(coupon: Coupon) -> tuple[str, ...]:
    periods = f"{coupon.periods} periods" if coupon.duration is Duration.REPEATING else coupon.duration
    return (
        coupon.id,
        str(coupon).removesuffix(" off"),
        f"{periods}, exclusive" if coupon.exclusive else periods,
        " ".join(coupon.products) or "all",
        "–" if coupon.limit is None else f"{coupon.limit:,}",
        "–" if coupon.limit_per_account is None else f"{coupon.limit_per_account:,}",
        moment(coupon.valid_from),
        moment(coupon.valid_until),
        "yes" if coupon.active else "no",
        coupon.name,
    )


def _draft(wish: Wish) -> CouponDraft:
    try:
        ppm = None if wish.percent is None else parts_per_million(wish.percent, "--percent")
    except CatalogError as error:
        raise CommandError(str(error), USAGE) from None
    return CouponDraft(
        code=spelled(wish.code),
        name=wish.name,
        duration=one_of(Duration, wish.duration, "--duration"),
        ppm=ppm,
        amount=wish.amount,
        currency=filters.currency(wish.currency),
        periods=wish.periods,
        products=wish.products,
        limit=wish.limit,
        limit_per_account=wish.limit_per_account,
        valid_from=None if wish.valid_from is None else instant(wish.valid_from, "--valid-from"),
        valid_until=None if wish.valid_until is None else instant(wish.valid_until, "--valid-until"),
        exclusive=wish.exclusive,
        priority=wish.priority,
    )


def _existing(solvent: Solvent, code: str) -> list[Coupon]:
    found = coupon_desk.versions(solvent.database, spelled(code))
    if not found:
        raise CommandError(f"no coupon {code}")
    return found
