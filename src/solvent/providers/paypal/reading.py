"""Reading: what PayPal answered, as our reports.

Owns the translation of orders, captures, setup tokens and refusals. Money is named by its capture: that is what a
refund and a dispute refer to; until there is one, an attempt is named by its order. Does not own the tables (`words`).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from solvent.core.expiry import last_day
from solvent.core.payment import (
    ActionKind,
    FailureCause,
    MethodSeen,
    NextAction,
    Outcome,
    Report,
    VaultedMethod,
)
from solvent.ports.provider import ProviderSilent
from solvent.providers.paypal import words
from solvent.providers.paypal.amounts import read
from solvent.providers.paypal.requests import STORED, method_token

SETUP_PREFIX = "setup:"  # PayPal's names do not tell an order from a setup token; ours do
APPROVAL_LASTS = timedelta(hours=3)  # PayPal's default; the attempt's own end comes sooner
ORDERS_WAITING = frozenset({"CREATED", "SAVED", "APPROVED", "PAYER_ACTION_REQUIRED"})
SETUPS_WAITING = frozenset({"CREATED", "APPROVED", "PAYER_ACTION_REQUIRED"})
SETUPS_VAULTED = frozenset({"VAULTED", "TOKENIZED"})
LINKS = ("payer-action", "approve")
_LIKELIEST = (Outcome.SUCCEEDED, Outcome.PROCESSING, Outcome.UNKNOWN, Outcome.FAILED)

Thing = Mapping[str, Any]


def readable(order: Thing, key: UUID, expires_at: datetime | None = None) -> list[Report]:
    """An order as reports: one of each capture, or how it stands without any. `ProviderSilent` if it makes no sense."""
    try:
        captures = captures_of(order)
        if captures:
            reports = [_captured(capture, order, key) for capture in captures]
            return sorted(reports, key=lambda report: _LIKELIEST.index(report.outcome))
        return [_uncaptured(order, key, expires_at)]
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise ProviderSilent(f"PayPal's order cannot be read: {type(fault).__name__}") from None


def captures_of(order: Thing) -> list[Thing]:
    """The captures of an order's one purchase unit."""
    payments = order["purchase_units"][0].get("payments", {})
    captures: list[Thing] = payments.get("captures", [])
    return captures


def refused(issue: str, key: UUID, ref: str | None = None) -> Report:
    """A refusal, after which no money moved."""
    cause = words.CAUSES.get(issue)
    return Report(
        outcome=Outcome.FAILED,
        key=key,
        ref=ref,
        cause=cause or FailureCause.DECLINED,
        unmapped=None if cause else issue,
    )


def failed(key: UUID, ref: str | None, cause: FailureCause) -> Report:
    """It did not and will not succeed."""
    return Report(outcome=Outcome.FAILED, key=key, ref=ref, cause=cause)


def setup_ref(setup: Thing) -> str:
    """Our name for a setup token."""
    return f"{SETUP_PREFIX}{setup['id']}"


def waiting_setup(setup: Thing, key: UUID, expires_at: datetime | None, now: datetime) -> Report:
    """A setup that is not vaulted yet."""
    status = setup["status"]
    if status not in SETUPS_WAITING:
        return Report(outcome=Outcome.UNKNOWN, key=key, ref=setup_ref(setup), unmapped=str(status))
    url = None if status == "APPROVED" else _link(setup)
    action = NextAction(
        provider=words.NAME,
        attempt_id=key,
        kind=ActionKind.NONE if url is None else ActionKind.REDIRECT,
        expires_at=expires_at or now + APPROVAL_LASTS,
        url=url,
    )
    return Report(outcome=Outcome.REQUIRES_ACTION, key=key, ref=setup_ref(setup), action=action)


def vaulted(token: Thing) -> VaultedMethod:
    """A payment token as a collection method."""
    wallet = token.get("payment_source", {}).get("paypal", {})
    return _method(token, wallet)


