"""Reconciliation: our books against a provider's lists and its statement, and the repair of what can be repaired.

Owns reading both sides, asking again about what the statement does not name, and that a repair is what the ordinary
flows do: ask, and settle what is said. Writes nothing but the report itself. Does not own what a difference is
(`core.reconciliation`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from solvent.core.difference import About, Difference, DifferenceKind, Reconciliation, Repair, marked, totals
from solvent.core.fees import has_fee
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import Report
from solvent.core.reconciliation import OurPayment, OurRefund, Ours, Theirs, compare
from solvent.flows import statements
from solvent.flows.apart import settle_apart
from solvent.flows.disputes import learn_all
from solvent.flows.platform import Platform, traced
from solvent.flows.refunds import look_up, settle_told
from solvent.ports.provider import ProviderDown, ProviderSilent, RefundOutcome, RefundReport, RefundRequest
from solvent.ports.reconciliation import Named

UNDER_WAY = timedelta(minutes=15)  # what is so young may be on its way into the books


@traced("reconcile")
def reconcile(
    platform: Platform,
    provider: str,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    agreed: Callable[[Reconciliation], bool],
) -> Reconciliation | None:
    """Compare what happened from `since` to before `until` and keep the report. Where some of it can be repaired and
    that is `agreed`, repair it, compare again, and mark what is gone. None: the provider did not answer."""
    until = min(until, now - UNDER_WAY)
    theirs = _theirs(platform, provider, since, until)
    if theirs is None:
        return None
    before = _differences(platform, provider, theirs, since, until)
    moved, kept = totals(theirs.movements)
    report = Reconciliation(
        id=platform.ids.draw(0),
        provider=provider,
        since=since,
        until=until,
        made_at=now,
        totals=moved,
        fees=kept,
        differences=before,
    )
    if any(one.repair is not Repair.BY_HAND for one in before) and agreed(report):
        _repair(platform, provider, before, theirs, now)
        again = _theirs(platform, provider, since, until) or theirs
        after = _differences(platform, provider, again, since, until)
        report = replace(report, differences=marked(before, after))
    with platform.store.begin() as tx:
        tx.reconciliations.keep(report)
    return report


def _theirs(platform: Platform, provider: str, since: datetime, until: datetime) -> Theirs | None:
    movements = statements.read(platform, provider, since, until)
    asked = platform.providers.get(provider)
    try:
        reports = statements.gathered(provider, asked.reports_since(since))
        disputes = statements.gathered(provider, asked.disputes_since(since))
    except (ProviderSilent, ProviderDown):
        return None
    return None if movements is None else Theirs(movements=movements, reports=reports, disputes=disputes)


def _differences(
    platform: Platform, provider: str, theirs: Theirs, since: datetime, until: datetime
) -> tuple[Difference, ...]:
    with platform.store.begin() as tx:
        ours = tx.reconciliations.ours(provider, _named(theirs), since, until)
    return compare(_asked_again(platform, provider, theirs, ours), theirs)


def _named(theirs: Theirs) -> Named:
    told = [m for m in theirs.movements if m.key is not None]
    paid = {(m.key, m.ref) for m in told if m.kind is MovementKind.PAYMENT and m.ref is not None}
    paid |= {(r.key, r.ref) for r in theirs.reports if r.ref is not None}
    keys = {key for key, _ in paid if key is not None} | {r.key for r in theirs.reports}
    return Named(
        attempts=keys | {d.key for d in theirs.disputes if d.key is not None},
        refunds={m.key for m in told if m.kind is MovementKind.REFUND and m.key is not None},
        payments={(key, ref) for key, ref in paid if key is not None},
        disputes={(d.key, d.ref) for d in theirs.disputes if d.key is not None},
        movements={(m.key, m.name) for m in told if m.key is not None and has_fee(m)},
    )


def _asked_again(platform: Platform, provider: str, theirs: Theirs, ours: Ours) -> Ours:
    """Without the payments and refunds that the statement does not name and the provider confirms all the same: it may
    have dated them otherwise (a refund that was asked for before and made after), or forgotten its notification."""
    refs = {m.ref for m in theirs.movements if m.kind is MovementKind.PAYMENT}
    unnamed = [payment for payment in ours.recent if payment.ref not in refs]
    confirmed = platform.spread(lambda payment: _confirms(platform, provider, payment), unnamed)
    there = {payment.ref for payment, sure in zip(unnamed, confirmed, strict=True) if sure}
    keys = {m.key for m in theirs.movements if m.kind is MovementKind.REFUND}
    untold = [refund for refund in ours.given if refund.key not in keys]
    made = platform.spread(lambda refund: _made(platform, provider, refund), untold)
    known = {refund.key for refund, sure in zip(untold, made, strict=True) if sure}
    return replace(
        ours,
        recent=[payment for payment in ours.recent if payment.ref not in there],
        given=[refund for refund in ours.given if refund.key not in known],
    )


def _made(platform: Platform, provider: str, refund: OurRefund) -> bool:
    """Whether the provider says that it has made the refund."""
    asked = platform.providers.get(provider)
    try:
        report = None if refund.ref is None else asked.get_refund(refund.ref)
    except (ProviderSilent, ProviderDown):
        return False
    return report is not None and report.key == refund.key and report.outcome is RefundOutcome.SUCCEEDED


def _confirms(platform: Platform, provider: str, payment: OurPayment) -> bool:
    try:
        movements = platform.providers.get(provider).payments_of(payment.key, payment.ref)
        return any((m.ref, m.amount) == (payment.ref, payment.amount) for m in movements)
    except (ProviderSilent, ProviderDown):
        return False


def _repair(
    platform: Platform, provider: str, found: Sequence[Difference], theirs: Theirs, now: datetime
) -> None:
    """What each ordinary flow would have done, had it been told. What still differs afterwards is reported."""
    meant = {repair: [one for one in found if one.repair is repair] for repair in Repair}
    reports = platform.spread(lambda one: _ask(platform, provider, one), meant[Repair.SETTLE])
    settle_apart(platform, [report for told in reports for report in told], now)
    _ask_for_refunds(platform, provider, meant[Repair.REFUND], now)
    refs = {one.ref for one in meant[Repair.DISPUTE]}
    learn_all(platform, provider, [d for d in theirs.disputes if d.ref in refs], now)
    statements.book_fees(platform, provider, _charged(theirs, meant), now)


def _charged(theirs: Theirs, meant: Mapping[Repair, Sequence[Difference]]) -> list[Movement]:
    """The movements whose fees are booked: those that lacked it, and those of money that has come into the books."""
    names = {one.theirs.name for repair in (Repair.FEE, Repair.SETTLE) for one in meant[repair] if one.theirs}
    return [m for m in theirs.movements if m.name in names]


def _ask(platform: Platform, provider: str, one: Difference) -> list[Report]:
    """How the attempt stands, and every movement of money that was made for it."""
    assert one.key is not None, f"{one.ref} is no attempt of ours"
    asked = platform.providers.get(provider)
    try:
        movements = list(asked.payments_of(one.key, one.ref))
        report = asked.get(one.key, None if one.kind is DifferenceKind.TWICE else one.ref)
    except (ProviderSilent, ProviderDown):
        return []
    others = [m for m in movements if report is None or m.ref != report.ref]
    return others if report is None else [report, *others]


def _ask_for_refunds(platform: Platform, provider: str, found: Sequence[Difference], now: datetime) -> None:
    """How these refunds stand; and of those that the provider did not name yet, the same requests again under their
    keys: they are made once. What became of them is settled."""
    keys = [one.key for one in found if one.about is About.REFUND and one.key is not None]
    with platform.store.begin() as tx:
        named = Named(refunds=keys)
        known = tx.reconciliations.ours(provider, named, now, now).refunds
    told = platform.spread(lambda refund: _refunded(platform, provider, refund), list(known.values()))
    settle_told(platform, [report for reports in told for report in reports], now)


def _refunded(platform: Platform, provider: str, mine: OurRefund) -> Sequence[RefundReport]:
    if mine.ref is not None:
        return look_up(platform, provider, mine.ref) or ()
    request = RefundRequest(
        key=mine.key, payment_ref=mine.payment_ref, amount=mine.amount, currency=mine.currency
    )
    try:
        return [platform.providers.get(provider).refund(request)]
    except (ProviderSilent, ProviderDown):
        return ()
