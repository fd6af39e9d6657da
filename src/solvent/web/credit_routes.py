"""Credit routes: the part of the table of endpoints that is about account credit.

Owns their public names. Does not own what happens behind them (`handlers.credit`), nor how credit is bought (a change,
`routes`).
"""

from solvent.web import credit_views, examples, params
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import credit

CREDIT = (
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/credit",
        name="getCredit",
        tag="credit",
        summary="Read an account's credit",
        description="By currency and kind, with what changes in flight count on; and its grants in the order in which "
        "they came about.",
        run=credit.credit,
        query=params.CreditQuery,
        answers={200: (credit_views.AccountCreditView, "All balances, and a page of grants.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/credit",
        name="giveCredit",
        tag="credit",
        summary="Give an account credit",
        description="Goodwill or sponsored credit, at the cost of revenue. Credit is bought by a change, `top_up`.",
        run=credit.give,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=credit_views.GiftBody,
        example=examples.GIFT,
        answers={
            201: (credit_views.CreditGrantView, "Given."),
            200: (credit_views.CreditGrantView, "The same key again: as it now stands."),
        },
        problems=("not_found", "idempotency_key_reused", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/credit/uses",
        name="listCreditUses",
        tag="credit",
        summary="List what became of an account's credit",
        description="What it paid for, grant by grant and line by line; what expired, was voided, refunded or charged "
        "back. In the order of the transactions.",
        run=credit.uses,
        query=params.CreditUsesQuery,
        answers={200: (credit_views.CreditUsePage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/credit/{grant_id}",
        name="getCreditGrant",
        tag="credit",
        summary="Read a grant of credit",
        run=credit.grant,
        answers={200: (credit_views.CreditGrantView, "As it now stands.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/credit/{grant_id}/void",
        name="voidCredit",
        tag="credit",
        summary="Take back what is left of credit that was given",
        description="A fact of its own: what was used of it stays used. Refused for the customer's own money.",
        run=credit.void,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=credit_views.VoidBody,
        example=examples.VOID,
        answers={200: (credit_views.CreditGrantView, "The grant, with nothing left.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
)
