"""Lines: what an invoice line costs, and the phrase that lets a person check it.

Owns the building of charges in advance, one-off charges, prorated charges and prorated credits, with their
explanations. Dates in them are local to the zone the subscription is anchored in. Does not own which lines a plan
has (`buying`, `changing`, `renewal` …), what a quantity costs (`pricing`) or how large a share is (`proration`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from solvent.core.catalog import Catalog, Price, Product
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Period
from solvent.core.phrase import Phrase, Sentence, named
from solvent.core.pricing import amount, explain
from solvent.core.proration import Convention, Share, prorate, remaining
from solvent.core.subscription import Item, Subscription


def full_charges(catalog: Catalog, items: Iterable[Item], period: Period, time_zone: str) -> tuple[Line, ...]:
    """One charge per item for the whole of `period`, in advance; none at all when they cost nothing together.

    A metered item is charged in arrears (`usage`), here and below.
    """
    zone = ZoneInfo(time_zone)
    when = _day(period.start, zone), _day(period.end, zone)
    return _document([_full_charge(catalog, i, period, when) for i in in_advance(catalog, items)])


def in_advance(catalog: Catalog, items: Iterable[Item]) -> Iterable[Item]:
    """The items that are paid in advance."""
    return [item for item in items if catalog.price(item.price_id).meter is None]


def _full_charge(catalog: Catalog, item: Item, period: Period, when: tuple[str, str]) -> Line:
    price = catalog.price(item.price_id)
    return Line(
        kind=LineKind.CHARGE,
        description=_name(catalog.product_of(item.price_id), item.quantity, item.object),
        amount=amount(price, item.quantity),
        explanation=Phrase(Sentence.IN_ADVANCE, (*_per_interval(price, item.quantity), *when)),
        quantity=item.quantity,
        price_id=price.id,
        item_id=item.id,
        object=item.object,
        period=period,
    )


def one_off_charges(catalog: Catalog, items: Iterable[tuple[str, int, str]]) -> tuple[Line, ...]:
    """One charge per (price id, quantity, object), for something that has no period."""
    lines = []
    for price_id, quantity, thing in items:
        price = catalog.price(price_id)
        line = Line(
            kind=LineKind.CHARGE,
            description=_name(catalog.product_of(price_id), quantity, thing),
            amount=amount(price, quantity),
            explanation=Phrase(Sentence.ONCE, (explain(price, quantity),)),
            quantity=quantity,
            price_id=price_id,
            object=thing,
        )
        lines.append(line)
    return _document(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The unused rest of a subscription's current period: what prorated charges and credits are for."""

    period: Period
    share: Share
    convention: Convention
    time_zone: str
    charged_at: datetime  # when the whole period was charged

    def tax_point(self, item: Item) -> datetime:
        """When the rest of the period was charged for an item."""
        return self.charged_at if item.changed_at is None else max(self.charged_at, item.changed_at)


def rest_of_period(base: Subscription, at: datetime, convention: Convention) -> Rest:
    """What is left of the current period at `at`, which must lie before its end."""
    # Two servers' clocks differ a little, so a change may be planned just before the period it is in began.
    start = max(at, base.period.start)
    zone = base.anchor.time_zone
    share = remaining(base.period, start, base.interval, zone, convention)
    return Rest(
        period=Period(start=start, end=base.period.end),
        share=share,
        convention=convention,
        time_zone=zone,
        charged_at=base.period.start,
    )


def exchange(catalog: Catalog, old: Iterable[Item], new: Iterable[Item], rest: Rest) -> tuple[Line, ...]:
    """A credit for the rest of each old item, then a charge for the rest of each new one.

    An old item of no value is left out, and so is everything when it all costs nothing.
    """
    credits_ = [_prorated(catalog, item, LineKind.PRORATED_CREDIT, rest) for item in in_advance(catalog, old)]
    charges = [_prorated(catalog, item, LineKind.PRORATED_CHARGE, rest) for item in in_advance(catalog, new)]
    return _document([*(line for line in credits_ if line.amount), *charges])


def _prorated(catalog: Catalog, item: Item, kind: LineKind, rest: Rest) -> Line:
    price, product = catalog.price(item.price_id), catalog.product_of(item.price_id)
    is_credit = kind is LineKind.PRORATED_CREDIT
    worth = prorate(amount(price, item.quantity), rest.share, rest.convention) * (-1 if is_credit else 1)
    name = _name(product, item.quantity, item.object)
    return Line(
        kind=kind,
        description=Phrase(Sentence.UNUSED_TIME if is_credit else Sentence.REMAINING_TIME, (name,)),
        amount=worth,
        explanation=Phrase(
            Sentence.UNUSED if is_credit else Sentence.REMAINING,
            (*_per_interval(price, item.quantity), *_share_parts(rest), worth, price.currency),
        ),
        quantity=item.quantity,
        price_id=price.id,
        item_id=item.id,
        object=item.object,
        period=rest.period,
        tax_point=rest.tax_point(item) if is_credit else None,
    )


def _per_interval(price: Price, quantity: int) -> tuple[Phrase, int, str]:
    """What a quantity costs, and for how many units of time."""
    assert price.interval is not None, f"price {price.id}: what has a period has an interval"
    return explain(price, quantity), price.interval.count, price.interval.unit.value


def _share_parts(rest: Rest) -> tuple[int | str, ...]:
    """The fraction as counted, in hundredths of a percent, between which local times, and how the result is rounded."""
    share, zone = rest.share, ZoneInfo(rest.time_zone)
    hundredths = round_ratio(share.numerator * 10_000, share.denominator, Rounding.HALF_UP)
    start, end = (x.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for x in (rest.period.start, rest.period.end))
    counted = share.numerator, share.denominator, share.unit.value, hundredths
    return *counted, start, end, rest.convention.rounding.value


def _document(lines: list[Line]) -> tuple[Line, ...]:
    """The lines, or none when each is 0: something free makes no invoice."""
    return tuple(lines) if any(line.amount for line in lines) else ()


def _name(product: Product, quantity: int, thing: str) -> Phrase:
    name = named(product.name, product.names)
    return Phrase(Sentence.GOODS, (name, quantity, "" if thing == "account" else thing))


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).date().isoformat()
