"""Drafting: what the merchant does with invoices of their own before they are issued.

Owns the deeds about drafts, and how a draft is told. Does not own other deeds of the merchant (`staff`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from solvent.core.invoice import Line
from solvent.core.manual import Draft, Entry, Particulars, line_of
from solvent.core.money import format_minor
from solvent.core.period import Period
from solvent.core.plan import Plan
from solvent.flows.invoicing import change_draft, issue_draft, keep_draft, preview, void_draft
from solvent.flows.opening import Asked
from solvent.sim import Customer
from tests.scenarios.telling.cast import Cast, minor

LINE = re.compile(
    r"(?:(?P<quantity>\d+) at )?(?P<amount>-?[\d.,]+) for (?P<what>.+?)"
    r"(?:, from (?P<first>[\d-]+) to (?P<last>[\d-]+))?(?: and |$)"
)
DRAFTS = (
    r"the merchant drafts for (?P<name>\w+)(?: on order (?P<reference>[\w-]+))?(?:, due in (?P<days>\d+) days)?"
    r": (?P<what>.+)"
)


def drafts(cast: Cast, found: re.Match[str]) -> list[str]:
    """Keep a new draft."""
    customer = cast.customers[found["name"]]
    days = None if found["days"] is None else int(found["days"])
    says = Particulars(reference=found["reference"], terms_days=days)
    platform, now = cast.world.platform, cast.world.now
    return _told(
        cast, customer, keep_draft(platform, customer.id, lines_in(cast, customer, found["what"]), says, now)
    )


def changes(cast: Cast, found: re.Match[str]) -> list[str]:
    """Other lines for the customer's draft."""
    customer = cast.customers[found["name"]]
    lines = lines_in(cast, customer, found["what"])
    held = cast.drafts[found["name"]]
    after = change_draft(cast.world.platform, held, lambda d: (lines, d.particulars), cast.world.now)
    return _told(cast, customer, after)


def issues(cast: Cast, found: re.Match[str]) -> list[str]:
    """Issue the customer's draft."""
    customer = cast.customers[found["name"]]
    asked = Asked(account_id=customer.id, key=f"draft {cast.world.now.isoformat()}", input_hash=b"")
    issue_draft(cast.world.platform, asked, cast.drafts[found["name"]], cast.world.now)
    return []


def voids(cast: Cast, found: re.Match[str]) -> list[str]:
    """Drop the customer's draft."""
    after = void_draft(cast.world.platform, cast.drafts[found["name"]], cast.world.now)
    assert isinstance(after, Draft), after
    return [f"draft {after.state}"]


def lines_in(cast: Cast, customer: Customer, what: str, product: str | None = None) -> tuple[Line, ...]:
    """The lines that a sentence names, all of one product if of any."""
    lines = []
    for one in LINE.finditer(what):
        units = minor(one["amount"], customer.account.currency)
        entry = Entry(
            description=one["what"],
            amount=None if one["quantity"] else units,
            unit_amount=units if one["quantity"] else None,
            quantity=int(one["quantity"] or 1),
            period=_period(customer, one["first"], one["last"]),
            product_id=product,
        )
        line = line_of(entry, customer.account.currency, cast.world.platform.convention.rounding)
        assert isinstance(line, Line), line
        lines.append(line)
    return tuple(lines)


def _period(customer: Customer, first: str | None, last: str | None) -> Period | None:
    if first is None or last is None:
        return None
    zone = ZoneInfo(customer.account.time_zone)
    start, end = (
        datetime.combine(datetime.fromisoformat(day), time(), zone).astimezone(UTC) for day in (first, last)
    )
    return Period(start=start, end=end)


def _told(cast: Cast, customer: Customer, draft: object) -> list[str]:
    """The draft as its preview tells it."""
    assert isinstance(draft, Draft), draft
    cast.drafts[customer.name] = draft.id
    plan = preview(cast.world.platform, draft, cast.world.now)
    assert isinstance(plan, Plan), plan
    lines = [
        text
        for line in plan.lines
        for text in (
            f"  {line.description:<62}{format_minor(line.gross, plan.currency):>8}",
            f"    {line.explanation}",
        )
    ]
    total, due = format_minor(plan.total, plan.currency), format_minor(plan.due, plan.currency)
    terms = f", due in {plan.terms_days} days" if plan.terms_days else f", to be paid {due}"
    return [f"draft in {plan.currency}, no number", *lines, f"  {'total' + terms:<62}{total:>8}"]
