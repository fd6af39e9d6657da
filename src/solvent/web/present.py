"""Present: how values of the core become views.

Owns the translation, field by field. Does not own any figure it shows, nor the shapes (`views`).
"""

from collections.abc import Iterable
from typing import Any

from solvent.core.account import Account, CollectionMethod
from solvent.core.credit import Draw
from solvent.core.entitlement import Grant
from solvent.core.ids import spell
from solvent.core.invoice import Invoice, Line
from solvent.core.money import format_minor
from solvent.core.party import Address
from solvent.core.percent import percent
from solvent.core.period import Interval
from solvent.core.plan import Plan
from solvent.core.subscription import Applied, Item, Pending, Subscription
from solvent.core.tax import TaxShare
from solvent.core.unused_time import PlannedNote
from solvent.web.views import (
    AccountView,
    AddressView,
    AppliedCouponView,
    DrawView,
    GrantView,
    IntervalView,
    ItemView,
    LineView,
    MethodView,
    PendingView,
    PeriodView,
    PlannedCreditNoteView,
    PlanView,
    SubscriptionView,
    TaxView,
)


def amount_text(minor: int, currency: str) -> str:
    """An amount for people, e.g. ``20.00 USD``."""
    return f"{format_minor(minor, currency)} {currency}"


def account_view(account: Account) -> AccountView:
    """An account as answers show it."""
    return AccountView(
        id=spell("acc", account.id),
        segment=account.segment,
        currency=account.currency,
        country=account.country,
        time_zone=account.time_zone,
        email=account.email,
        name=account.name,
        entity=account.entity,
        terms_days=account.terms_days,
        together=account.together,
        language=account.language,
        region=account.region,
        tax_id=account.tax_id,
        tax_exempt=account.tax_exempt,
        test_clock=account.test_now,
        closed_at=account.closed_at,
        address=None if account.address is None else _address_view(account.address),
    )


def _address_view(address: Address) -> AddressView:
    return AddressView(
        lines=list(address.lines),
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
    )


def interval_view(interval: Interval) -> IntervalView:
    """An interval as answers show it."""
    return IntervalView(interval.unit, interval.count)


def items_view(items: Iterable[Item]) -> list[ItemView]:
    """Items as answers show them."""
    return [
        ItemView(id=spell("itm", i.id), price_id=i.price_id, quantity=i.quantity, object=i.object)
        for i in items
    ]


def subscription_view(subscription: Subscription) -> SubscriptionView:
    """A subscription as answers show it."""
    s = subscription
    return SubscriptionView(
        id=spell("sub", s.id),
        account_id=spell("acc", s.account_id),
        state=s.state,
        currency=s.currency,
        interval=interval_view(s.interval),
        period=PeriodView(s.period.start, s.period.end),
        items=items_view(s.items),
        pending=None if s.pending is None else _pending_view(s.pending),
        coupons=[_applied_view(x) for x in s.coupons],
        version=s.version,
        grace_until=s.grace_until,
        ended_at=s.ended_at,
        end_reason=s.end_reason,
    )


def _applied_view(applied: Applied) -> AppliedCouponView:
    return AppliedCouponView(
        redemption_id=spell("rdm", applied.redemption_id),
        coupon_id=applied.coupon_id,
        redeemed_at=applied.since,
        periods_used=applied.used,
        removed=applied.removed,
        share=applied.share,
    )


def _pending_view(pending: Pending) -> PendingView:
    return PendingView(
        cancel=pending.cancel,
        items=None if pending.items is None else items_view(pending.items),
        interval=None if pending.interval is None else interval_view(pending.interval),
    )


def line_view(line: Line, currency: str) -> LineView:
    """A line as answers show it."""
    return LineView(
        kind=line.kind,
        description=str(line.description),
        explanation=str(line.explanation),
        quantity=line.quantity,
        amount=line.amount,
        amount_text=amount_text(line.amount, currency),
        inclusive=line.inclusive,
        net=line.net,
        tax=line.tax,
        gross=line.gross,
        taxes=[tax_view(share) for share in line.taxes],
        price_id=line.price_id,
        item_id=None if line.item_id is None else spell("itm", line.item_id),
        object=line.object,
        period=None if line.period is None else PeriodView(line.period.start, line.period.end),
        coupon_id=line.coupon_id,
        product_id=line.product_id,
        invoice_item_id=None if line.invoice_item_id is None else spell("ivi", line.invoice_item_id),
    )


