"""Routes: every endpoint of the API, with all that serving and documenting it need.

Owns the public names: paths, operation names, scopes, statuses and examples. Does not own what happens behind them
(`handlers`).
"""

from solvent.web import answers, bodies, examples, params
from solvent.web.change_routes import CHANGES, OPENED, OPENING
from solvent.web.checkout_routes import CARTS, CHECKOUT
from solvent.web.closing_routes import CLOSING
from solvent.web.coupon_routes import COUPONS
from solvent.web.credit_routes import CREDIT
from solvent.web.dispute_routes import DISPUTES
from solvent.web.drift_routes import DRIFT
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.engine_routes import ENGINE
from solvent.web.entitlement_routes import ENTITLEMENTS
from solvent.web.entity_routes import ENTITIES
from solvent.web.export_routes import EXPORTS
from solvent.web.handlers import (
    accounts,
    catalog,
    changes,
    events,
    methods,
    notifications,
    state,
    subscriptions,
    system,
)
from solvent.web.handlers.events import EventPage
from solvent.web.handlers.state_views import StateView
from solvent.web.invoice_item_routes import INVOICE_ITEMS
from solvent.web.invoice_routes import INVOICES
from solvent.web.ledger_routes import LEDGER
from solvent.web.method_routes import METHOD_MORE
from solvent.web.money_routes import MONEY
from solvent.web.paper_routes import PAPER
from solvent.web.pay_link_routes import PAY_LINK
from solvent.web.portal_link_routes import PORTAL_LINKS
from solvent.web.recompute_routes import RECOMPUTE
from solvent.web.reconciliation_routes import RECONCILIATIONS
from solvent.web.tax_routes import TAXES
from solvent.web.usage_routes import USAGE
from solvent.web.views import AccountView, SubscriptionView
from solvent.web.watch_routes import WATCH
from solvent.web.webhook_routes import WEBHOOKS

