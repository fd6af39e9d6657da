"""Engine: its mode, holds of accounts, and what was decided about them.

Owns how a request becomes one read or one flow. Does not own what a mode or a hold means (`core`).
"""

from solvent.core.caps import Caps
from solvent.core.consequence import Consequence
from solvent.core.engine import Engine, broken_rule
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows.holds import place_hold, release_hold
from solvent.store import engine as stored
from solvent.store.holds import StoredHold
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.engine_views import (
    CapView,
    DecisionView,
    EngineBody,
    EngineHistory,
    EngineView,
    HoldBody,
    HoldView,
    ReleaseBody,
)
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.shared import account_in_path, refusal_problem
from solvent.web.params import DecisionsQuery, HoldsQuery
from solvent.web.problems import refused

HISTORY_MAX = 50


def engine(call: Call) -> Reply:
    """What counts now, and what was set before."""
    with call.solvent.database.transaction() as connection:
        now, before = stored.read(connection), stored.history(connection, HISTORY_MAX)
        caps = [cap_view(used) for used in stored.used(connection, call.now)]
    return Reply(EngineHistory(now=engine_view(now), caps=caps, history=[engine_view(one) for one in before]))


def set_engine(call: Call) -> Reply:
    """Let a mode count from now on."""
    body: EngineBody = call.body
    wanted = Engine(
        mode=body.mode,
        share=body.share,
        accounts=tuple(uuid_in(account) for account in body.accounts),
        excluded_segments=body.excluded_segments,
        excluded_accounts=tuple(uuid_in(account) for account in body.excluded_accounts),
        caps=Caps(accounts=body.caps, hours=body.cap_hours),
        by=body.by,
        reason=body.reason,
        set_at=call.now,
    )
    broken = broken_rule(wanted)
    if broken is not None:
        raise refused(*broken)
    stored.set_mode(call.solvent.database.pool, wanted, call.now)
    return Reply(engine_view(wanted))


def holds(call: Call) -> Reply:
    """A page of an account's holds."""
    query: HoldsQuery = call.query
    account = account_in_path(call)
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.holds.holds(account.id, after, query.limit + 1)
    return paged([_hold_view(hold) for hold in found], query.limit)


def place(call: Call) -> Reply:
    """Keep a consequence from an account."""
    body: HoldBody = call.body
    account = account_in_path(call)
    placed = place_hold(
        call.solvent.platform,
        account.id,
        body.consequence,
        body.reason,
        body.author,
        body.expires_at,
        call.now,
    )
    if isinstance(placed, Refusal):
        raise refusal_problem(placed)
    return Reply(_hold_view(call.queries.holds.hold(account.id, placed.id)), 201)


def release(call: Call) -> Reply:
    """End a hold before it expires."""
    body: ReleaseBody = call.body
    account = account_in_path(call)
    hold_id = public_id("hld", call.path["hold_id"], "hold_id")
    refusal = release_hold(call.solvent.platform, account.id, hold_id, body.by, call.now)
    if refusal is not None:
        raise refusal_problem(refusal)
    return Reply(_hold_view(call.queries.holds.hold(account.id, hold_id)))


def decisions(call: Call) -> Reply:
    """A page of what was decided about an account."""
    query: DecisionsQuery = call.query
    account = account_in_path(call)
    after = None if query.after is None else uuid_in(query.after)
    found = [
        DecisionView(
            id=spell("dec", one.id),
            decided_at=one.decided_at,
            policy=one.policy,
            applied=one.applied,
            withheld=one.withheld,
        )
        for one in call.queries.holds.decisions(account.id, after, query.limit + 1)
    ]
    return paged([*found], query.limit)


def engine_view(one: Engine) -> EngineView:
    """A mode as it is shown."""
    return EngineView(
        mode=one.mode,
        share=one.share,
        accounts=[spell("acc", account) for account in one.accounts],
        excluded_segments=list(one.excluded_segments),
        excluded_accounts=[spell("acc", account) for account in one.excluded_accounts],
        caps=dict(one.caps.accounts),
        cap_hours=one.caps.hours,
        by=one.by,
        reason=one.reason,
        set_at=one.set_at,
    )


def cap_view(used: stored.Used) -> CapView:
    """How far a cap is used."""
    return CapView(
        consequence=used.consequence,
        most=used.most,
        taken=used.taken,
        waiting=used.waiting,
        oldest_due=used.oldest_due,
        begins_at=used.begins_at,
        ends_at=used.ends_at,
    )


def _hold_view(hold: StoredHold) -> HoldView:
    return HoldView(
        id=spell("hld", hold.id),
        consequence=Consequence(hold.consequence),
        reason=hold.reason,
        author=hold.author,
        placed_at=hold.placed_at,
        expires_at=hold.expires_at,
        released_at=hold.released_at,
        released_by=hold.released_by,
    )
