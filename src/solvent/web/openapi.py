"""OpenAPI: the document of the API (3.1), made from the routes themselves.

Owns the document's shape. Does not own what it says: routes, structs and problems say it, so that it cannot differ
from what is served.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from solvent import __version__
from solvent.web import fields, problems, tax_views
from solvent.web.endpoint import Endpoint, Repeat
from solvent.web.openapi_moments import tell_moments

_EVERYWHERE = ("invalid_request", "internal", "unavailable")
_WITH_KEY = ("unauthorized", "forbidden")
_PARAMETER = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"
KEY_HEADER: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Any text of 1 to 200 printable ASCII characters, new for each thing you want done. The same key "
    "with the same request gives the same thing; with another request it is refused (409).",
    "schema": {"type": "string", "pattern": r"^[!-~]([ -~]{0,198}[!-~])?$"},
    "example": "order-4711",
}
_IDS: Mapping[str, Any] = {  # in paths; any other text of a wrong shape is not found
    "account_id": fields.AccountId,
    "cart_id": fields.CartId,
    "change_id": fields.ChangeId,
    "credit_note_id": fields.CreditNoteId,
    "dispute_id": fields.DisputeId,
    "draft_id": fields.DraftId,
    "endpoint_id": fields.WebhookEndpointId,
    "entity_id": fields.EntityId,
    "event_id": fields.EventId,
    "grant_id": fields.CreditGrantId,
    "hold_id": fields.HoldId,
    "invoice_id": fields.InvoiceId,
    "invoice_item_id": fields.InvoiceItemId,
    "line_id": fields.CartLineId,
    "method_id": fields.MethodId,
    "payment_id": fields.PaymentId,
    "rate_id": tax_views.RateId,
    "reconciliation_id": fields.ReconciliationId,
    "refund_id": fields.RefundId,
    "subscription_id": fields.SubscriptionId,
}
_ABOUT = """Solvent confirms payment before it commits state. A change is planned, opened, confirmed, and only then
written: subscription, invoice, payment, ledger, entitlements and events in one transaction.

Amounts are integers in minor units of an ISO 4217 currency. Ids carry their kind (`acc_…`, `sub_…`). Lists are paged
by cursor. Errors are problem details (RFC 9457) that name the field and the rule."""


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The whole document."""
    endpoints = list(endpoints)
    kinds = _kinds(endpoints)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    tell_moments(kinds, components)
    schema_of = dict(zip(map(id, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(
            endpoint, schema_of, components
        )
    for kind in {endpoint.query for endpoint in endpoints if endpoint.query is not None}:
        del components[kind.__name__]  # its fields stand with each operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Solvent", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}],
        "tags": [{"name": name} for name in dict.fromkeys(e.tag for e in endpoints)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {code: _problem(code) for code in problems.KINDS},
            "parameters": {"IdempotencyKey": dict(KEY_HEADER)},
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `sk_…`. Its scopes (read, write, clock, admin) bound what it may do.",
                }
            },
        },
    }


def _kinds(endpoints: Iterable[Endpoint]) -> list[Any]:
    """Every type that the document describes, each once."""
    kinds: dict[int, Any] = {id(problems.ProblemDetails): problems.ProblemDetails}
    for endpoint in endpoints:
        for kind in (endpoint.body, endpoint.query, *(kind for kind, _ in endpoint.answers.values())):
            if kind is not None and kind is not bytes:
                kinds[id(kind)] = kind
    return list(kinds.values())


def _operation(
    endpoint: Endpoint, schema_of: Mapping[int, Any], components: dict[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint, components),
        "responses": _responses(endpoint, schema_of),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.scope is None:
        operation["security"] = []
    else:
        operation["x-scope"] = endpoint.scope
    body = _body(endpoint, schema_of)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _body(endpoint: Endpoint, schema_of: Mapping[int, Any]) -> dict[str, Any] | None:
    if endpoint.raw_body:
        return {
            "required": True,
            "content": {"*/*": {"schema": {"description": "As the provider sends it."}}},
        }
    if endpoint.body is None:
        return None
    media = {"schema": schema_of[id(endpoint.body)], "example": endpoint.example}
    return {"required": True, "content": {"application/json": media}}


def _parameters(endpoint: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    names = _PARAMETER.findall(endpoint.path)
    found: list[dict[str, Any]] = [_path_parameter(name) for name in names]
    if endpoint.query is not None:
        schema = components[endpoint.query.__name__]
        required = schema.get("required", ())
        for name, shape in schema["properties"].items():
            found.append({"name": name, "in": "query", "required": name in required, "schema": shape})
    if endpoint.repeat is not Repeat.NEVER:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return found


def _path_parameter(name: str) -> dict[str, Any]:
    schema = msgspec.json.schema(_IDS.get(name, str))
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(endpoint: Endpoint, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, (kind, says) in sorted(endpoint.answers.items()):
        responses[str(status)] = {"description": says}
        if kind is not None:
            schema = {} if kind is bytes else {"schema": schema_of[id(kind)]}
            responses[str(status)]["content"] = {endpoint.media: schema}
    by_status: dict[int, list[str]] = {}
    for code in _problem_codes(endpoint):
        by_status.setdefault(problems.KINDS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        only = {"$ref": f"#/components/responses/{codes[0]}"}
        responses[str(status)] = only if len(codes) == 1 else _one_of(codes)
    return responses


def _problem_codes(endpoint: Endpoint) -> list[str]:
    codes = [*_EVERYWHERE, *endpoint.problems]
    codes += _WITH_KEY if endpoint.scope is not None else ()
    codes += ["idempotency_key_missing"] if endpoint.repeat is not Repeat.NEVER else []
    codes += ["payload_too_large"] if endpoint.body is not None or endpoint.raw_body else []
    return list(dict.fromkeys(codes))


def _one_of(codes: list[str]) -> dict[str, Any]:
    """Several problems of one status in one response, each as an example."""
    return {
        "description": "; or: ".join(problems.KINDS[code].title for code in codes),
        "content": {
            problems.CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemDetails"},
                "examples": {code: {"value": _example(code)} for code in codes},
            }
        },
    }


def _problem(code: str) -> dict[str, Any]:
    return {
        "description": problems.KINDS[code].title,
        "content": {
            problems.CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemDetails"},
                "example": _example(code),
            }
        },
    }


def _example(code: str) -> dict[str, Any]:
    kind = problems.KINDS[code]
    example: dict[str, Any] = {
        "type": problems.TYPE_PREFIX + code,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.title,
        "errors": [],
    }
    if code == "refused":
        rule = "must be a price of the catalog"
        example["errors"] = [{"field": "change.items[0].price_id", "rule": rule}]
        example["detail"] = f"change.items[0].price_id: {rule}"
    return example
