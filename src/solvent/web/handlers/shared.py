"""Shared: what several handlers do alike.

Owns looking up an account or answering 404, the exact price behind a reference, and how a refusal or a conflict of a
flow becomes a problem. Does not own any endpoint.
"""

from hashlib import sha256
from uuid import UUID

import msgspec

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.gate import METHOD_REQUIRED
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows.opening import Conflict
from solvent.web.change_bodies import Prices
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call
from solvent.web.problems import Problem, not_found, refused

# Fields of a refusal that are not part of the requested change itself.
_OUTSIDE = frozenset(
    {
        "account",
        "change_id",
        "received_at",
        "reference",
        "account_id",
        "method_kind",
        "provider",
        "method_id",
        "invoice_id",
        "lines",
    }
)


def account_in_path(call: Call) -> Account:
    """The account that the path names, or a problem."""
    spelled = call.path["account_id"]
    return existing_account(call, public_id("acc", spelled, "account_id"))


def existing_account(call: Call, account_id: UUID) -> Account:
    """The account of that id, or 404."""
    account = call.queries.account(account_id)
    if account is None:
        raise not_found("account", spell("acc", account_id))
    return account


def existing_entity(call: Call, entity: str | None) -> None:
    """That a legal entity of that id may bill, or a problem; None is nobody in particular."""
    if entity is not None and entity not in (known := call.queries.entities()):
        raise refused("entity", f"must be a legal entity: {', '.join(known) or 'there is none yet'}")


def prices_of(catalog: Catalog) -> Prices:
    """From a reference to a price to its exact id; what is not found stays as it is, and planning refuses it."""

    def exact(reference: str) -> str:
        if "@" in reference or reference in catalog.prices:
            return reference
        prefix = f"{reference}@"
        on_sale = (p for p in catalog.prices.values() if p.active and p.id.startswith(prefix))
        latest = max(on_sale, key=lambda price: price.version, default=None)
        return reference if latest is None else latest.id

    return exact


def fingerprint(call: Call, kind: str) -> bytes:
    """What came with an idempotency key: the endpoint, its path and the body, whatever its spaces and order."""
    parts = [kind, *call.path.values()]
    return sha256("\n".join(parts).encode() + b"\n" + msgspec.json.encode(call.body)).digest()


def opened(result: Attempt | Refusal | Conflict, *, change: bool = False) -> Attempt:
    """The attempt that a flow opened, or a problem; `change` puts the field of a refusal below ``change``."""
    if isinstance(result, Refusal):
        raise refusal_problem(result, change=change)
    if isinstance(result, Conflict):
        code = "idempotency_key_reused" if result.code == "key_reused" else "in_flight"
        raise Problem(code, f"{result.detail} ({spell('att', result.attempt_id)})")
    return result


def refusal_problem(refusal: Refusal, *, change: bool = False) -> Problem:
    """A refusal as a problem that names the field of the request."""
    if refusal.field == METHOD_REQUIRED:
        return Problem("payment_method_required", f"{refusal.field}: {refusal.rule}")
    inside = change and refusal.field.split("[")[0] not in _OUTSIDE
    return refused(f"change.{refusal.field}" if inside else refusal.field, refusal.rule)
