"""Granted: what is known of an account, and the questions that a service asks about it.

What the whole account has (object ``account``) holds for each of its objects too: a flag is on when either has it, a
number is the larger one, and a text is the object's own first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

Feature = bool | int | str
WHOLE_ACCOUNT = "account"


class NotCovered(LookupError):
    """A token was asked about an object that it does not speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Features by object and name, of one account. Times are UTC."""

    account_id: str
    features: Mapping[str, Mapping[str, Feature]]

    def value(self, feature: str, thing: str = WHOLE_ACCOUNT) -> Feature | None:
        """What the account has of a feature on an object; None: nothing."""
        found = [
            values[feature]
            for values in (self.features.get(o) for o in (thing, WHOLE_ACCOUNT))
            if values is not None and feature in values
        ]
        return _most(found) if found else None

    def flag(self, feature: str, thing: str = WHOLE_ACCOUNT) -> bool:
        """Whether a flag is on."""
        return self.value(feature, thing) is True

    def limit(self, feature: str, thing: str = WHOLE_ACCOUNT) -> int:
        """A limit or quota; 0 where there is none."""
        value = self.value(feature, thing)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one item of a subscription gives, until `ends_at`."""

    product_id: str
    object: str
    quantity: int
    proof: str
    features: Mapping[str, Feature]
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements(Granted):
    """What was read. `stale`: Solvent does not answer, and this is the last that it said, less what has ended."""

    grants: tuple[Grant, ...]
    held: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    valid_until: datetime | None = None
    stale: bool = False

    def as_of(self, now: datetime) -> "Entitlements":
        """The same without what has ended by `now`. What is left is counted anew, at the least that it can be: sums
        are not known here, so of several numbers the largest counts."""
        left = tuple(g for g in self.grants if now < g.ends_at)
        if len(left) == len(self.grants):
            return replace(self, stale=True)
        features: dict[str, dict[str, Feature]] = {}
        for grant in left:
            known = features.setdefault(grant.object, {})
            for name, value in grant.features.items():
                known[name] = _most([known.get(name, value), value])
        return replace(self, features=features, grants=left, stale=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Granted):
    """What a token says, until `expires_at`. It speaks of `objects` and of the whole account; None: of every object."""

    products: Mapping[str, tuple[str, ...]]
    expires_at: datetime
    token_id: str
    objects: frozenset[str] | None = None
    raw: Mapping[str, object] = field(default_factory=dict, repr=False)

    def value(self, feature: str, thing: str = WHOLE_ACCOUNT) -> Feature | None:
        """As of every answer; raises `NotCovered` for an object that the token does not speak of."""
        if self.objects is not None and thing != WHOLE_ACCOUNT and thing not in self.objects:
            raise NotCovered(f"the token says nothing about {thing}")
        return super(Claims, self).value(feature, thing)


def _most(values: Sequence[Feature]) -> Feature:
    """The largest of numbers or switches (on is larger than off); of texts the first."""
    return values[0] if any(isinstance(value, str) for value in values) else max(values, key=int)
