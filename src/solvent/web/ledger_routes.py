"""Ledger routes: the part of the table of endpoints that is about closing the books.

Owns their public names. Does not own what happens behind them (`handlers.ledger`), nor the other routes (`routes`).
"""

from solvent.web import params
from solvent.web.endpoint import Endpoint
from solvent.web.handlers import ledger
from solvent.web.handlers.ledger_views import AgeingView, ChartView, PostingPage, TrialBalanceView

_AS_OF = (
    "Counts what was booked before `at` (default: now): the first instant of a month closes the one before. "
)

LEDGER = (
    Endpoint(
        method="GET",
        path="/v1/ledger/accounts",
        name="listLedgerAccounts",
        tag="ledger",
        summary="Read the chart of accounts",
        run=ledger.chart,
        answers={200: (ChartView, "All of it.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/ledger/trial-balance",
        name="getTrialBalance",
        tag="ledger",
        summary="Read the trial balance as of an instant",
        description=_AS_OF
        + "Fees in advance are revenue as far as their period has passed, and deferred from there "
        "on. What is booked later shows later: a closed month never changes.",
        run=ledger.trial_balance,
        query=params.TrialBalanceQuery,
        answers={
            200: (TrialBalanceView, "Per legal entity, currency and ledger account; each sums to zero.")
        },
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/ledger/ageing",
        name="getAgeing",
        tag="ledger",
        summary="Read receivables by how long they are due, as of an instant",
        description=_AS_OF + "A debt is in `days_1_30` from the first instant after its due date.",
        run=ledger.ageing,
        query=params.AgeingQuery,
        answers={200: (AgeingView, "Totals of all that was asked for, and a page of accounts.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/ledger/postings",
        name="listPostings",
        tag="ledger",
        summary="List postings in the order of their transactions",
        description="As they were written. What lines in advance earn between postings is in the trial balance, and by "
        "month in the exported journal.",
        run=ledger.postings,
        query=params.PostingsQuery,
        answers={200: (PostingPage, "A page.")},
        problems=("not_found", "refused"),
    ),
)
