"""Entitlement token: what it says, and for how long it may say so.

Owns the content that a product service may rely upon without asking: products and features by object, and a life that
ends before any of it may be over by itself. Does not own the signature (`signing`), nor the format (`web`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from solvent.core.entitlement import Grant
from solvent.core.feature import FeatureKey, capabilities
from solvent.core.product import Feature

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenContent:
    """What is granted, by object, for so many whole seconds from now on."""

    products: Mapping[str, tuple[str, ...]]
    features: Mapping[str, Mapping[str, Feature]]
    life_s: int


def token_content(
    grants: Iterable[Grant],
    objects: Collection[str],
    keys: Mapping[str, FeatureKey],
    moment: datetime,
    longest: timedelta,
) -> TokenContent:
    """What a token made at `moment` says of `objects` (none: of all). What is over within the second is left out; what
    ends, or begins, within the life that was asked for ends the token."""
    about = [g for g in grants if (not objects or g.object in objects) and g.ends_at - moment >= _SECOND]
    given = [g for g in about if g.starts_at <= moment]
    edges = [g.ends_at for g in given] + [g.starts_at for g in about if g.starts_at > moment]
    life = min([longest, *(max(edge - moment, _SECOND) for edge in edges)])
    features: dict[str, dict[str, Feature]] = {}
    for one in capabilities(given, keys):
        features.setdefault(one.object, {})[one.feature] = one.value
    products: dict[str, set[str]] = {}
    for grant in given:
        products.setdefault(grant.object, set()).add(grant.product_id)
    return TokenContent(
        products={thing: tuple(sorted(products[thing])) for thing in sorted(products)},
        features=features,
        life_s=int(life / _SECOND),
    )
