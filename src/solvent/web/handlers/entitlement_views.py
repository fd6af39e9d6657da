"""Entitlement views: what product services read, as answers show it.

Owns the shapes, and the translation from values of the core. Does not own what is granted (`core.entitlement`), held
(`core.unproven`) or a feature's value (`core.feature`).
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from solvent.core.account import Segment
from solvent.core.entitlement import Feature
from solvent.core.feature import Capability, FeatureKind
from solvent.core.ids import spell
from solvent.core.ladder import Measure
from solvent.core.owed import InEffect
from solvent.core.payment import ProofKind
from solvent.core.unproven import Unproven
from solvent.store.entitled import Proven
from solvent.web.fields import AccountId, ChangeId, InvoiceId, SubscriptionId
from solvent.web.present import grant_view
from solvent.web.views import GrantView

ProofName = Literal["payment", "nothing_due", "credit", "sponsorship", "trial", "terms", "grace"]


class EntitlementView(GrantView, frozen=True, kw_only=True):
    """What one item gives on one billable object, and what proves that it may."""

    proof: Annotated[
        ProofName,
        Meta(
            description="`terms`: a contract, paid later. `sponsorship`: credit of a sponsored account. `grace`: not "
            "paid, and policy lets service go on until `ends_at`."
        ),
    ]


class CapabilityView(Struct, frozen=True, kw_only=True):
    """What all grants on one object come to for one feature. `used` and `remaining` are there for quotas, when asked
    for: since the start of the period."""

    object: str
    feature: str
    kind: FeatureKind
    value: Feature
    unit: str | None
    used: int | None
    remaining: int | None


class HeldView(Struct, frozen=True, kw_only=True):
    """What a payment in flight would grant; it is not granted yet."""

    change_id: ChangeId
    state: str
    product_id: str
    object: str
    quantity: int
    features: dict[str, Feature]


class UnpaidView(Struct, frozen=True, kw_only=True):
    """What is not granted because its payment has just failed: pay to activate."""

    change_id: ChangeId
    cause: str | None
    product_id: str
    object: str
    quantity: int


class RestrictionView(Struct, frozen=True, kw_only=True):
    """A measure in effect because of an unpaid invoice. Without `subscription_id` it is the whole account's; `products`
    are those that are suspended, or that paid plans drop to."""

    measure: Measure
    reason: str
    since: datetime
    invoice_id: InvoiceId
    subscription_id: SubscriptionId | None
    products: list[str]


class EntitlementsView(Struct, frozen=True, kw_only=True):
    """What the account may use now: granted, held by a pending payment, or not given because its payment failed. It
    stays true until `valid_until` unless something is bought, ended or unpaid."""

    account_id: AccountId
    entitlements: list[EntitlementView]
    features: list[CapabilityView]
    held: list[HeldView]
    unpaid: list[UnpaidView]
    restrictions: list[RestrictionView]
    valid_until: datetime | None


def entitlement_view(proven: Proven, segment: Segment) -> EntitlementView:
    """A grant with its proof; what credit proves of a sponsored account is its sponsorship."""
    grant = grant_view(proven.grant)
    sponsored = proven.proof is ProofKind.CREDIT and segment is Segment.SPONSORED
    proof: ProofName = "sponsorship" if sponsored else proven.proof.value
    return EntitlementView(
        **{name: getattr(grant, name) for name in GrantView.__struct_fields__}, proof=proof
    )


def capability_view(capability: Capability, used: int | None) -> CapabilityView:
    """A feature on an object; `used` of a quota where it was read."""
    return CapabilityView(
        object=capability.object,
        feature=capability.feature,
        kind=capability.kind,
        value=capability.value,
        unit=capability.unit,
        used=used,
        remaining=None if used is None else max(int(capability.value) - used, 0),
    )


def held_view(held: Unproven) -> HeldView:
    """A grant that waits for its payment."""
    return HeldView(
        change_id=spell("att", held.tried.attempt_id),
        state=held.tried.state,
        product_id=held.grant.product_id,
        object=held.grant.object,
        quantity=held.grant.quantity,
        features=dict(held.grant.features),
    )


def unpaid_view(failed: Unproven) -> UnpaidView:
    """A grant whose payment failed."""
    return UnpaidView(
        change_id=spell("att", failed.tried.attempt_id),
        cause=failed.tried.cause,
        product_id=failed.grant.product_id,
        object=failed.grant.object,
        quantity=failed.grant.quantity,
    )


def restriction_view(measure: InEffect) -> RestrictionView:
    """A measure with its reason in a sentence."""
    return RestrictionView(
        measure=measure.measure,
        reason=f"an invoice is unpaid: {measure.measure.replace('_', ' ')} by rung {measure.rung!r}",
        since=measure.since,
        invoice_id=spell("inv", measure.invoice_id),
        subscription_id=None if measure.subscription_id is None else spell("sub", measure.subscription_id),
        products=list(measure.products),
    )
