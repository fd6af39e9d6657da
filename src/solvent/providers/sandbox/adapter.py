"""The adapter: `Provider` over the sandbox bank, for both of its personalities.

Owns the translation of requests and answers, and of the wire's failures. Does not own the transport, the bank, or
any decision: whatever it does not recognise is `Outcome.UNKNOWN`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import (
    Authentication,
    FailureCause,
    MethodSeen,
    NextAction,
    Outcome,
    Report,
    VaultedMethod,
)
from solvent.ports.provider import (
    Capabilities,
    DisputeAnswer,
    Notification,
    PaymentRequest,
    ProviderSilent,
    RefundOutcome,
    RefundReport,
    RefundRequest,
    Subject,
)
from solvent.providers.sandbox import notifications
from solvent.providers.sandbox.reading import (
    dispute_of,
    instant,
    key_in,
    known_dispute,
    last_day_of,
    method_seen,
    movement_of,
    refund_of,
    rows_of,
)
from solvent.providers.sandbox.translation import (
    ACTIONS,
    REFUND_REFUSALS,
    SANDBOX,
    SUBJECTS,
    Translation,
)
from solvent.providers.sandbox.transport import Answer, Transport

PAGE_ROWS = 500
PAGES_MAX = 20_000  # ten million rows; a bank that pages for ever is cut off


class SandboxProvider:
    """The sandbox bank as one of our providers.

    `clock` is sent along as the bank's time, so that test clocks reach it; `secret` verifies notifications.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Callable[[], datetime],
        secret: str = notifications.DEMO_KEY,
        translation: Translation = SANDBOX,
    ) -> None:
        self._call = transport.call
        self._clock = clock
        self._secret = secret
        self._words = translation
        self._outcomes = translation.outcomes

    @property
    def name(self) -> str:
        """``sandbox`` or ``sandpal``."""
        return self._words.name

    @property
    def capabilities(self) -> Capabilities:
        """What this personality can do."""
        return self._words.capabilities

    def open(self, request: PaymentRequest) -> Report:
        """Open an intent, order or setup."""
        return self._report(self._call("open", self._payment(request)), request.key)

    def charge(self, request: PaymentRequest) -> Report:
        """Charge a stored method off-session."""
        return self._report(self._call("charge", self._payment(request)), request.key)

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """Confirm with a method, or capture an approved order."""
        payload = {"key": key.hex, "ref": ref, "method": method, "now": self._clock()}
        return self._report(self._call("confirm", payload), key)

    def get(self, key: UUID, ref: str | None) -> Report | None:
        """How the attempt stands; None when the bank says that it knows nothing of it."""
        return self._known(self._call("get", self._lookup(key, ref)), key)

    def payments_of(self, key: UUID, ref: str | None) -> Iterable[Report]:  # noqa: ARG002 - the key is enough
        """Every charge the bank made for our key; a duplicate has a `ref` of its own, by which it is refunded."""
        answer = self._call("payments", self._lookup(key, None))
        return [self._report(row, key) for row in rows_of(answer)]

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        """Cancel what can still be cancelled."""
        return self._known(self._call("cancel", self._lookup(key, ref)), key)

    def refund(self, request: RefundRequest) -> RefundReport:
        """Refund a payment, or one duplicate charge, by its ref."""
        payload = {
            "key": request.key.hex,
            "payment": request.payment_ref,
            "amount": request.amount,
            "currency": request.currency,
            "now": self._clock(),
        }
        answer = self._call("refund", payload)
        if "error" in answer:
            code = answer["error"]["code"]
            if code in REFUND_REFUSALS:
                return RefundReport(outcome=RefundOutcome.FAILED, key=request.key)
            return RefundReport(outcome=RefundOutcome.UNKNOWN, key=request.key, unmapped=code)
        return refund_of(answer, self._words)

    def get_refund(self, ref: str) -> RefundReport | None:
        """How a refund stands; None when the bank says that it knows nothing of it."""
        answer = self._call("refund_of", {"ref": ref, "now": self._clock()})
        if "error" in answer and answer["error"]["code"] == "not_found":
            return None
        return refund_of(answer, self._words)

    def refunds_since(self, since: datetime) -> Iterable[RefundReport]:
        """Refunds that changed, page by page."""
        for row in self._pages("refunds", since):
            yield refund_of(row, self._words)

    def detach(self, token: str) -> None:
        """Forget a vaulted method."""
        self._call("detach", {"token": token, "now": self._clock()})

    def get_method(self, token: str) -> MethodSeen | None:
        """A vaulted method as it now is; None when the bank says that it has none of that name."""
        answer = self._call("method", {"token": token, "now": self._clock()})
        return None if "error" in answer else method_seen(answer)

    def reports_since(self, since: datetime) -> Iterable[Report]:
        """Attempts that changed, page by page."""
        for row in self._pages("changes", since):
            yield self._report(row, UUID(hex=row["key"]))

    def disputes_since(self, since: datetime) -> Iterable[DisputeReport]:
        """Disputes that changed, page by page."""
        for row in self._pages("disputes", since):
            yield dispute_of(row)

    def movements_since(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """The bank's statement, page by page."""
        after = 0
        for _ in range(PAGES_MAX):
            payload = {
                "since": since,
                "until": until,
                "after": after,
                "limit": PAGE_ROWS,
                "now": self._clock(),
            }
            rows = rows_of(self._call("movements", payload))
            for row in rows:
                yield movement_of(row)
            if len(rows) < PAGE_ROWS:
                return
            after = rows[-1]["place"]

    def get_dispute(self, ref: str) -> DisputeReport | None:
        """How a dispute stands; None when the bank says that it knows nothing of it."""
        return known_dispute(self._call("dispute", {"ref": ref, "now": self._clock()}))

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Answer a dispute; the redirect bank takes evidence only in its own pages, and says how it stands."""
        if DisputeAnswer.EVIDENCE not in self.capabilities.dispute_answers:
            return self.get_dispute(ref)
        payload = {"ref": ref, "statement": evidence.statement, "now": self._clock()}
        return known_dispute(self._call("submit_evidence", payload))

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        """Leave the money to the payer."""
        return known_dispute(self._call("accept_dispute", {"ref": ref, "now": self._clock()}))

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """Verify and read a notification; raises `NotificationRefused` with the reason."""
        told = notifications.verify(self._secret, headers, body, now)
        return Notification(
            id=told.id,
            provider=self.name,
            subject=SUBJECTS.get(told.type.partition(".")[0], Subject.OTHER),
            key=key_in(told.key),
            ref=told.object,
            occurred_at=told.created,
        )

    def _payment(self, request: PaymentRequest) -> dict[str, Any]:
        return {
            "key": request.key.hex,
            "customer": request.customer.hex,
            "amount": request.amount,
            "currency": request.currency,
            "setup": request.setup,
            "method": request.method,
            "expires_at": request.expires_at,
            "description": request.description,
            "return_url": request.return_url,
            "authenticate": request.authentication is not Authentication.AUTOMATIC,
            "now": self._clock(),
        }

    def _lookup(self, key: UUID, ref: str | None) -> dict[str, Any]:
        return {"key": key.hex, "ref": ref, "now": self._clock()}

    def _known(self, answer: Answer, key: UUID) -> Report | None:
        if "error" in answer and answer["error"]["code"] == "not_found":
            return None
        return self._report(answer, key)

    def _report(self, answer: Mapping[str, Any], key: UUID) -> Report:
        """The bank's answer in our words; one that lacks what it must say cannot be read: `ProviderSilent`."""
        try:
            return self._read(answer, key)
        except (KeyError, TypeError, ValueError) as fault:
            raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None

    def _read(self, answer: Mapping[str, Any], key: UUID) -> Report:
        """A refusal, and every status without a translation, is UNKNOWN."""
        said = answer.get("status") or answer.get("error", {}).get("code")
        outcome = self._outcomes.get(said or "", Outcome.UNKNOWN)
        if outcome is Outcome.UNKNOWN:
            return Report(outcome=outcome, key=key, ref=answer.get("id"), unmapped=said)
        action, method = answer.get("next_action"), answer.get("method")
        failed = outcome is Outcome.FAILED
        reason: str | None = answer["reason"] if failed else None
        return Report(
            outcome=outcome,
            key=key,
            ref=answer["id"],
            amount=answer["amount"],
            currency=answer["currency"],
            cause=self._words.causes.get(reason or "", FailureCause.DECLINED) if failed else None,
            action=self._action(action, key) if action else None,
            method=self._method(method) if method else None,
            unmapped=reason if reason not in self._words.causes else None,
        )

    def _action(self, action: Mapping[str, Any], key: UUID) -> NextAction:
        return NextAction(
            provider=self.name,
            attempt_id=key,
            kind=ACTIONS[action["type"]],
            expires_at=instant(action["expires_at"]),
            client_secret=action.get("client_secret"),
            url=action.get("url"),
        )

    def _method(self, method: Mapping[str, Any]) -> VaultedMethod:
        return VaultedMethod(
            provider=self.name,
            token=method["id"],
            kind=method["type"],
            label=method["label"],
            off_session=method["reusable"],
            fingerprint=method["fingerprint"],
            expires_on=last_day_of(method["expires"]),
        )

    def _pages(self, operation: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        after: tuple[Any, str] | None = None
        for _ in range(PAGES_MAX):
            payload = {"since": since, "after": after, "limit": PAGE_ROWS, "now": self._clock()}
            rows = rows_of(self._call(operation, payload))
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            after = (rows[-1]["changed_at"], rows[-1]["id"])
