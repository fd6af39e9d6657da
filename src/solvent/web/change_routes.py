"""Change routes: the part of the table of endpoints that quotes, opens and confirms changes, and finds them again.

Owns their public names, and what opening anything answers. Does not own what happens behind them (`handlers.changes`),
nor the other routes (`routes`).
"""

from typing import Any

from solvent.web import bodies, change_params, examples
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import changes
from solvent.web.handlers.change_view import AttemptPage, ChangeView
from solvent.web.views import PlanView

OPENED: dict[int, tuple[Any, str]] = {
    201: (ChangeView, "Opened; committed at once when nothing is due."),
    200: (ChangeView, "It was there: the same key again, or the same change under way. As it stands now."),
}
OPENING = ("not_found", "payment_method_required", "idempotency_key_reused", "in_flight", "refused")

CHANGES = (
    Endpoint(
        method="POST",
        path="/v1/quotes",
        name="quote",
        tag="changes",
        summary="Ask what a change would cost",
        description="Plans the change and writes nothing: no Idempotency-Key is needed. The plan equals what opening "
        "the change at the same moment would commit.",
        run=changes.quote,
        body=bodies.QuoteBody,
        example=examples.QUOTE,
        answers={200: (PlanView, "The plan.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/changes",
        name="openChange",
        tag="changes",
        summary="Open a change",
        description="Nothing of it is written before its payment is confirmed. With nothing due it is committed at "
        "once. A change about the same thing that waits for its customer is superseded by another plan.",
        run=changes.open_change,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=bodies.ChangeBody,
        example=examples.CHANGE,
        answers=OPENED,
        problems=OPENING,
    ),
    Endpoint(
        method="GET",
        path="/v1/changes",
        name="listChanges",
        tag="changes",
        summary="List changes, of one account or of all",
        run=changes.page,
        query=change_params.OpenedChangesQuery,
        answers={200: (AttemptPage, "A page, in the order in which they were opened.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/changes/{change_id}",
        name="getChange",
        tag="changes",
        summary="Read a change",
        run=changes.read_change,
        answers={200: (ChangeView, "As it stands now.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/changes/{change_id}/confirm",
        name="confirmChange",
        tag="changes",
        summary="Confirm the payment of a change",
        description="The customer's part: with the provider's token of what is paid with, or without one for a "
        "stored method or after a redirect. A declined payment answers 200 with `state` and `cause`: it is an outcome, "
        "not an error. Repeating it is harmless: one attempt is charged at most once.",
        run=changes.confirm_change,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=bodies.ConfirmBody,
        example=examples.CONFIRM,
        answers={200: (ChangeView, "As it stands now.")},
        problems=("not_found",),
    ),
)
