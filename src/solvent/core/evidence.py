"""Evidence: why an account stands as it does, in sentences.

Owns the words of each fact that a verdict rests on. They do not change by the passing of time alone. Does not own the
verdict (`health`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.consequence import Consequence
from solvent.core.dispute import Dispute
from solvent.core.dunning import Decision
from solvent.core.expiry import expired
from solvent.core.ids import spell
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.lapsing import Lapse
from solvent.core.money import format_minor
from solvent.core.owed import InEffect, Owed, UnderWay
from solvent.core.policy import Policy
from solvent.core.snapshot import Snapshot, Tries
from solvent.core.subscription import Subscription
from solvent.core.valves import Restraint, Withheld


def of_withheld(
    kept: Sequence[Withheld], wanted: bool, restraint: Restraint, lapses: Mapping[UUID, Lapse | None]
) -> tuple[str, ...]:
    """What is withheld in words, charges and ends by the clock among them."""
    stopped = restraint.stops(Consequence.COLLECT)
    charges = (f"{Consequence.COLLECT}, {stopped}",) if wanted and stopped is not None else ()
    ends = {f"{Consequence.CANCEL}, {x.withheld}" for x in lapses.values() if x is not None and x.withheld}
    return (*charges, *sorted(ends), *(f"{w.consequence}, {w.why}" for w in kept))


def beside(
    snapshot: Snapshot,
    decision: Decision,
    policy: Policy,
    lapses: Mapping[UUID, Lapse | None],
    withheld: Sequence[str],
    now: datetime,
) -> tuple[str, ...]:
    """What else there is to say of an account beside what it owes."""
    return (
        *(of_dispute(d) for d in snapshot.disputes),
        *(of_measure(m, policy) for m in decision.measures),
        *(of_lapse(s, lapses[s.id]) for s in snapshot.subscriptions if s.id in lapses),
        *(
            of_method(m)
            for m in snapshot.methods
            if m.state is MethodState.ACTIVE and expired(m, snapshot.account.time_zone, now)
        ),
        *(f"withheld: {what}" for what in withheld),
    )


def of_invoice(invoice: Invoice, tries: Tries, chance: datetime | None) -> str:
    """What is owed on an invoice, what was tried, and what comes next."""
    after = "nothing more is tried off-session" if chance is None else f"next try {chance:%Y-%m-%d %H:%M} UTC"
    if invoice.state is InvoiceState.UNCOLLECTIBLE:
        after = "it was given up as uncollectible"
    if tries.in_flight:
        after = f"a payment is in flight{_said(tries.paying)}"
    if invoice.charged_back:
        after = f"{_money(invoice.charged_back, invoice.currency)} of it were charged back; {after}"
    cause = f", last {tries.last_cause}" if tries.last_cause else ""
    return (
        f"{invoice.number} owes {_money(invoice.debt, invoice.currency)} since {invoice.due_at:%Y-%m-%d}; "
        f"{tries.failures} {'try' if tries.failures == 1 else 'tries'} failed{cause}; {after}"
    )


def _said(paying: Iterable[UnderWay]) -> str:
    """What providers last said of payments that are under way."""
    views = [p.provider_view for p in paying if p.provider_view is not None]
    said = dict.fromkeys(view.outcome.replace("_", " ") for view in views)
    return f", of which its provider last said: {', '.join(said)}" if said else ""


def of_standstill(
    invoices: Iterable[Invoice], debts: Iterable[Owed], tries: Mapping[UUID, Tries]
) -> Iterator[str]:
    """When debts did not age, and why. What lasts is told with the moment at which it ends in any case."""
    for invoice, owed in zip(invoices, debts, strict=True):
        lasting = tries.get(invoice.id, Tries()).outages[-1:]
        for since, until in () if owed.given_up else owed.stood:
            open_ = any(o.until is None and since == max(o.since, owed.due_at) for o in lasting)
            when = "stands" if open_ else "stood"
            limit = " at the latest" if open_ else ""
            yield (
                f"the age of {invoice.number} {when} still from {since:%Y-%m-%d %H:%M} until {until:%Y-%m-%d %H:%M} "
                f"UTC{limit}, because the payment provider could not be reached or took no payments"
            )


def of_method(method: CollectionMethod) -> str:
    """A method that is past its last day. It is tried all the same: banks renew cards behind the same token."""
    return f"{method.label} ({method.provider}) expired on {method.expires_on}"


def of_lapse(subscription: Subscription, lapse: Lapse | None) -> str:
    """A subscription without service, and what becomes of it."""
    since = max(subscription.grace_until or subscription.period.end, subscription.period.start)
    after = "it is ended by the billing clock" if lapse is None else lapse.why
    return f"{spell('sub', subscription.id)} has had no service since {since:%Y-%m-%d}: {after}"


def of_measure(measure: InEffect, policy: Policy) -> str:
    """A measure in effect, with its rung and policy."""
    what = measure.measure.replace("_", " ")
    return f"{what} since {measure.since:%Y-%m-%d} by rung {measure.rung!r} of the policy {policy.name!r}"


def of_dispute(dispute: Dispute) -> str:
    """A dispute that is not decided."""
    due_by = dispute.evidence_due_by
    answer = "" if due_by is None else f", to be answered by {due_by:%Y-%m-%d}"
    return (
        f"{_money(dispute.amount, dispute.currency)} of a payment by {dispute.provider} are disputed since "
        f"{dispute.opened_at:%Y-%m-%d} as {dispute.reason}: {dispute.state}{answer}"
    )


def _money(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"
