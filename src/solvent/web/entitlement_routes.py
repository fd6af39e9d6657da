"""Entitlement routes: what product services read at run time.

Owns the public names of these endpoints. Does not own what happens behind them (`handlers.entitlements`).
"""

from solvent.web import entitlement_bodies, examples
from solvent.web.endpoint import Endpoint
from solvent.web.handlers import entitlement_changes, entitlement_tokens, entitlements
from solvent.web.handlers.entitlement_changes import EntitlementChangePage
from solvent.web.handlers.entitlement_views import EntitlementsView

ENTITLEMENTS = (
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/entitlements",
        name="getEntitlements",
        tag="entitlements",
        summary="Read what an account may use now",
        description="Send the ETag as `If-None-Match`. `Cache-Control` says how long the answer may be used, and that "
        "it may go on being used while this service does not answer.",
        run=entitlements.read,
        query=entitlement_bodies.EntitlementsQuery,
        answers={200: (EntitlementsView, "What is granted now."), 304: (None, "As you have it.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/entitlements/read",
        name="readEntitlements",
        tag="entitlements",
        summary="Read what several accounts may use now",
        description="All as of one moment. Nothing is changed: no Idempotency-Key is needed.",
        run=entitlements.read_many,
        body=entitlement_bodies.ManyBody,
        example=examples.ENTITLEMENTS,
        answers={200: (entitlement_bodies.ManyEntitlementsView, "What is granted now, account by account.")},
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/entitlement-changes",
        name="listEntitlementChanges",
        tag="entitlements",
        summary="Learn whose entitlements may have changed",
        description="In order per account, each at least once, none left out: events that change what may be used. "
        "What an account may use then is read by itself. Keep `next`, and ask again with it.",
        run=entitlement_changes.page,
        query=entitlement_bodies.ChangesQuery,
        answers={200: (EntitlementChangePage, "A page; empty when nothing has changed since.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/entitlement-token",
        name="createEntitlementToken",
        tag="entitlements",
        summary="Make a token that a product service checks by itself",
        description="Signed and short-lived; it says what is granted now, and never lives longer than that may be "
        "assumed. Nothing is changed: no Idempotency-Key is needed.",
        run=entitlement_tokens.create,
        body=entitlement_bodies.TokenBody,
        example=examples.ENTITLEMENT_TOKEN,
        answers={200: (entitlement_bodies.TokenView, "The token.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/.well-known/jwks.json",
        name="listSigningKeys",
        tag="entitlements",
        summary="The keys by which tokens are checked",
        description="A key is published before it signs, and until its last token has expired.",
        run=entitlement_tokens.keys,
        scope=None,
        answers={200: (entitlement_bodies.KeysView, "A JSON Web Key Set.")},
    ),
)
