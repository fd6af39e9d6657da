"""Disputes: reading them, and answering them.

Owns how a request becomes one read or one flow, and what it answers. Does not own what an answer leads to
(`flows.disputes`) nor any rule (`core`).
"""

from solvent.core.dispute import Evidence
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows import disputes as flow
from solvent.store.dispute_reads import StoredDispute, Which
from solvent.web.change_params import DisputesQuery
from solvent.web.decoding import public_id
from solvent.web.dispute_views import DisputeView, EvidenceBody, LossView
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.filters import checked
from solvent.web.handlers.shared import existing_account, refusal_problem
from solvent.web.present import amount_text
from solvent.web.problems import Problem, not_found


def dispute(call: Call) -> Reply:
    """One dispute as it now stands."""
    return Reply(dispute_view(_found(call)))


def disputes(call: Call) -> Reply:
    """A page of disputes."""
    query: DisputesQuery = call.query
    checked(
        call,
        currency=query.currency,
        entity=query.entity,
        provider=query.provider,
        broken=query.broken_rules(),
    )
    which = Which(
        account=None if query.account is None else existing_account(call, uuid_in(query.account)).id,
        payment=None if query.payment is None else uuid_in(query.payment),
        state=query.state,
        undecided=query.open,
        currency=query.currency,
        entity=query.entity,
        provider=query.provider,
        start=query.recorded_from,
        end=query.recorded_to,
    )
    after = None if query.after is None else uuid_in(query.after)
    return paged(
        [dispute_view(one) for one in call.queries.disputes.page(which, after, query.limit + 1)], query.limit
    )


def submit_evidence(call: Call) -> Reply:
    """Answer a dispute with evidence."""
    body: EvidenceBody = call.body
    found = _found(call)
    evidence = Evidence(statement=body.statement)
    return _answered(call, flow.submit_evidence(call.solvent.platform, found.dispute, evidence, call.now))


def accept(call: Call) -> Reply:
    """Leave the money to the payer."""
    return _answered(call, flow.accept(call.solvent.platform, _found(call).dispute, call.now))


def _answered(call: Call, answer: Refusal | flow.Unanswered | None) -> Reply:
    match answer:
        case None:
            return Reply(dispute_view(_found(call)))
        case flow.Unanswered():
            detail = "the provider did not say how the dispute stands now; it may have taken the answer"
            raise Problem("unavailable", detail)
        case Refusal():
            raise refusal_problem(answer)


def _found(call: Call) -> StoredDispute:
    spelled = call.path["dispute_id"]
    found = call.queries.disputes.one(public_id("dsp", spelled, "dispute_id"))
    if found is None:
        raise not_found("dispute", spelled)
    return found


def dispute_view(stored: StoredDispute) -> DisputeView:
    """A dispute as it now stands."""
    one = stored.dispute
    return DisputeView(
        id=spell("dsp", one.id),
        account_id=spell("acc", stored.account_id),
        payment_id=spell("pay", one.payment_id),
        invoice_id=None if stored.invoice_id is None else spell("inv", stored.invoice_id),
        provider=one.provider,
        ref=one.ref,
        currency=one.currency,
        amount=one.amount,
        amount_text=amount_text(one.amount, one.currency),
        held=one.held,
        state=one.state,
        reason=one.reason,
        evidence_due_by=one.evidence_due_by,
        fee=one.fee,
        fee_currency=one.fee_currency,
        loss=None
        if one.loss is None
        else LossView(
            to_debt=one.loss.to_debt, from_credit=one.loss.from_credit, written_off=one.loss.written_off
        ),
        opened_at=one.opened_at,
        recorded_at=stored.recorded_at,
        lost_at=stored.lost_at,
        decided_at=stored.decided_at,
    )
