"""Quoting: one subscription with what can be changed of it, what a change costs before saying yes, and saying yes.

Owns the pages of these three steps. A quote that does not hold any more is shown again with the new price, and nothing
is charged. Does not own planning (`core.change`), nor paying (`paying`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from solvent.core.closed_account import CLOSED
from solvent.core.ids import spell
from solvent.core.plan import Plan, Refusal
from solvent.core.renewal import plan_together
from solvent.core.request import Quoted, SubscriptionChange
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.flows.change import QUOTE_LASTS, STALE, open_quoted
from solvent.flows.change import quote as planned
from solvent.web.endpoint import Reply
from solvent.web.page_guard import Stopped
from solvent.web.portal.having import catalog_of, described, item_shown, price_text, shown
from solvent.web.portal.lines import line_rows
from solvent.web.portal.offering import (
    asked_for,
    asked_text,
    changeable,
    intervals_for,
    kept_fields,
    plans_for,
    quote_address,
)
from solvent.web.portal.paying import carry_out, show_ways, ways_content, ways_for, wrong
from solvent.web.portal.visit import Place, Visit, id_in, mine

RECOVER = "owes an invoice that was given up"
OVERDUE = "owes an overdue invoice"
ALREADY = "already has this"


def subscription(visit: Visit) -> Reply:
    """One subscription, and what can be changed of it."""
    own = _own(visit)
    seen = shown(visit, own)
    ends = own.pending is not None and own.pending.cancel
    content: dict[str, Any] = {
        "s": seen,
        "quote": f"{seen.href}/quote",
        "changeable": changeable(own),
        "ends": ends,
        "parts": [] if ends or not changeable(own) else _parts(visit, own),
        "intervals": [] if ends or not changeable(own) else intervals_for(visit, own),
        "kept": _kept(visit, own),
        "cancel_now": visit.call.solvent.settings.portal_cancel,
    }
    return visit.show("portal_subscription.html", Place.SUBSCRIPTIONS, seen.name, content)


def quote(visit: Visit) -> Reply:
    """What a change costs; nothing is written."""
    own = _own(visit)
    return _quoted(visit, own, asked_for(visit, own, visit.sent))


def accept(visit: Visit) -> Reply:
    """Say yes to what was shown."""
    own, platform = _own(visit), visit.call.solvent.platform
    change = asked_for(visit, own, visit.sent)
    seen = visit.links.was_shown(visit.sent.get("shown", ""), visit.session, visit.now)
    if seen is None:
        return _quoted(visit, own, change, problem=visit.words.price_changed, status=409)
    way = None
    plan = planned(platform, visit.account.id, change, visit.now)
    if isinstance(plan, Plan) and (plan.due or plan.needs_setup):
        ways = ways_for(visit)
        problem = wrong(visit, ways)
        if problem is not None:
            return _quoted(visit, own, change, problem=problem, status=422)
        way = next(w for w in ways if w.value == visit.sent["way"])
    done = carry_out(visit, way, lambda asked: open_quoted(platform, asked, change, seen, visit.now))
    if isinstance(done, Reply):
        return done
    if isinstance(done, Stopped):
        return done.on(_quoted(visit, own, change, problem=done.text, status=done.status))
    if done == STALE:
        return _quoted(visit, own, change, problem=visit.words.price_changed, status=409)
    return _refused(visit, own, change, done)


def _quoted(
    visit: Visit,
    own: Subscription,
    change: SubscriptionChange,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Reply:
    plan = planned(visit.call.solvent.platform, visit.account.id, change, visit.now)
    if isinstance(plan, Refusal):
        return _refused(visit, own, change, plan)
    words, href = visit.words, f"/portal/subscriptions/{spell('sub', own.id)}"
    title = asked_text(visit, own, change, visit.sent["do"])
    pays = bool(plan.due or plan.needs_setup)
    due = visit.tongue.amount(plan.due, plan.currency)
    content = {
        "heading": title,
        "back": href,
        "action": f"{href}/quote",
        "what": words.quote_what[plan.intent],
        "problem": problem,
        "pays": pays,
        "mandate_only": plan.needs_setup,
        "label": words.confirm_pay.format(amount=due) if plan.due else words.confirm,
        "hidden": [
            (name, visit.sent[name])
            for name in ("do", "item", "price", "quantity", "interval")
            if name in visit.sent
        ],
        "shown": visit.links.shown(
            Quoted(at=plan.planned_at, fingerprint=plan.fingerprint), visit.session, visit.now
        ),
        "until": words.quote_until.format(time=visit.tongue.time(visit.now + QUOTE_LASTS)),
        **_figures(visit, plan),
        **_afterwards(visit, own, plan),
        **ways_content(visit, ways_for(visit) if pays else [], visit.sent.get("way")),
    }
    return show_ways(visit, "portal_quote.html", Place.SUBSCRIPTIONS, title, content, status)


def _figures(visit: Visit, plan: Plan) -> dict[str, Any]:
    words, currency = visit.words, plan.currency

    def money(minor: int) -> str:
        return visit.tongue.amount(minor, currency)

    less = sum(note.to_debt for note in plan.credit_notes)
    if plan.terms_days and plan.total > 0:
        due = words.due_in_days.format(days=plan.terms_days)
    else:
        due = money(plan.due) if plan.due else words.nothing_due
    return {
        "lines": line_rows(visit, plan.lines, currency),
        "tax": money(plan.tax) if plan.tax else None,
        "total": money(plan.total) if plan.lines else None,
        "more": [
            (name, value)
            for name, value in (
                (words.credit_used, money(-plan.credit_used) if plan.credit_used else None),
                (words.credit_granted, money(plan.credit_granted) if plan.credit_granted else None),
                (words.owed_less, money(less) if less else None),
            )
            if value is not None
        ],
        "due": due,
    }


def _afterwards(visit: Visit, own: Subscription, plan: Plan) -> dict[str, Any]:
    """What the customer has then, and what the next renewal comes to."""
    words, tongue, after = visit.words, visit.tongue, plan.after
    assert after is not None, "a change of a subscription leaves one"
    ended = after.state is SubscriptionState.ENDED or (after.pending is not None and after.pending.cancel)
    later = (after.pending.items if after.pending is not None else None) or after.items
    scheduled = after.items == own.items and later != after.items
    renewal = None if ended else _next_renewal(visit, after)
    return {
        "after": []
        if ended
        else [(described(visit, i), price_text(visit, i.price_id, i.quantity)) for i in later],
        "after_when": words.after_at.format(day=tongue.day(after.period.end))
        if scheduled
        else words.after_now,
        "after_says": shown(visit, after).when,
        "renewal": None
        if renewal is None
        else (tongue.amount(renewal.total, renewal.currency), tongue.day(after.period.end)),
    }


def _next_renewal(visit: Visit, after: Subscription) -> Plan:
    """The next period as the billing clock would plan it now."""
    platform, catalog = visit.call.solvent.platform, catalog_of(visit)
    (plan,) = plan_together(
        visit.account,
        [replace(after, account_id=visit.account.id)],
        catalog=catalog,
        policy=platform.policy_of(visit.account, catalog, visit.moment),
        convention=platform.convention,
        credit_grants=(),
        now=after.period.end,
    )
    return plan


def _refused(visit: Visit, own: Subscription, change: SubscriptionChange, refusal: Refusal) -> Reply:
    words = visit.words
    text = refusal_text(visit, refusal)
    leads = [
        (
            f"/portal/subscriptions/{spell('sub', own.id)}",
            words.back_to.format(place=words.subscriptions),
            "plain",
        )
    ]
    if refusal.field == "account":
        leads = [("/portal/pay", words.owed_title, "act"), *leads]
    title = asked_text(visit, own, change, visit.sent["do"])
    content = {"heading": title, "text": text, "kind": "bad", "leads": leads}
    return visit.show("portal_result.html", Place.SUBSCRIPTIONS, title, content, 422)


def refusal_text(visit: Visit, refusal: Refusal) -> str:
    """Why something is refused, in plain words; the rule itself where there are none."""
    words = visit.words
    if refusal == CLOSED:
        return words.refused_closed
    if refusal.rule.startswith(RECOVER):
        return words.refused_given_up
    if refusal.rule.startswith(OVERDUE):
        return words.refused_debt
    if refusal.rule.startswith(ALREADY):
        return words.refused_already
    return words.refused.format(rule=f"{refusal.field}: {refusal.rule}")


def _parts(visit: Visit, own: Subscription) -> Sequence[dict[str, Any]]:
    """Each item with what it can become."""
    return [
        {
            "item": item_shown(visit, item),
            "plans": plans_for(visit, own, item),
            "remove": quote_address(own.id, {"do": "remove", "item": spell("itm", item.id)})
            if len(own.items) > 1
            else None,
            "remove_label": visit.words.remove_item.format(what=described(visit, item)),
        }
        for item in own.items
    ]


def _kept(visit: Visit, own: Subscription) -> Sequence[tuple[str, str]]:
    """What drops what is scheduled, with its label."""
    words = visit.words
    return [
        (
            quote_address(own.id, fields),
            words.keep if item is None else f"{words.keep}: {described(visit, item)}",
        )
        for item, fields in kept_fields(own)
    ]


def _own(visit: Visit) -> Subscription:
    wanted = id_in("sub", visit.call.path["subscription_id"])
    return mine(visit, visit.call.queries.subscription(wanted))
