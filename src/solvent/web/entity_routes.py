"""Entity routes: the part of the table of endpoints that is about the legal entities that bill.

Owns their public names. Does not own what happens behind them (`handlers.entities`), nor the other routes (`routes`).
"""

from solvent.web import entity_views as views
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import entities
from solvent.web.params import EntityVersionsQuery

_ONE = "/v1/entities/{entity_id}"
_ENTITY = {
    "name": "Solvent Europe B.V.",
    "country": "NL",
    "series_prefix": "SEU",
    "address": {"lines": ["Herengracht 182"], "city": "Amsterdam", "postal_code": "1016 BR"},
    "tax_ids": [{"scheme": "VAT", "value": "NL004495445B01"}],
    "bank_accounts": [{"currency": "EUR", "holder": "Solvent Europe B.V.", "iban": "NL91ABNA0417164300"}],
}

ENTITIES = (
    Endpoint(
        method="GET",
        path="/v1/entities",
        name="listEntities",
        tag="entities",
        summary="List the legal entities that bill",
        run=entities.page,
        query=views.EntitiesQuery,
        answers={200: (views.EntityPage, "A page, as they are now.")},
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="getEntity",
        tag="entities",
        summary="Read a legal entity",
        run=entities.read,
        answers={200: (views.EntityView, "As it is now.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="PUT",
        path=_ONE,
        name="putEntity",
        tag="entities",
        summary="Declare a legal entity",
        description="Whole: what is left out, it does not have. What changes is its next version, which invoices "
        "issued from now on say; the same again changes nothing.",
        run=entities.put,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=views.EntityBody,
        example=_ENTITY,
        answers={
            201: (views.EntityView, "It may bill."),
            200: (views.EntityView, "As it now is."),
        },
        problems=("idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/versions",
        name="listEntityVersions",
        tag="entities",
        summary="Read what a legal entity's invoices said, and since when",
        run=entities.versions,
        query=EntityVersionsQuery,
        answers={200: (views.EntityPage, "A page, the oldest first.")},
        problems=("not_found",),
    ),
)
