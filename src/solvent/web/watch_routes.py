"""Watch routes: the part of the table of endpoints by which Solvent itself is watched.

Owns their public names. Does not own what happens behind them (`handlers.watching`), nor the other routes (`routes`).
"""

from solvent.web import watch_views as views
from solvent.web.endpoint import Endpoint
from solvent.web.handlers import watching

WATCH = (
    Endpoint(
        method="GET",
        path="/v1/metrics",
        name="metrics",
        tag="watching",
        summary="Read the metrics for Prometheus",
        description="What this process counted, and the states of the database. With several web processes each counts "
        "for itself.",
        run=watching.metrics,
        answers={200: (bytes, "In Prometheus's text format.")},
        media="text/plain",
        problems=("unavailable",),
    ),
    Endpoint(
        method="GET",
        path="/v1/kpis",
        name="getKpis",
        tag="watching",
        summary="Read the figures by which the order of things is judged, with their history",
        description="Measured by a worker every hour (`SOLVENT_KPI_MINUTES`), and by `solvent kpis` at once: they read "
        "everything.",
        run=watching.kpis,
        query=views.KpisQuery,
        answers={200: (views.KpisView, "The latest measurement, and a line for each day.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/bad-debt",
        name="listBadDebt",
        tag="watching",
        summary="List what entered bad debt and what left it",
        run=watching.bad_debt,
        query=views.BadDebtQuery,
        answers={200: (views.BadDebtPage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/polls",
        name="listPolls",
        tag="watching",
        summary="List how asking providers went",
        description="Workers ask every provider every five minutes for what notifications missed, and every hour for "
        "what it kept.",
        run=watching.polls,
        answers={200: (views.PollList, "Empty until a worker has asked.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/stuck",
        name="listStuck",
        tag="watching",
        summary="List what has been in an intermediate state for too long",
        run=watching.stuck,
        query=views.StuckQuery,
        answers={200: (views.StuckListView, "Longest first; empty when all is well.")},
    ),
)
