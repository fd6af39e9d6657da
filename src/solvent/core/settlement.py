"""Settlement: what a report about an attempt leads to, judged against the locked facts.

Owns the judgement (step 5's precondition) as one pure function from attempt, report and live facts to a verdict, and
how those facts change as a batch is judged in order. Does not own what a verdict writes (`booking`) nor the
transaction around it (the settle flow).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.closed_account import closed_to
from solvent.core.collection import plan_with_less_credit
from solvent.core.credit import CreditGrant, balance, lacking
from solvent.core.credit_line import Credited, credited_after
from solvent.core.facts import Booking
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.payment import AttemptState, FailureCause, Outcome, ProofKind, Report
from solvent.core.plan import Intent, OnFailure, Plan
from solvent.core.subscription import Subscription, SubscriptionState


class Families:
    """The product family of each price, looked up as needed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __getitem__(self, price_id: str) -> str:
        return self._catalog.product_of(price_id).family


@dataclass(slots=True, kw_only=True)
class Live:
    """The facts about one attempt that are locked while it is judged; updated as a batch is judged in order.

    `versions` holds subscriptions' versions (absent: does not exist), `scheduled` those with a pending change,
    `taken` the live items of the account as (family, object) → subscription, `invoices` those that attempts are
    about, `credited` what credit notes took of each of their lines, by position, `on_grace` the subscriptions whose
    period stands on an invoice, `credit_grants` those that have something left, in the account's currency, `methods`
    what is on file, as (provider, token) → id, `usage` the versions of usage periods by item and start, `items` those
    of invoice items that wait, `carts` are the carts that have been paid.
    """

    account: Account
    versions: dict[UUID, int] = field(default_factory=dict)
    scheduled: set[UUID] = field(default_factory=set)
    taken: dict[tuple[str, str], UUID] = field(default_factory=dict)
    invoices: dict[UUID, Invoice] = field(default_factory=dict)
    credited: dict[UUID, Credited] = field(default_factory=dict)
    on_grace: dict[UUID, tuple[Subscription, ...]] = field(default_factory=dict)
    credit_grants: dict[UUID, CreditGrant] = field(default_factory=dict)
    methods: dict[tuple[str, str], UUID] = field(default_factory=dict)
    usage: dict[tuple[UUID, datetime], int] = field(default_factory=dict)
    items: dict[UUID, int] = field(default_factory=dict)
    carts: set[UUID] = field(default_factory=set)

    def follow(self, booking: Booking, families: Families) -> None:
        """Bring the facts to what they are after `booking`."""
        for grant in booking.credit_grants:
            if grant.currency == self.account.currency:  # stranded money may be in another one
                self.credit_grants[grant.id] = grant
        for use in booking.credit_uses:
            self.credit_grants[use.grant_id] = self.credit_grants[use.grant_id].less(use.amount)
        if booking.invoice is not None:
            self.invoices[booking.invoice.id] = booking.invoice.value(self.account.id)
        if booking.settled is not None:
            self.invoices[booking.settled.id] = booking.settled.after
        if (note := booking.credit_note) is not None:
            before = self.credited.get(note.invoice_id, {})
            self.credited[note.invoice_id] = credited_after(before, note.lines)
        self.usage |= {(x.item_id, x.starts_at): x.base + 1 for x in booking.usage}
        for item in booking.items:
            self.items.pop(item.item_id, None)
        if booking.subscription is not None:
            self.advance(booking.subscription, families)
        for other in booking.others:
            self.follow(other, families)

    @property
    def credit(self) -> int:
        """What is left of the grants, in minor units."""
        return balance(self.credit_grants.values())

    def advance(self, after: Subscription, families: Families) -> None:
        """The subscription is now as `after` says."""
        self.versions[after.id] = after.version
        self.scheduled.discard(after.id)
        if after.pending is not None:
            self.scheduled.add(after.id)
        self.taken = {place: holder for place, holder in self.taken.items() if holder != after.id}
        if after.state is not SubscriptionState.ENDED:
            self.taken |= {(families[i.price_id], i.object): after.id for i in after.items}
        standing = {k: tuple(s for s in held if s.id != after.id) for k, held in self.on_grace.items()}
        self.on_grace = {k: held for k, held in standing.items() if held}
        if after.grace_invoice is not None:
            self.on_grace[after.grace_invoice] = (*self.on_grace.get(after.grace_invoice, ()), after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is already recorded about one attempt: the provider refs of its payments, and the open invoice that its
    own commit left unpaid."""

    refs: frozenset[str] = frozenset()
    issued: UUID | None = None

    def after(self, booking: Booking) -> "Past":
        """The same when `booking` is recorded as well."""
        refs = self.refs if booking.payment is None else self.refs | {booking.payment.ref}
        invoice = booking.invoice
        if invoice is not None and invoice.paid < invoice.total:
            return Past(refs=refs, issued=invoice.id)
        return Past(refs=refs, issued=self.issued)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Write the plan, on this proof; `cause` says why it is only grace.

    `replanned` is why the money was stranded, when the plan is one made anew for it.
    """

    proof: ProofKind
    cause: FailureCause | None = None
    replanned: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayIssued:
    """Late money for a plan that was committed on grace: it pays the invoice which that commit left open.

    Or money for a debt that was given up while it was on its way (`of_plan`): it recovers the debt, and what is beyond
    it becomes credit.
    """

    invoice_id: UUID
    of_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """Money that cannot be used for its plan: a forward fact by policy.

    `reason`: stale (the facts have moved on), late (the attempt had failed), duplicate (its plan was settled or its
    money returned before), amount (not what was due). `grace`: the plan is committed on grace first, as after any
    other payment that failed; it says why, and is None where policy grants none.
    """

    reason: str
    grace: FailureCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """The attempt has ended without money; nothing is committed."""

    cause: FailureCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The attempt goes on; the journal remembers where it stands."""

    state: AttemptState


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The report says nothing new."""


Verdict = Commit | PayIssued | Strand | Fail | Wait | Nothing


def judge(attempt: Attempt, report: Report, live: Live, past: Past, families: Families) -> Verdict:
    """What to do with a report. Money that is reported twice under one ref is one movement."""
    if report.outcome is Outcome.SUCCEEDED and report.ref in past.refs:
        return Nothing()
    if not attempt.in_flight:
        return _judge_finished(attempt, report, live, past, families)
    if report.unheard and attempt.ref is not None:
        return Nothing()
    match report.outcome:
        case Outcome.SUCCEEDED:
            return _judge_success(attempt, report, live, families)
        case Outcome.FAILED:
            return _judge_failure(attempt.plan, report, live, families)
        case Outcome.REQUIRES_ACTION:
            return Wait(state=AttemptState.REQUIRES_ACTION)
        case Outcome.PROCESSING:
            return Wait(state=AttemptState.PROCESSING)
        case Outcome.UNKNOWN:
            return Wait(state=AttemptState.UNKNOWN)
    assert_never(report.outcome)


def judge_recounted(
    attempt: Attempt, report: Report, live: Live, past: Past, families: Families, now: datetime
) -> tuple[Attempt, Verdict]:
    """`judge`, but an invoice whose credit was spent meanwhile is planned anew first; with its plan as judged.

    Nobody asks for such an invoice again, as the billing clock does for a renewal. Where the credit was to cover it all
    no provider was asked yet: it still can be, for what is due now. What has come for the plan before is stale.
    """
    recounted = _recounted(attempt, report, live, now)
    verdict = judge(recounted, report, live, past, families)
    if isinstance(verdict, Strand) and recounted is not attempt and report.amount == attempt.plan.due:
        verdict = replace(verdict, reason="stale")
    return recounted, verdict


def _recounted(attempt: Attempt, report: Report, live: Live, now: datetime) -> Attempt:
    plan = attempt.plan
    if (
        plan.intent not in (Intent.INVOICE, Intent.BILL_USAGE)
        or not lacking(plan.draws, live.credit_grants)
        or not attempt.in_flight
    ):
        return attempt
    moved = report.outcome is Outcome.SUCCEEDED and (report.amount > 0 or plan.due == 0)
    if not moved and report.outcome is not Outcome.FAILED:
        return attempt
    return replace(attempt, plan=plan_with_less_credit(plan, live.credit_grants, now))


def stale(plan: Plan, live: Live, families: Families) -> str | None:
    """Why the plan no longer applies to the live facts; None when it does."""
    if closed_to(plan, live.account):
        return "closed"
    for after in plan.subscriptions:
        if live.versions.get(after.id, 0) != after.version - 1:
            return "version"
        for item in after.items:
            holder = live.taken.get((families[item.price_id], item.object))
            if holder is not None and holder != after.id:
                return "item"
    if _invoices_moved(plan, live):
        return "invoice"
    if any(live.usage.get((x.item_id, x.starts_at)) != x.base for x in plan.usage):
        return "usage"
    if any(live.items.get(x.item_id) != x.base for x in plan.items):
        return "items"
    if plan.cart is not None and plan.cart.cart_id in live.carts:
        return "cart"
    return "credit" if lacking(plan.draws, live.credit_grants) else None


def _invoices_moved(plan: Plan, live: Live) -> bool:
    """Whether an invoice is no more as the plan found it: one that it pays or credits, or whose time it counted. What
    was credited of lines that the plan did not count is no reason."""
    invoices = live.invoices
    owed = {i: v for i, v in invoices.items() if v.owed}
    if any(x.invoice_id not in owed or owed[x.invoice_id].version != x.version for x in plan.settles):
        return True
    if any(x.invoice_id not in invoices or not x.fits(invoices[x.invoice_id]) for x in plan.credit_notes):
        return True
    return any(
        x.invoice_id not in invoices or not x.stands(live.credited.get(x.invoice_id, {}))
        for x in plan.returned.counted
    )


def _judge_failure(plan: Plan, report: Report, live: Live, families: Families) -> Verdict:
    cause = report.cause or FailureCause.DECLINED
    if _has_grace(plan, live, families):
        return Commit(proof=ProofKind.GRACE, cause=cause)
    return Fail(cause=cause)


def _has_grace(plan: Plan, live: Live, families: Families) -> bool:
    """Grace needs something that is owed: a plan with nothing due has nothing to be forgiven for a while."""
    return plan.on_failure is OnFailure.GRACE and plan.due > 0 and stale(plan, live, families) is None


def _judge_success(attempt: Attempt, report: Report, live: Live, families: Families) -> Verdict:
    plan = attempt.plan
    moved = report.amount > 0
    if plan.due > 0 and not moved:
        return Wait(state=AttemptState.UNKNOWN)  # a success that moved nothing proves nothing: ask again
    if moved and (report.amount, report.currency) != (plan.due, plan.currency):
        # The payment that was asked for was not made: whatever a failure leads to must not be asked for again at once.
        forgiven = _has_grace(plan, live, families)
        return Strand(reason="amount", grace=FailureCause.DECLINED if forgiven else None)
    if stale(plan, live, families) is not None:
        only = plan.settles[0].invoice_id if len(plan.settles) == 1 else None
        if only is not None and _recovers(live.invoices.get(only), report):
            return PayIssued(invoice_id=only, of_plan=True)
        return Strand(reason="stale") if moved else Fail(cause=FailureCause.CANCELED)
    return Commit(proof=plan.proof)


def _judge_finished(attempt: Attempt, report: Report, live: Live, past: Past, families: Families) -> Verdict:
    """Only money matters to an attempt that has ended: it is used if it still can be, else stranded."""
    if report.outcome is not Outcome.SUCCEEDED or report.amount == 0:
        return Nothing()
    if attempt.state is AttemptState.FAILED:
        return _judge_late(attempt, report, live, families)
    invoice = None if past.issued is None else live.invoices.get(past.issued)
    if invoice is None or not invoice.owed:
        return Strand(reason="duplicate")
    if not _recovers(invoice, report) and (report.amount, report.currency) != (
        invoice.debt,
        invoice.currency,
    ):
        return Strand(reason="duplicate" if past.refs else "amount")
    return PayIssued(invoice_id=invoice.id)


def _judge_late(attempt: Attempt, report: Report, live: Live, families: Families) -> Verdict:
    """A success after all: the plan is committed if a version still vouches that nothing took its place.

    A purchase has no version. Whoever was told that it failed may have bought again, so its money is stranded. So it is
    where the plan redeems a coupon: the end of the attempt made its seats free for others. And so it is for a cart:
    another attempt may have paid it, or the customer has left it.
    """
    versioned = attempt.plan.after is not None or attempt.plan.settles != ()
    versioned = versioned and not attempt.plan.redeems and attempt.plan.cart is None
    verdict = _judge_success(attempt, report, live, families)
    usable = versioned and isinstance(verdict, Commit | PayIssued)
    return verdict if usable else Strand(reason="late")


def _recovers(invoice: Invoice | None, report: Report) -> bool:
    """Whether money pays what had been given up. Nobody collects that again, so it is not left to account credit."""
    if invoice is None or invoice.state is not InvoiceState.UNCOLLECTIBLE:
        return False
    return report.currency == invoice.currency and report.amount >= invoice.debt
