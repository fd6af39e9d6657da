"""Reconciliation routes: the part of the table of endpoints that is about comparisons with providers.

Owns their public names. Does not own what happens behind them (`handlers.reconciliations`), nor the other routes
(`routes`).
"""

from solvent.web import params, reconciliation_views
from solvent.web.endpoint import Endpoint
from solvent.web.handlers import reconciliations

RECONCILIATIONS = (
    Endpoint(
        method="GET",
        path="/v1/reconciliations",
        name="listReconciliations",
        tag="ledger",
        summary="List comparisons of the books with providers, the latest first",
        description="What `solvent reconcile` found: each with what moved at the provider in that time, and how many "
        "differences there were.",
        run=reconciliations.page,
        query=params.ReconciliationsQuery,
        answers={200: (reconciliation_views.ReconciliationPage, "A page.")},
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/reconciliations/{reconciliation_id}",
        name="getReconciliation",
        tag="ledger",
        summary="Read a comparison",
        run=reconciliations.one,
        answers={200: (reconciliation_views.ReconciliationView, "As it was made.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/reconciliations/{reconciliation_id}/differences",
        name="listDifferences",
        tag="ledger",
        summary="List what a comparison found",
        run=reconciliations.differences,
        query=params.DifferencesQuery,
        answers={
            200: (reconciliation_views.DifferencePage, "A page, in the order in which they were found.")
        },
        problems=("not_found",),
    ),
)
