"""Replanning: the same change planned anew over the locked facts, where its plan no longer applies.

Owns which plans are made anew when their attempt ends, and what of a new one may take the place of the old: nobody is
asked for more than has come. Does not own planning (`core.change`) nor the judgement (`core.settlement`).
"""

from dataclasses import replace
from typing import TypeGuard

from solvent.core.attempt import Attempt
from solvent.core.change import Context, plan_change
from solvent.core.health import banned, restricted
from solvent.core.payment import Outcome, Report, StaleMoney
from solvent.core.plan import Plan, Refusal
from solvent.core.request import Change, exchanges
from solvent.core.settlement import Commit, Fail, Live, Strand, Verdict, stale
from solvent.flows.settle.settling import Settling


def planned_anew(
    settling: Settling, attempt: Attempt, report: Report, verdict: Verdict
) -> tuple[Attempt, Verdict]:
    """The attempt with the same change planned anew, and its commit; or both as they are.

    By policy for money that is stranded, if it covers the change; the rest becomes credit. Always for a change with
    nothing due that gives time back: somebody else's cancellation or payment may have moved an invoice that it counted,
    and nobody would ask for it again.
    """
    for_money = isinstance(verdict, Strand) and _wants_money(settling, attempt, verdict)
    if attempt.request is None or not (for_money or _gives_back(attempt, report, verdict)):
        return attempt, verdict
    live = settling.locked.live[attempt.account_id]
    plan = _plan(settling, attempt, attempt.request, live)
    if not _covered(plan, report) or stale(plan, live, settling.families) is not None:
        return attempt, verdict
    commit = Commit(proof=plan.proof, replanned=verdict.reason if isinstance(verdict, Strand) else None)
    return replace(attempt, plan=plan), commit


def _wants_money(settling: Settling, attempt: Attempt, verdict: Strand) -> bool:
    # Else nothing vouches that the customer has not bought again since, or that a coupon is still to be had.
    versioned = attempt.plan.after is not None and not attempt.plan.redeems
    wanted = verdict.reason == "stale" or (verdict.reason == "late" and versioned)
    return wanted and settling.platform.policy.stale_money is StaleMoney.REPLAN


def _gives_back(attempt: Attempt, report: Report, verdict: Verdict) -> bool:
    """Whether a change that counted unused time has failed for no other reason than that the facts have moved on."""
    lost = isinstance(verdict, Fail) and report.outcome is Outcome.SUCCEEDED
    return lost and attempt.plan.returned.counted != ()


def _covered(plan: Plan | Refusal, report: Report) -> TypeGuard[Plan]:
    """Whether what has come is enough for the new plan: nothing, for one with nothing due and nothing to confirm."""
    if report.amount == 0:
        return isinstance(plan, Plan) and plan.due == 0 and not plan.needs_setup
    return isinstance(plan, Plan) and 0 < plan.due <= report.amount and plan.currency == report.currency


def _plan(settling: Settling, attempt: Attempt, change: Change, live: Live) -> Plan | Refusal:
    settling.write_of(attempt.account_id)
    view = settling.tx.accounts.view(attempt.account_id)
    assert view is not None, f"attempt {attempt.id} belongs to no account"
    moment = live.account.moment(settling.now)
    policy = settling.platform.policy_of(view.account, settling.catalog, moment)
    context = Context(
        account=view.account,
        subscriptions=view.subscriptions,
        credit_grants=tuple(live.credit_grants.values()),
        overdue=restricted(view.open_invoices, view.measures, policy, moment),
        banned=banned(view.measures),
        catalog=settling.catalog,
        convention=settling.platform.convention,
        policy=policy,
        now=moment,
        draw=lambda: settling.platform.ids.draw(settling.bucket),
        charged=settling.tx.accounts.charged(
            attempt.account_id, [s for s in view.subscriptions if s.id == exchanges(change)]
        ),
    )
    plan = plan_change(change, context)
    _hold_counted(settling, plan, live)
    return plan


def _hold_counted(settling: Settling, plan: Plan | Refusal, live: Live) -> None:
    """What the new plan counts on may be others than what the old one did."""
    for counted in plan.returned.counted if isinstance(plan, Plan) else ():
        if counted.invoice_id not in live.credited:  # though it may be among those that are settled
            claim = settling.tx.books.hold(settling.bucket, counted.invoice_id)
            assert claim is not None, f"invoice {counted.invoice_id} was read"
            live.invoices[counted.invoice_id] = claim.invoice
            live.credited[counted.invoice_id] = claim.credited
