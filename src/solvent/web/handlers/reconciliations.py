"""Reconciliations: reading what comparisons with providers found.

Owns how a report is presented. Does not own the comparison (`flows.reconciliation`).
"""

from collections.abc import Iterable
from typing import Any

from solvent.core.difference import About, Difference, Reconciliation, Seen, Total
from solvent.core.ids import spell
from solvent.store.reconciliations import ReconciliationReads
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.filters import checked
from solvent.web.handlers.paging import page_of
from solvent.web.params import DifferencesQuery, ReconciliationsQuery
from solvent.web.present import amount_text
from solvent.web.problems import not_found
from solvent.web.reconciliation_views import (
    DifferenceView,
    MovedView,
    ReconciliationView,
    SeenView,
)


def page(call: Call) -> Reply:
    """A page of reports, the latest first."""
    query: ReconciliationsQuery = call.query
    checked(call, provider=query.provider)
    after = None if query.after is None else uuid_in(query.after)
    found = _reads(call).page(query.provider, after, query.limit + 1)
    return paged([ReconciliationView(**_fields(report)) for report in found], query.limit)


def one(call: Call) -> Reply:
    """One report."""
    return Reply(ReconciliationView(**_fields(_existing(call))))


def differences(call: Call) -> Reply:
    """A page of what one report found."""
    query: DifferencesQuery = call.query
    found = [
        (place, each)
        for place, each in enumerate(_existing(call).differences)
        if (query.kind is None or each.kind is query.kind)
        and (query.repair is None or each.repair is query.repair)
        and (query.repaired is None or each.repaired is query.repaired)
    ]
    return page_of(
        found,
        query.after,
        query.limit,
        key=lambda numbered: f"{numbered[0]:09}",
        view=lambda numbered: _difference(numbered[1]),
    )


def _existing(call: Call) -> Reconciliation:
    spelled = call.path["reconciliation_id"]
    report = _reads(call).one(public_id("rec", spelled, "reconciliation_id"))
    if report is None:
        raise not_found("reconciliation", spelled)
    return report


def _reads(call: Call) -> ReconciliationReads:
    return ReconciliationReads(call.solvent.database.pool)


def _fields(report: Reconciliation) -> dict[str, Any]:
    return {
        "id": spell("rec", report.id),
        "provider": report.provider,
        "since": report.since,
        "until": report.until,
        "made_at": report.made_at,
        "moved": _moved(report.totals),
        "kept": _moved(report.fees),
        "found": len(report.differences),
        "left": len(report.open),
    }


def _moved(totals: Iterable[Total]) -> list[MovedView]:
    return [
        MovedView(
            kind=total.kind,
            currency=total.currency,
            movements=total.movements,
            amount=total.amount,
            amount_text=amount_text(total.amount, total.currency),
        )
        for total in totals
    ]


def _difference(one: Difference) -> DifferenceView:
    return DifferenceView(
        kind=one.kind,
        about=one.about,
        ref=one.ref,
        key=None if one.key is None else spell("ref" if one.about is About.REFUND else "att", one.key),
        ours=_seen(one.ours),
        theirs=_seen(one.theirs),
        repair=one.repair,
        repaired=one.repaired,
    )


def _seen(side: Seen | None) -> SeenView | None:
    if side is None:
        return None
    return SeenView(amount=side.amount, currency=side.currency, state=side.state, movement=side.name)
