"""Overview: how the account stands in plain words, what is owed, what waits for the customer, and what comes next.

Owns which facts of the assessment are told, and in which order. Does not own the assessment (`core.health`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from solvent.core.attempt import Attempt
from solvent.core.health import Assessment, Prospect, assess
from solvent.core.ids import bucket_of, spell
from solvent.core.owed import Owed
from solvent.core.party import address_block
from solvent.core.payment import AttemptState
from solvent.core.shown_notices import shown as notices_shown
from solvent.core.snapshot import Snapshot, Standing
from solvent.flows.upcoming import upcoming_invoice
from solvent.messages.composing import CATALOGS
from solvent.store.portal_reads import PortalReads
from solvent.web.endpoint import Reply
from solvent.web.portal.having import for_how_much, shown
from solvent.web.portal.visit import Place, Visit

KINDS = {
    Standing.GOOD: "good",
    Standing.GRACE: "warn",
    Standing.PAST_DUE: "warn",
    Standing.RESTRICTED: "bad",
    Standing.SUSPENDED: "bad",
    Standing.BAD_DEBT: "bad",
    Standing.CLOSED: "warn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A payment that is not done: the customer's turn (`act`), or the bank's."""

    text: str
    href: str
    act: bool


def overview(visit: Visit) -> Reply:
    """The first page."""
    platform, account = visit.call.solvent.platform, visit.account
    with visit.call.solvent.database.still() as tx:
        (snapshot,) = tx.queue.examined(bucket_of(account.id), [account.id], visit.now)
    catalog, moment = platform.store.catalog(), visit.moment
    verdict = assess(snapshot, catalog, platform.policy_of(snapshot.account, catalog, moment), moment)
    ahead = upcoming_invoice(platform, account.id, visit.now)
    words, tongue = visit.words, visit.tongue
    credit = sum(
        one.amount
        for one in visit.call.queries.credit.balances(account.id)
        if one.currency == account.currency
    )
    content = {
        "heading": words.hello.format(name=account.name),
        "name": account.name,
        "email": account.email,
        "address": _address(visit),
        "tax_id": account.tax_id,
        "kind": KINDS[verdict.standing],
        "standing": words.standings[verdict.standing],
        "standing_text": words.standing_texts[verdict.standing],
        "notices": list(_notices(visit, snapshot, verdict)),
        "reasons": list(_reasons(visit, snapshot, verdict)),
        "owed": tongue.amounts(verdict.debt.items()) if verdict.debt else None,
        "waiting": [_waiting(visit, a) for a in visit.call.queries.in_flight(account.id)],
        "subscriptions": [shown(visit, s) for s in snapshot.subscriptions],
        "credit": tongue.amount(credit, account.currency) if credit else None,
        "next_amount": None if ahead is None else tongue.amount(ahead.plan.total, ahead.plan.currency),
        "next_day": None if ahead is None else words.next_on.format(day=tongue.day(ahead.at)),
        "back": visit.session.return_url,
    }
    return visit.show("portal_overview.html", Place.OVERVIEW, words.overview, content)


def _address(visit: Visit) -> tuple[str, ...]:
    """Where the customer is, as documents print it, with the country's name."""
    account = visit.account
    block = () if account.address is None else address_block(account.address, account.country)
    return (*block, visit.tongue.country(account.country))


def _notices(visit: Visit, snapshot: Snapshot, verdict: Assessment) -> Iterator[str]:
    """What the customer was told here, of each unpaid invoice the last that is still so, with the day."""
    words, tongue = CATALOGS[visit.language], visit.tongue
    numbers = {invoice.id: invoice.number for invoice in snapshot.open_invoices}
    told = PortalReads(visit.call.solvent.database.pool).notices(visit.account.id)
    for one in notices_shown(told, verdict.owed, verdict.decision.measures, verdict.assessed_at):
        says = words.subjects[one.kind].format(number=numbers[one.invoice_id])
        yield visit.words.notice.format(day=tongue.day(one.told_at), text=says)


def _reasons(visit: Visit, snapshot: Snapshot, verdict: Assessment) -> Iterator[str]:
    """Why it stands so: what is owed and why it was not paid, what follows from that, what is disputed."""
    words, tongue = visit.words, visit.tongue
    numbers = {invoice.id: invoice.number for invoice in snapshot.open_invoices}
    for owed in verdict.owed:
        if owed.due_at > verdict.assessed_at and not owed.given_up:
            continue
        says = words.owes.format(
            number=numbers[owed.invoice_id],
            amount=tongue.amount(owed.debt, owed.currency),
            day=tongue.day(owed.due_at),
        )
        yield " ".join((says, *_prospect(visit, owed, verdict.prospects[owed.invoice_id])))
    for measure in dict.fromkeys(m.measure for m in verdict.decision.measures):
        yield words.measures[measure]
    if verdict.disputed:
        yield words.disputed.format(amount=tongue.amounts(verdict.disputed.items()))


def _prospect(visit: Visit, owed: Owed, prospect: Prospect) -> Iterator[str]:
    """Why a payment failed, and when it is tried next; not while one is under way, nor of what was given up."""
    if prospect.cause is None:
        return
    words = CATALOGS[visit.language]
    yield words.causes[prospect.cause]
    if owed.in_flight or owed.given_up:
        return
    at = prospect.next_try
    yield (
        words.no_next_try
        if at is None
        else words.next_try.format(day=visit.tongue.day(max(at, visit.moment)))
    )


def _waiting(visit: Visit, attempt: Attempt) -> Waiting:
    words = visit.words
    act = attempt.state is AttemptState.REQUIRES_ACTION and not attempt.off_session
    says = words.to_finish if act else words.under_way
    return Waiting(
        text=says.format(what=for_how_much(visit, attempt.plan)),
        href=f"/portal/changes/{spell('att', attempt.id)}",
        act=act,
    )


def subscriptions(visit: Visit) -> Reply:
    """All subscriptions, those that have ended last."""
    found = visit.call.queries.subscriptions(visit.account.id, None, SUBSCRIPTIONS_MAX)
    content = {
        "subscriptions": [shown(visit, s) for s in sorted(found, key=lambda s: s.ended_at is not None)]
    }
    return visit.show("portal_subscriptions.html", Place.SUBSCRIPTIONS, visit.words.subscriptions, content)


SUBSCRIPTIONS_MAX = 500
