"""Change: steps 1 to 3 for what a customer asks for.

Owns quoting (a plan without writing anything) and opening a change. Does not own the planning itself
(`core.change`) nor the attempt's life (`opening`, `settle`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.change import Change, Context, codes_of, plan_change
from solvent.core.charged import Charged
from solvent.core.coupon import spelled
from solvent.core.health import banned, restricted
from solvent.core.ids import bucket_of
from solvent.core.plan import Plan, Refusal
from solvent.core.request import Quoted, exchanges
from solvent.core.subscription import Subscription
from solvent.flows.opening import Asked, Conflict, open_attempt
from solvent.flows.platform import Platform, traced
from solvent.flows.seats import exhausted
from solvent.ports.store import AccountView

QUOTE_LASTS = timedelta(minutes=10)
STALE = Refusal(field="quote", rule="must still hold: what was shown has changed, or it was too long ago")


@traced("quote")
def quote(platform: Platform, account_id: UUID, change: Change, now: datetime) -> Plan | Refusal:
    """What the change would cost and lead to; writes nothing."""
    with platform.store.look() as tx:
        view = tx.accounts.view(account_id)
    if view is None:
        return Refusal(field="account_id", rule="must be an existing account")
    return plan_change(change, context_of(platform, view, change, view.account.moment(now)))


@traced("open_change")
def open_change(
    platform: Platform, asked: Asked, change: Change, now: datetime
) -> Attempt | Refusal | Conflict:
    """Open the change: the attempt with its next action, or already committed when nothing is due."""

    def planner(view: AccountView, moment: datetime) -> Plan | Refusal:
        return plan_change(change, context_of(platform, view, change, moment))

    return open_attempt(platform, replace(asked, request=change), planner, now)


@traced("open_quoted")
def open_quoted(
    platform: Platform, asked: Asked, change: Change, quoted: Quoted, now: datetime
) -> Attempt | Refusal | Conflict:
    """Open the change as it was quoted, to the minor unit, or say that the quote is `STALE` and open nothing.

    The plan is made as of the quote, so that seconds in which somebody reads do not change what they were shown. It
    must come to the same plan still; what became of the account since then makes it another one.
    """

    def planner(view: AccountView, moment: datetime) -> Plan | Refusal:
        if not timedelta() <= moment - quoted.at <= QUOTE_LASTS:
            return STALE
        plan = plan_change(change, context_of(platform, view, change, quoted.at))
        same = isinstance(plan, Refusal) or plan.fingerprint == quoted.fingerprint
        return plan if same else STALE

    return open_attempt(platform, replace(asked, request=change), planner, now)


def context_of(platform: Platform, view: AccountView, change: Change, moment: datetime) -> Context:
    """What planning a change looks at."""
    subject = exchanges(change)
    return context(
        platform, view, moment, codes_of(change), [s for s in view.subscriptions if s.id == subject]
    )


def context(
    platform: Platform,
    view: AccountView,
    moment: datetime,
    codes: Sequence[str],
    exchanged: Sequence[Subscription],
) -> Context:
    """What planning looks at, for one account at one moment, about a change that names these coupons and may give back
    time of these subscriptions."""
    charged: tuple[Charged, ...] = ()
    if exchanged:
        with platform.store.look() as tx:
            charged = tx.accounts.charged(view.account.id, exchanged)
    bucket = bucket_of(view.account.id)
    catalog = platform.store.catalog([spelled(code) for code in codes])
    policy = platform.policy_of(view.account, catalog, moment)
    return Context(
        account=view.account,
        subscriptions=view.subscriptions,
        credit_grants=view.credit_grants,
        overdue=restricted(view.open_invoices, view.measures, policy, moment),
        banned=banned(view.measures),
        catalog=catalog,
        convention=platform.convention,
        policy=policy,
        now=moment,
        draw=lambda: platform.ids.draw(bucket),
        exhausted=exhausted(platform, view.account.id, codes, catalog) if codes else {},
        charged=charged,
    )