def tax_view(share: TaxShare) -> TaxView:
    """One tax on one line as answers show it."""
    return TaxView(
        name=str(share.name),
        jurisdiction=share.jurisdiction,
        rate=percent(share.ppm).removesuffix(" %"),
        treatment=share.treatment,
        base=share.base,
        amount=share.amount,
        explanation=str(share.explanation),
        registration=share.registration,
    )


def plan_view(plan: Plan) -> PlanView:
    """A plan as answers show it."""
    return PlanView(
        path=plan.path,
        intent=plan.intent,
        currency=plan.currency,
        lines=[line_view(line, plan.currency) for line in plan.lines],
        invoice_lines=[line_view(line, plan.currency) for line in plan.invoiced],
        net=plan.total - plan.tax,
        tax=plan.tax,
        tax_text=amount_text(plan.tax, plan.currency),
        total=plan.total,
        total_text=amount_text(plan.total, plan.currency),
        credit_used=plan.credit_used,
        draws=[draw_view(draw) for draw in plan.draws],
        credit_granted=plan.credit_granted,
        credit_notes=[planned_note_view(note) for note in plan.credit_notes],
        due=plan.due,
        due_text=amount_text(plan.due, plan.currency),
        terms_days=plan.terms_days,
        needs_setup=plan.needs_setup,
        proof=plan.proof,
        after=None if plan.after is None else subscription_view(plan.after),
        planned_at=plan.planned_at,
        expires_at=plan.expires_at,
    )


def planned_note_view(note: PlannedNote) -> PlannedCreditNoteView:
    """What a change gives back of an invoice, as answers show it."""
    return PlannedCreditNoteView(
        invoice_id=spell("inv", note.invoice_id), amount=note.amount, to_debt=note.to_debt
    )


def draw_view(draw: Draw) -> DrawView:
    """What a grant pays of a line, as answers show it."""
    return DrawView(grant_id=spell("crg", draw.grant_id), line=draw.line, amount=draw.amount)


def method_view(method: CollectionMethod) -> MethodView:
    """A collection method as answers show it; never its token."""
    return MethodView(
        id=spell("mth", method.id),
        account_id=spell("acc", method.account_id),
        provider=method.provider,
        kind=method.kind,
        label=method.label,
        state=method.state,
        off_session=method.off_session,
        priority=method.priority,
        expires_on=method.expires_on,
    )


def grant_view(grant: Grant) -> GrantView:
    """A grant as answers show it."""
    return GrantView(
        item_id=spell("itm", grant.item_id),
        subscription_id=spell("sub", grant.subscription_id),
        product_id=grant.product_id,
        object=grant.object,
        quantity=grant.quantity,
        features=dict(grant.features),
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
    )


def invoice_fields(invoice: Invoice) -> dict[str, Any]:
    """What both views of an invoice show."""
    return {
        "id": spell("inv", invoice.id),
        "account_id": spell("acc", invoice.account_id),
        "subscription_id": None if invoice.subscription_id is None else spell("sub", invoice.subscription_id),
        "number": invoice.number,
        "state": invoice.state,
        "currency": invoice.currency,
        "net": invoice.total - invoice.tax,
        "tax": invoice.tax,
        "total": invoice.total,
        "credited": invoice.credited,
        "charged_back": invoice.charged_back,
        "paid": invoice.paid,
        "debt": invoice.debt,
        "total_text": amount_text(invoice.total, invoice.currency),
        "debt_text": amount_text(invoice.debt, invoice.currency),
        "issued_at": invoice.issued_at,
        "due_at": invoice.due_at,
        "reference": invoice.reference,
        "notes": invoice.notes,
    }
