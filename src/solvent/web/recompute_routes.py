"""Recompute routes: looking at one account now.

Owns the public name of this endpoint. Does not own what happens behind it (`handlers.recomputing`).
"""

from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import recomputing
from solvent.web.handlers.state_views import StateView

RECOMPUTE = (
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/recompute",
        name="recomputeAccount",
        tag="accounts",
        summary="Look at one account now, and do what follows",
        description="Every store is read and assessed by policy, and what differs is brought about, as on any other "
        "trigger: doing it twice is doing it once. The answer is the picture afterwards.",
        run=recomputing.recompute_now,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (StateView, "Standing, debt, subscriptions, entitlements, methods, evidence.")},
        problems=("not_found",),
    ),
)