def seen(token: Thing) -> MethodSeen:
    """A payment token as it now is: a wallet does not end, a card does."""
    source = token["payment_source"]
    card = source.get("card")
    if card is None:
        return MethodSeen(label=_label(source.get("paypal", {})), expires_on=None)
    brand = str(card.get("brand", "card")).replace("_", " ").capitalize()
    return MethodSeen(label=f"{brand} •••• {card['last_digits']}", expires_on=_last_day(card))


def _last_day(card: Thing) -> date | None:
    """PayPal writes the month as ``2027-03``."""
    expiry = card.get("expiry")
    return None if expiry is None else last_day(*(int(part) for part in str(expiry).split("-")))


def moment(text: str) -> datetime:
    """A time as PayPal writes it."""
    return datetime.fromisoformat(text)


def key_of(thing: Thing) -> UUID | None:
    """The id of ours that a thing bears; None where it is not one."""
    try:
        return UUID(hex=str(thing.get("custom_id")))
    except ValueError:
        return None


def _captured(capture: Thing, order: Thing, key: UUID) -> Report:
    status = capture["status"]
    amount, currency = read(capture["amount"])
    outcome = words.CAPTURES.get(status, Outcome.UNKNOWN)
    cause, unmapped = _cause(capture) if outcome is Outcome.FAILED else (None, None)
    return Report(
        outcome=outcome,
        key=key,
        ref=str(capture["id"]),
        amount=amount,
        currency=currency,
        cause=cause,
        method=_kept(order),
        unmapped=status if outcome is Outcome.UNKNOWN else unmapped,
    )


def _cause(capture: Thing) -> tuple[FailureCause, str | None]:
    """Why a capture failed; and the processor's code, where we do not know it."""
    if capture["status"] == "FAILED":
        return FailureCause.PROVIDER_UNAVAILABLE, None
    code = capture.get("processor_response", {}).get("response_code")
    cause = words.PROCESSOR.get(code, FailureCause.DECLINED)
    return cause, code if code is not None and code not in words.PROCESSOR else None


def _uncaptured(order: Thing, key: UUID, expires_at: datetime | None) -> Report:
    status, unit = order["status"], order["purchase_units"][0]
    ref = str(order["id"])
    if status == "VOIDED" or order.get("intent") == "AUTHORIZE":
        return failed(key, ref, FailureCause.CANCELED)
    if status not in ORDERS_WAITING:
        return Report(outcome=Outcome.UNKNOWN, key=key, ref=ref, unmapped=str(status))
    amount, currency = read(unit["amount"])
    ready = status == "APPROVED" or unit.get("reference_id") == STORED
    action = NextAction(
        provider=words.NAME,
        attempt_id=key,
        kind=ActionKind.NONE if ready else ActionKind.REDIRECT,
        expires_at=expires_at or moment(order["create_time"]) + APPROVAL_LASTS,
        url=None if ready else _link(order),
    )
    return Report(
        outcome=Outcome.REQUIRES_ACTION, key=key, ref=ref, amount=amount, currency=currency, action=action
    )


def _link(thing: Thing) -> str:
    """Where the payer approves."""
    links: Iterable[Thing] = thing["links"]
    return next(str(link["href"]) for rel in LINKS for link in links if link["rel"] == rel)


def _kept(order: Thing) -> VaultedMethod | None:
    """The method that was vaulted by paying; None while PayPal has not named it, or where it was stored before."""
    wallet = order.get("payment_source", {}).get("paypal", {})
    token = wallet.get("attributes", {}).get("vault", {})
    return _method(token, wallet) if "id" in token else None


def _method(token: Thing, wallet: Thing) -> VaultedMethod:
    account = wallet.get("account_id") or wallet.get("payer_id")
    return VaultedMethod(
        provider=words.NAME,
        token=method_token(str(token["id"]), str(token["customer"]["id"])),
        kind="agreement",
        label=_label(wallet),
        off_session=True,
        fingerprint=None if account is None else str(account),
    )


def _label(wallet: Thing) -> str:
    return f"PayPal {_masked(str(wallet.get('email_address', '')))}".strip()


def _masked(email: str) -> str:
    """An address that its owner recognises and nobody else learns."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}…{at}{domain}" if at else ""
