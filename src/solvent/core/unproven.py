"""Unproven: what attempts would grant, or would have granted, beyond what an account has.

Owns the answer by outcome: a payment that is pending holds its entitlements, one that failed gives none. Does not own
what is granted (`entitlement`), nor which attempts are looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.entitlement import Grant, entitlements
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause
from solvent.core.policy import Policy
from solvent.core.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An attempt, as far as it says what its payment would give: the subscriptions as they would be."""

    attempt_id: UUID
    state: AttemptState
    cause: FailureCause | None
    after: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """A grant that has no proof: held until its payment is decided, or (failed) not given until it is paid."""

    tried: Tried
    grant: Grant

    @property
    def held(self) -> bool:
        """Whether the payment may still succeed."""
        return self.tried.state in IN_FLIGHT


def unproven(
    tried: Iterable[Tried], granted: Iterable[Grant], catalog: Catalog, policy: Policy
) -> tuple[Unproven, ...]:
    """What these attempts would grant beyond `granted`, one answer for each product and object: what is held comes
    before what failed, and of several failures the last one counts."""
    have = {_gist(grant) for grant in granted}
    answers: dict[tuple[str, str], Unproven] = {}
    for one in _each(tried, catalog, policy):
        key = one.grant.product_id, one.grant.object
        known = answers.get(key)
        if _gist(one.grant) not in have and (known is None or one.held or not known.held):
            answers[key] = one
    return tuple(answers.values())


def _each(tried: Iterable[Tried], catalog: Catalog, policy: Policy) -> Iterator[Unproven]:
    for one in sorted(tried, key=lambda t: t.attempt_id):
        for grant in entitlements(one.after, catalog, policy):
            yield Unproven(tried=one, grant=grant)


def _gist(grant: Grant) -> tuple[str, str, int]:
    return grant.product_id, grant.object, grant.quantity
