"""Vaulting: a method without money, and methods that PayPal had before it had a vault.

Owns setup tokens, payment tokens, and the exchange of a billing agreement for one. Does not own payments (`adapter`).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from solvent.core.payment import FailureCause, MethodSeen, Outcome, Report
from solvent.ports.provider import PaymentRequest, ProviderSilent
from solvent.providers.paypal import requests
from solvent.providers.paypal.line import Answer, Line
from solvent.providers.paypal.reading import (
    SETUP_PREFIX,
    SETUPS_VAULTED,
    Thing,
    failed,
    refused,
    seen,
    setup_ref,
    vaulted,
    waiting_setup,
)

SETUPS = "/v3/vault/setup-tokens"
TOKENS = "/v3/vault/payment-tokens"


class Vault:
    """The merchant's vault at PayPal, over a line. `clock` is the present."""

    def __init__(self, line: Line, clock: Callable[[], datetime], brand: str) -> None:
        self._line = line
        self._clock = clock
        self._brand = brand

    def open(self, request: PaymentRequest) -> Report:
        """A setup token, for the payer to approve."""
        answer = self._line.post(SETUPS, requests.setup(request, self._brand), request.key.hex, full=False)
        if answer.issue is not None:
            return refused(answer.issue, request.key)
        return self._waiting(answer.body, request.key, request.expires_at)

    def get(self, key: UUID, ref: str) -> Report | None:
        """How a setup stands; None when PayPal has forgotten it."""
        setup = self._setup(ref)
        return None if setup is None else self._read(setup, key)

    def _setup(self, ref: str) -> Thing | None:
        answer = self._line.get(f"{SETUPS}/{ref.removeprefix(SETUP_PREFIX)}")
        if answer.missing:
            return None
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal does not tell of a setup: {answer.issue}")
        return answer.body

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """Vault what the payer approved; or, with a billing agreement as `method`, that, without an approval."""
        setup = self._setup(ref)
        if setup is None:
            return failed(key, ref, FailureCause.EXPIRED)
        if method is not None:
            return self._exchange(key, setup, method, "BILLING_AGREEMENT")
        if setup.get("status") == "APPROVED":
            return self._exchange(key, setup, str(setup["id"]), "SETUP_TOKEN")
        return self._read(setup, key)

    def forget(self, token: str) -> None:
        """Remove a payment token; an agreement from before the vault was never ours to remove."""
        if not token.startswith(requests.AGREEMENT_PREFIX):
            answer = self._line.delete(f"{TOKENS}/{requests.vault_id(token)}")
            if answer.issue is not None and not answer.missing:
                raise ProviderSilent(f"PayPal does not forget a method: {answer.issue}")

    def see(self, token: str) -> MethodSeen | None:
        """A payment token as it now is; an agreement from before the vault says nothing."""
        if token.startswith(requests.AGREEMENT_PREFIX):
            return None
        answer = self._line.get(f"{TOKENS}/{requests.vault_id(token)}")
        if answer.missing:
            return None
        try:
            return seen(answer.body)
        except (KeyError, TypeError, ValueError) as fault:
            raise ProviderSilent(f"PayPal's method cannot be read: {type(fault).__name__}") from None

    def _read(self, setup: Thing, key: UUID) -> Report:
        """One that was exchanged already is answered by what it became."""
        if setup.get("status") not in SETUPS_VAULTED:
            return self._waiting(setup, key, None)
        answer = self._line.get(TOKENS, {"customer_id": str(setup["customer"]["id"])})
        mine = [t for t in answer.body.get("payment_tokens", []) if "paypal" in t.get("payment_source", {})]
        if not mine:
            raise ProviderSilent("PayPal vaulted a method and does not list it")
        return _done(key, setup_ref(setup), mine[-1])

    def _waiting(self, setup: Thing, key: UUID, expires_at: datetime | None) -> Report:
        try:
            return waiting_setup(setup, key, expires_at, self._clock())
        except (KeyError, StopIteration, TypeError) as fault:
            raise ProviderSilent(f"PayPal's setup cannot be read: {type(fault).__name__}") from None

    def _exchange(self, key: UUID, setup: Thing, source: str, kind: str) -> Report:
        body = requests.token(source, kind, str(setup["customer"]["id"]))
        answer: Answer = self._line.post(TOKENS, body, f"{key.hex}-vault", full=False)
        if answer.issue is not None:
            return refused(answer.issue, key, setup_ref(setup))
        return _done(key, setup_ref(setup), answer.body)


def _done(key: UUID, ref: str, token: Thing) -> Report:
    return Report(outcome=Outcome.SUCCEEDED, key=key, ref=ref, method=vaulted(token))
