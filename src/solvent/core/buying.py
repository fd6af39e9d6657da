"""Buying: what an account did not have before.

Owns the planning of a new subscription (with or without a trial), of a one-off purchase, of account credit, and of
vaulting a collection method. Does not own the rules for single items (`offer`) nor changes to what exists (`changing`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from solvent.core.invoice import Line, LineKind
from solvent.core.lines import full_charges, one_off_charges
from solvent.core.offer import QUANTITY_MAX, Offer, all_offered, debt_first, slot_rule, taken_slots
from solvent.core.payment import Path
from solvent.core.period import Anchor, Interval, Period, Unit, boundary, period
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Intent, Plan, Refusal, make_plan
from solvent.core.redemption import of_purchase, of_start, scope_refusal, uses
from solvent.core.request import AddMethod, Context, Purchase, Start, TopUp
from solvent.core.subscription import Item, Subscription, SubscriptionState

_CLAIM_MAX = 200  # characters; a longer one is told by its digest, so that it always fits an index


def start(change: Start, context: Context) -> Plan | Refusal:
    """A subscription that begins now: paid in advance, or with a mandate that must be confirmed first, when it begins
    with a trial or all that it costs is usage.

    A contract account (`terms_days`) needs no mandate: it will pay by invoice. Nor does what coupons take all of, for
    good.
    """
    offers = debt_first(context) or all_offered(change.items, context)
    if isinstance(offers, Refusal):
        return offers
    interval = _interval_of(offers)
    if isinstance(interval, Refusal):
        return interval
    refusal = _slot_refusal(offers, context) or _trial_refusal(offers)
    if refusal is not None:
        return refusal
    after = _begun(offers, interval, context)
    refusal = scope_refusal(context.redeemed, after.items, context.catalog)
    if refusal is not None:
        return refusal
    is_trial = after.state is SubscriptionState.TRIALING
    zone = after.anchor.time_zone
    lines = () if is_trial else full_charges(context.catalog, after.items, after.period, zone)
    owes_later = is_trial or (not lines and any(offer.price.meter for offer in offers))
    after, lines = of_start(after, lines, context.redeemed, context.catalog, context.convention.rounding)
    owes_later = owes_later or _free_for_now(lines, context)
    plan = make_plan(
        account_id=context.account.id,
        path=Path.PURCHASE,
        intent=Intent.START,
        claim=_claim("new", ("@".join(offer.slot) for offer in offers)),
        currency=after.currency,
        lines=lines,
        credit=context.credit_grants,
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
        after=after,
        terms_days=context.terms_days,
        taxation=context.taxation,
        needs_setup=owes_later and not context.terms_days,
        coupons=uses((), after, context.redeemed, context.catalog),
    )
    return replace(plan, slots=tuple("@".join(offer.slot) for offer in offers))


def _free_for_now(lines: Sequence[Line], context: Context) -> bool:
    """Whether coupons take all of what begins, and some of them not for good: what comes later has to be paid."""
    coupons = [context.catalog.coupon(x.coupon_id) for x in context.redeemed]
    ends = any(coupon.periods_max is not None for coupon in coupons)
    return ends and bool(lines) and sum(line.amount for line in lines) == 0


def purchase(change: Purchase, context: Context) -> Plan | Refusal:
    """Something bought once; it leaves no subscription."""
    offers = debt_first(context) or all_offered(change.items, context)
    if isinstance(offers, Refusal):
        return offers
    for n, offer in enumerate(offers):
        if offer.price.interval is not None:
            rule = f"must be a one-off price, this one is per {offer.price.interval}: start a subscription"
            return Refusal(field=f"items[{n}].price_id", rule=rule)
    bought = [(o.price.id, o.item.quantity, o.item.object) for o in offers]
    rounding = context.convention.rounding
    priced = of_purchase(
        one_off_charges(context.catalog, bought), context.redeemed, context.catalog, rounding
    )
    if isinstance(priced, Refusal):
        return priced
    lines, coupons = priced
    return make_plan(
        account_id=context.account.id,
        path=Path.PURCHASE,
        intent=Intent.PURCHASE,
        claim=_claim("buy", (f"{price}@{thing}×{quantity}" for price, quantity, thing in bought)),
        currency=context.account.currency,
        lines=lines,
        credit=context.credit_grants,
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
        terms_days=context.terms_days,
        taxation=context.taxation,
        coupons=coupons,
    )


def top_up(change: TopUp, context: Context) -> Plan | Refusal:
    """Account credit, paid for now: neither by credit nor on terms.

    Overdue debt does not forbid it, because credit pays debts. It bears no tax: what it pays for does.
    """
    if not 1 <= change.amount <= QUANTITY_MAX:
        return Refusal(field="amount", rule=f"must be from 1 to {QUANTITY_MAX}")
    currency = context.account.currency
    line = Line(
        kind=LineKind.PREPAID,
        description=Phrase(Sentence.PREPAID),
        amount=change.amount,
        explanation=Phrase(Sentence.PREPAID_CREDIT, (change.amount, currency)),
    )
    return make_plan(
        account_id=context.account.id,
        path=Path.PURCHASE,
        intent=Intent.TOP_UP,
        claim="top-up",
        currency=currency,
        lines=(line,),
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
    )


def add_method(change: AddMethod, context: Context) -> Plan:
    """A collection method vaulted for later; nothing is due, and overdue debt does not forbid it. One that is imported
    stands beside what the customer is adding at the same time."""
    return make_plan(
        account_id=context.account.id,
        path=Path.PURCHASE,
        intent=Intent.ADD_METHOD,
        claim="method" if change.reference is None else f"method {change.reference}",
        currency=context.account.currency,
        lines=(),
        credit=context.credit_grants,
        planned_at=context.now,
        lifetime=context.policy.attempt_lifetime,
        needs_setup=True,
    )


def _interval_of(offers: tuple[Offer, ...]) -> Interval | Refusal:
    """The one interval of all offers."""
    first = offers[0].price.interval
    for n, offer in enumerate(offers):
        if offer.price.interval is None:
            return Refusal(
                field=f"items[{n}].price_id", rule="must be a recurring price: purchase one-off prices"
            )
        if offer.price.interval != first:
            rule = f"must be per {first} like the first item, got per {offer.price.interval}"
            return Refusal(field=f"items[{n}].price_id", rule=rule)
    assert first is not None
    return first


def _slot_refusal(offers: tuple[Offer, ...], context: Context) -> Refusal | None:
    taken = taken_slots(context)
    for n, offer in enumerate(offers):
        if offer.slot in taken:
            return Refusal(field=f"items[{n}].price_id", rule=slot_rule(offer))
        taken.add(offer.slot)
    return None


def _trial_refusal(offers: tuple[Offer, ...]) -> Refusal | None:
    if any(x.price.trial_days for x in offers) and not all(x.price.trial_days for x in offers):
        return Refusal(field="items", rule="must all have a trial or none: start the others on their own")
    return None


def _begun(offers: tuple[Offer, ...], interval: Interval, context: Context) -> Subscription:
    """Version 1. A trial lasts as long as the shortest trial of its prices, in local days; its end is the anchor."""
    now, zone = context.now, context.account.time_zone
    anchor = Anchor(at=now, time_zone=zone)
    trial_days = min(x.price.trial_days for x in offers)
    if trial_days:
        state = SubscriptionState.TRIALING
        current = Period(start=now, end=boundary(anchor, Interval(unit=Unit.DAY, count=trial_days), 1))
        anchor = Anchor(at=current.end, time_zone=zone)
    else:
        state, current = SubscriptionState.ACTIVE, period(anchor, interval, 0)
    return Subscription(
        id=context.draw(),
        account_id=context.account.id,
        state=state,
        currency=context.account.currency,
        interval=interval,
        anchor=anchor,
        index=0,
        period=current,
        items=tuple(
            Item(id=context.draw(), price_id=x.price.id, quantity=x.item.quantity, object=x.item.object)
            for x in offers
        ),
        version=1,
    )


def _claim(verb: str, things: Iterable[str]) -> str:
    claim = f"{verb}:{'+'.join(sorted(things))}"
    if len(claim) <= _CLAIM_MAX:
        return claim
    return f"{verb}:{blake2b(claim.encode(), digest_size=16).hexdigest()}"
