"""Engine routes: the part of the table of endpoints that is about modes, holds and decisions.

Owns their public names. Does not own what happens behind them (`handlers.engine`), nor the other routes (`routes`).
"""

from solvent.web import engine_views, params
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import engine, engine_parity

_MODE = {"mode": "share", "share": 5, "by": "carol", "reason": "first step of the rollout"}
_HOLD = {
    "consequence": "restrict",
    "reason": "waits for a corrected invoice",
    "author": "carol",
    "expires_at": "2026-02-07T12:00:00Z",
}

ENGINE = (
    Endpoint(
        method="GET",
        path="/v1/engine",
        name="getEngine",
        tag="engine",
        summary="Read whose consequences are applied",
        run=engine.engine,
        answers={200: (engine_views.EngineHistory, "What counts now, and what was set before.")},
    ),
    Endpoint(
        method="POST",
        path="/v1/engine",
        name="setEngine",
        tag="engine",
        summary="Set whose consequences are applied",
        description="off: nothing is looked at. observe: decisions are written and not applied. share: applied to so "
        "many percent of all accounts, always the same, and to those that are named. on: to all but the excluded.",
        run=engine.set_engine,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=engine_views.EngineBody,
        body_bytes_max=engine_views.BYTES_MAX,
        example=_MODE,
        answers={200: (engine_views.EngineView, "It counts within a second.")},
        problems=("idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/engine/parity",
        name="compareEngine",
        tag="engine",
        summary="Compare what the engine decided with what was done",
        description="By itself, by hand, or by another system, which the body names. While the engine only observes, "
        "this says whether it would have done the same. Nothing is changed: no Idempotency-Key is needed.",
        run=engine_parity.parity,
        body=engine_views.ParityBody,
        body_bytes_max=engine_views.BYTES_MAX,
        example={"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"},
        answers={200: (engine_views.ParityReport, "Every consequence, also those that never came.")},
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/holds",
        name="listHolds",
        tag="engine",
        summary="List an account's holds",
        run=engine.holds,
        query=params.HoldsQuery,
        answers={200: (engine_views.HoldPage, "A page, also those that are over, oldest first.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/holds",
        name="placeHold",
        tag="engine",
        summary="Keep a consequence from an account",
        description="Until it expires, which is within a year: it does not begin, and what is in effect rests. Paying "
        "lifts in any case, and a ban is not held: it comes with giving up, as one unit.",
        run=engine.place,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=engine_views.HoldBody,
        example=_HOLD,
        answers={201: (engine_views.HoldView, "Placed; the account is looked at now, and when it expires.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/holds/{hold_id}/release",
        name="releaseHold",
        tag="engine",
        summary="End a hold before it expires",
        run=engine.release,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=engine_views.ReleaseBody,
        example={"by": "carol"},
        answers={200: (engine_views.HoldView, "Released; the account is looked at now.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/decisions",
        name="listDecisions",
        tag="engine",
        summary="List what was decided about an account",
        description="What changed something, or would have: applied, and withheld with the reason.",
        run=engine.decisions,
        query=params.DecisionsQuery,
        answers={200: (engine_views.DecisionPage, "A page, oldest first.")},
        problems=("not_found",),
    ),
)
