"""Registration: a name that is registered for a customer once it is paid.

Owns which names a commit makes due, what a name must look like, and where a registration stands. Does not own the
registrar (a port), the steps (`flows.registering`), nor the money that comes back (`crediting`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.plan import Plan
from solvent.core.subscription import Subscription

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class RegistrationState(StrEnum):
    """DUE until the registrar has decided; REFUSED until what was paid for it is on its way back, then RETURNED."""

    DUE = "due"
    REGISTERED = "registered"
    REFUSED = "refused"
    RETURNED = "returned"


TRANSITIONS: Mapping[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.DUE: frozenset({RegistrationState.REGISTERED, RegistrationState.REFUSED}),
    RegistrationState.REGISTERED: frozenset(),
    RegistrationState.REFUSED: frozenset({RegistrationState.RETURNED}),
    RegistrationState.RETURNED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A name that a commit has paid for: the registrar is asked for it under the key `id`."""

    id: UUID
    subscription_id: UUID
    item_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration as it stands; `attempt_id` is the payment that made it due, `tries` counts silent answers."""

    id: UUID
    account_id: UUID
    attempt_id: UUID
    subscription_id: UUID
    item_id: UUID
    name: str
    state: RegistrationState
    reason: str | None = None
    tries: int = 0


def wanted(plan: Plan, after: Subscription, catalog: Catalog, draw: Callable[[], UUID]) -> tuple[Wanted, ...]:
    """The names that a subscription, as a plan leaves it, has anew."""
    return tuple(
        Wanted(id=draw(), subscription_id=after.id, item_id=item.id, name=item.object.partition(":")[2])
        for item in after.items
        if (after.version == 1 or item.changed_at == plan.planned_at)
        and catalog.product_of(item.price_id).ending is not None
    )


def name_rule(name: str, ending: str) -> str | None:
    """The rule that a name breaks which is to be registered, if any."""
    label = name.removesuffix(ending)
    if label == name or _LABEL.fullmatch(label) is None:
        return f"must be a name in small letters, digits and '-', and end with {ending}"
    return None
