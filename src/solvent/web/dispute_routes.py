"""Dispute routes: the part of the table of endpoints that is about disputes.

Owns their public names. Does not own what happens behind them (`handlers.disputes`), nor the other routes (`routes`).
"""

from solvent.web import change_params, dispute_views, examples
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import disputes

DISPUTES = (
    Endpoint(
        method="GET",
        path="/v1/disputes",
        name="listDisputes",
        tag="disputes",
        summary="List disputes",
        run=disputes.disputes,
        query=change_params.DisputesQuery,
        answers={200: (dispute_views.DisputePage, "A page.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/disputes/{dispute_id}",
        name="getDispute",
        tag="disputes",
        summary="Read a dispute",
        run=disputes.dispute,
        answers={200: (dispute_views.DisputeView, "As it stands now.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/disputes/{dispute_id}/evidence",
        name="submitEvidence",
        tag="disputes",
        summary="Answer a dispute with evidence",
        description="Passed on to the provider, if it takes evidence this way. 503: it did not answer, and may have "
        "taken it; asking again does no harm.",
        run=disputes.submit_evidence,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=dispute_views.EvidenceBody,
        example=examples.EVIDENCE,
        answers={200: (dispute_views.DisputeView, "The dispute as it now stands.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/disputes/{dispute_id}/accept",
        name="acceptDispute",
        tag="disputes",
        summary="Leave the money to the payer",
        description="What the payment paid is owed again. 503: the provider did not answer, and may have taken it; "
        "asking again does no harm.",
        run=disputes.accept,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (dispute_views.DisputeView, "The dispute as it now stands.")},
        problems=("not_found", "refused"),
    ),
)
