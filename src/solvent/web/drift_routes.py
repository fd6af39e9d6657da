"""Drift routes: the part of the table of endpoints that is about drift.

Owns their public names. Does not own what happens behind them (`handlers.drift`), nor the other routes (`routes`).
"""

from solvent.web import drift_views, params
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import drift
from solvent.web.handlers.state_views import StateView

DRIFT = (
    Endpoint(
        method="GET",
        path="/v1/drift",
        name="listDrift",
        tag="accounts",
        summary="List in what stores contradict each other",
        description="What was seen and is not gone, aged; with the gauge by kind and age, and how far the daily look "
        "at every account has come.",
        run=drift.drift,
        query=params.DriftQuery,
        answers={200: (drift_views.DriftPage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/ask-providers",
        name="askProviders",
        tag="accounts",
        summary="Compare an account with what its providers say",
        description="Asks about its newest payments that are over: what turns out to be paid is settled, what only "
        "our books say is paid is kept as drift. Then it is recomputed.",
        run=drift.ask,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (StateView, "The account as it then stands.")},
        problems=("not_found",),
    ),
)