ACCOUNTS = (
    Endpoint(
        method="POST",
        path="/v1/accounts",
        name="createAccount",
        tag="accounts",
        summary="Register a customer",
        run=accounts.create,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=bodies.AccountBody,
        example=examples.ACCOUNT,
        answers={201: (AccountView, "Registered.")},
        problems=("idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts",
        name="listAccounts",
        tag="accounts",
        summary="List accounts in the order of their creation",
        run=accounts.page,
        query=params.AccountsQuery,
        answers={200: (answers.AccountPage, "A page.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}",
        name="getAccount",
        tag="accounts",
        summary="Read an account",
        run=accounts.read,
        answers={200: (AccountView, "The account.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/v1/accounts/{account_id}",
        name="changeAccount",
        tag="accounts",
        summary="Change who a customer is, what decides about its tax, or its terms",
        description="Name, e-mail, address: documents that were issued keep theirs. Country, region, VAT number, "
        "exemption: what was charged before keeps the tax it had, and so does the credit for it. Both are refused "
        "while debt restricts the account, by policy. Terms: invoices that were issued stay due when they are. "
        "Currency, legal entity, type, time zone and test clock never change.",
        run=accounts.change,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=bodies.AccountChangeBody,
        example=examples.ACCOUNT_CHANGE,
        answers={200: (AccountView, "As it now is.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/state",
        name="getState",
        tag="accounts",
        summary="Read the one picture of a customer",
        description="Assessed now by the same function that the recompute uses; nothing is written.",
        run=state.state,
        answers={200: (StateView, "Standing, debt, subscriptions, entitlements, methods, evidence.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/pay-debt",
        name="payDebt",
        tag="accounts",
        summary="Open one payment of invoices that are owed",
        description="Those that are named, or all of them, oldest due date first. Whatever else runs, each is charged "
        "once: the same debt has one payment under way. An older page of the customer's that was to pay one of them is "
        "closed at the provider first; a payment without the customer is waited for (409).",
        run=changes.pay_debt,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=bodies.PayDebtBody,
        example=examples.PAY_DEBT,
        answers=OPENED,
        problems=OPENING,
    ),
)

METHODS = (
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/methods",
        name="listMethods",
        tag="methods",
        summary="List an account's collection methods",
        run=methods.listed,
        query=params.MethodsQuery,
        answers={200: (answers.MethodPage, "A page, in the order in which they are tried.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/methods",
        name="addMethod",
        tag="methods",
        summary="Open the setup of a collection method",
        description="Confirm it like a change. Paying for something vaults its method too.",
        run=changes.add_method,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=bodies.MethodBody,
        example={},
        answers=OPENED,
        problems=OPENING,
    ),
    Endpoint(
        method="DELETE",
        path="/v1/accounts/{account_id}/methods/{method_id}",
        name="removeMethod",
        tag="methods",
        summary="Remove a collection method",
        description="Refused while it is the last usable one and something is to be paid.",
        run=methods.remove,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        answers={204: (None, "Removed.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
)

CATALOG = (
    Endpoint(
        method="GET",
        path="/v1/products",
        name="listProducts",
        tag="catalog",
        summary="List products",
        run=catalog.products,
        query=params.ProductsQuery,
        answers={200: (answers.ProductPage, "A page.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/prices",
        name="listPrices",
        tag="catalog",
        summary="List prices",
        run=catalog.prices,
        query=params.PricesQuery,
        answers={200: (answers.PricePage, "A page.")},
    ),
)

DOCUMENTS = (
    Endpoint(
        method="GET",
        path="/v1/subscriptions",
        name="listSubscriptions",
        tag="subscriptions",
        summary="List an account's subscriptions",
        run=subscriptions.page,
        query=params.SubscriptionsQuery,
        answers={200: (answers.SubscriptionPage, "A page, ended ones included.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/subscriptions/{subscription_id}",
        name="getSubscription",
        tag="subscriptions",
        summary="Read a subscription",
        run=subscriptions.read,
        answers={200: (SubscriptionView, "The subscription.")},
        problems=("not_found",),
    ),
)

PIPE = (
    Endpoint(
        method="GET",
        path="/v1/events",
        name="listEvents",
        tag="events",
        summary="Read what happened",
        description="Events of one account come in order, and none is left out. Keep `next`, and ask again with it.",
        run=events.page,
        query=params.EventsQuery,
        answers={200: (EventPage, "A page; empty when nothing has happened since.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/notifications/{provider}",
        name="notify",
        tag="notifications",
        summary="Take a provider's notification",
        description="For providers, which sign it: no API key. It is verified and stored, once by the provider's id, "
        "and looked at later. At most 256 KiB, or what its provider allows itself. 503: whether it is genuine has to "
        "be asked of the provider, which did not answer.",
        run=notifications.take,
        scope=None,
        raw_body=True,
        body_bytes_max=notifications.BYTES_MAX,
        answers={204: (None, "Stored, or known already.")},
        problems=("not_found", "notification_refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/clock",
        name="advanceClock",
        tag="clock",
        summary="Move a test account's clock forward",
        description="Runs everything that falls due on the way, in order.",
        run=accounts.advance,
        scope=Scope.CLOCK,
        repeat=Repeat.ANSWER,
        body=bodies.ClockBody,
        example=examples.CLOCK,
        answers={200: (answers.ClockView, "The account's new present.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
)

SYSTEM = (
    Endpoint(
        method="GET",
        path="/v1/healthz",
        name="healthz",
        tag="system",
        summary="Whether this process answers",
        run=system.healthz,
        scope=None,
        answers={200: (answers.HealthView, "It does.")},
    ),
    Endpoint(
        method="GET",
        path="/v1/readyz",
        name="readyz",
        tag="system",
        summary="Whether the database is reachable and migrated",
        run=system.readyz,
        scope=None,
        answers={200: (answers.HealthView, "It is.")},
        problems=("unavailable",),
    ),
)

API = (
    *ACCOUNTS,
    *CLOSING,
    *RECOMPUTE,
    *ENTITLEMENTS,
    *METHODS,
    *METHOD_MORE,
    *CATALOG,
    *COUPONS,
    *ENTITIES,
    *TAXES,
    *PAY_LINK,
    *PORTAL_LINKS,
    *CHANGES,
    *CARTS,
    *CHECKOUT,
    *DOCUMENTS,
    *INVOICES,
    *INVOICE_ITEMS,
    *MONEY,
    *CREDIT,
    *PAPER,
    *DISPUTES,
    *DRIFT,
    *ENGINE,
    *LEDGER,
    *EXPORTS,
    *RECONCILIATIONS,
    *USAGE,
    *WATCH,
    *WEBHOOKS,
    *PIPE,
    *SYSTEM,
)
