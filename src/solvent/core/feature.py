"""Feature: what a product service may ask about, and what an account's grants come to for it.

Owns the declaration of features (flag, limit, quota, text), the rules that products keep by it, and `capabilities`:
several grants on one object as one value for each feature. Does not own what is granted (`entitlement`), nor what was
used of a quota (`meter`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Protocol, assert_never

from solvent.core.product import NAME_RULE, CatalogError, Feature, Product, broken, is_name

DIGEST_BYTES = 4


class FeatureKind(StrEnum):
    """What a feature's value means."""

    FLAG = "flag"  # on or off
    LIMIT = "limit"  # so many at once, or so fast
    QUOTA = "quota"  # so much in a period, counted by a meter
    TEXT = "text"  # one of several words, e.g. of support


class Combine(StrEnum):
    """What several grants on one object come to: the largest value, or the sum of value × quantity."""

    LARGEST = "largest"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureKey:
    """A declared feature. A quota is of what `meter` counts; `unit` is for people."""

    id: str
    kind: FeatureKind
    combine: Combine = Combine.LARGEST
    unit: str | None = None
    meter: str | None = None


class Granted(Protocol):
    """What of a grant its capabilities follow from."""

    @property
    def product_id(self) -> str: ...

    @property
    def object(self) -> str: ...

    @property
    def quantity(self) -> int: ...

    @property
    def features(self) -> Mapping[str, Feature]: ...

    @property
    def starts_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What all grants on one object come to for one feature. A quota's use is counted from `since` (UTC)."""

    object: str
    feature: str
    kind: FeatureKind
    value: Feature
    unit: str | None
    meter: str | None
    since: datetime


def kind_of(value: Feature) -> FeatureKind:
    """What a value means that no declaration speaks of."""
    if isinstance(value, bool):
        return FeatureKind.FLAG
    return FeatureKind.LIMIT if isinstance(value, int) else FeatureKind.TEXT


def fits(kind: FeatureKind, value: Feature) -> bool:
    """Whether a value is of that kind."""
    match kind:
        case FeatureKind.FLAG:
            return isinstance(value, bool)
        case FeatureKind.TEXT:
            return isinstance(value, str)
        case FeatureKind.LIMIT | FeatureKind.QUOTA:
            return isinstance(value, int) and not isinstance(value, bool)
    assert_never(kind)


def capabilities(grants: Iterable[Granted], keys: Mapping[str, FeatureKey]) -> tuple[Capability, ...]:
    """What grants come to, by object and feature: a flag that any of them sets is on, a number is the largest or the
    sum, as declared, and of texts the one of the product that comes first by its id counts."""
    together: dict[tuple[str, str], list[Granted]] = {}
    for grant in sorted(grants, key=lambda g: g.product_id):
        for feature in grant.features:
            together.setdefault((grant.object, feature), []).append(grant)
    return tuple(
        _capability(thing, feature, together[thing, feature], keys.get(feature))
        for thing, feature in sorted(together)
    )


def feature_digest(keys: Mapping[str, FeatureKey]) -> str:
    """A short word that differs where declarations do."""
    told = repr([keys[name] for name in sorted(keys)])
    return blake2b(told.encode(), digest_size=DIGEST_BYTES).hexdigest()


def feature_problems(
    keys: Mapping[str, FeatureKey], products: Iterable[Product], meters: Collection[str]
) -> Iterator[CatalogError]:
    """The rules that declared features break, and the products that do not keep to them. Who declares one feature
    declares all: so a misspelt name is found."""
    for name, key in keys.items():
        yield from _key_problems(name, key, meters)
    for product in products if keys else ():
        for name, value in product.features.items():
            declared = keys.get(name)
            kind = None if declared is None else declared.kind
            yield from broken(
                f"products.{product.id}.features",
                (name, declared is not None, "must be declared under features, as the others are"),
                (name, kind is None or fits(kind, value), f"must be a {kind}, got {value!r}"),
            )


def _key_problems(name: str, key: FeatureKey, meters: Collection[str]) -> Iterator[CatalogError]:
    quota, numeric = key.kind is FeatureKind.QUOTA, key.kind in (FeatureKind.QUOTA, FeatureKind.LIMIT)
    metered = key.meter is not None
    yield from broken(
        f"features.{name}",
        ("id", key.id == name, "must be the key it is found under"),
        ("id", is_name(key.id), NAME_RULE),
        ("meter", metered or not quota, "must be given for a quota: it says what is counted"),
        ("meter", quota or not metered, f"must be empty for a {key.kind}"),
        ("meter", not metered or key.meter in meters, f"must name a meter, got {key.meter!r}"),
        ("combine", numeric or key.combine is Combine.LARGEST, f"must be left out for a {key.kind}"),
        ("unit", numeric or key.unit is None, f"must be left out for a {key.kind}"),
    )


def _capability(thing: str, feature: str, grants: list[Granted], key: FeatureKey | None) -> Capability:
    values = [g.features[feature] for g in grants]
    if key is not None and not all(fits(key.kind, value) for value in values):
        key = None  # declared otherwise since it was granted: the recompute is on its way
    summed = key is not None and key.combine is Combine.SUM
    return Capability(
        object=thing,
        feature=feature,
        kind=kind_of(values[0]) if key is None else key.kind,
        value=sum(int(v) * g.quantity for v, g in zip(values, grants, strict=True))
        if summed
        else _largest(values),
        unit=None if key is None else key.unit,
        meter=None if key is None else key.meter,
        since=min(g.starts_at for g in grants),
    )


def _largest(values: list[Feature]) -> Feature:
    """The largest of numbers or switches (on is larger than off); of texts the first."""
    if any(isinstance(v, str) for v in values):
        return values[0]
    return max(values, key=int)
