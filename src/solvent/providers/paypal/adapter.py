"""The adapter: `Provider` over PayPal.

Owns the order of calls: an order is looked at before it is captured, and whatever PayPal says was done before is
looked up, never done again. Money moves only by our own capture, so an order that we do not capture moves none. Does
not own bodies (`requests`), answers (`reading`) or tables (`words`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import ActionKind, FailureCause, MethodSeen, Outcome, Report
from solvent.core.way import WayKind
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
from solvent.providers.paypal import movements, notifications, requests, words
from solvent.providers.paypal.amounts import CURRENCIES
from solvent.providers.paypal.disputes import Disputes
from solvent.providers.paypal.history import History
from solvent.providers.paypal.line import Answer, Line
from solvent.providers.paypal.reading import SETUP_PREFIX, Thing, failed, key_of, readable, refused
from solvent.providers.paypal.recent import Recent
from solvent.providers.paypal.reversals import PREFIX, Reversals
from solvent.providers.paypal.vaulting import Vault

ORDERS = "/v2/checkout/orders"
CAPTURES = "/v2/payments/captures"
NAMES = re.compile(r"[A-Z0-9]{1,36}")
MOVED = frozenset({Outcome.SUCCEEDED, Outcome.PROCESSING})
MAY_HAVE_MOVED = MOVED | {Outcome.UNKNOWN}
CAPABILITIES = Capabilities(
    actions=frozenset({ActionKind.REDIRECT, ActionKind.NONE}),
    off_session=True,
    partial_refunds=True,
    mandates=True,
    delayed_settlement=True,
    currencies=CURRENCIES,
    dispute_answers=frozenset(DisputeAnswer),
    kinds=frozenset({"agreement"}),
    imports="B-[0-9A-Z]{3,34}",
    ways=(WayKind.AGREEMENT,),
)


class PayPalProvider:
    """PayPal as one of our providers. `clock` is the present; `brand` is what the payer sees as the shop's name,
    `client_id` what PayPal's part of a page is told of it."""

    def __init__(
        self,
        line: Line,
        proof: notifications.Proof,
        *,
        clock: Callable[[], datetime],
        brand: str,
        client_id: str | None = None,
    ) -> None:
        self._capabilities = replace(CAPABILITIES, public_key=client_id)
        self._line = line
        self._proof = proof
        self._brand = brand
        self._clock = clock
        self._vault = Vault(line, clock, brand)
        self._history = History(line, clock)
        self._recent = Recent()
        self._disputes = Disputes(line)
        self._reversals = Reversals(line, self._disputes)

    @property
    def name(self) -> str:
        """``paypal``."""
        return words.NAME

    @property
    def capabilities(self) -> Capabilities:
        """What PayPal can do."""
        return self._capabilities

    def open(self, request: PaymentRequest) -> Report:
        """Create an order, or a setup token."""
        if request.setup:
            return self._recent.learn(self._vault.open(request))
        answer = self._line.post(ORDERS, requests.order(request, self._brand), request.key.hex)
        if answer.issue is not None:
            return self._settled(answer.issue, request.key, None, moves=False)
        return self._recent.learn(readable(answer.body, request.key, request.expires_at)[0])

    def charge(self, request: PaymentRequest) -> Report:
        """Create an order that is captured at once. What then still needs the payer has failed."""
        if request.method is None or not requests.is_of(request.method, request.customer):
            return failed(request.key, None, FailureCause.NO_METHOD)
        body = requests.charge(request, request.method, self._brand)
        answer = self._line.post(ORDERS, body, request.key.hex)
        if answer.issue is not None:
            return self._settled(answer.issue, request.key, None)
        report = self._recent.learn(readable(answer.body, request.key, request.expires_at)[0])
        if report.outcome is Outcome.REQUIRES_ACTION:
            return failed(request.key, report.ref, FailureCause.AUTHENTICATION_REQUIRED)
        return report

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """Capture an approved order, or one that a stored method pays; anything else is as it is."""
        if ref.startswith(SETUP_PREFIX):
            return self._vault.confirm(key, ref, method)
        order = self._order(ref)
        if order is None:
            return failed(key, ref, FailureCause.EXPIRED)
        report = readable(order, key)[0]
        waits = report.outcome is Outcome.REQUIRES_ACTION
        approved = order["status"] == "APPROVED"
        if not waits or not (approved or method):
            return report
        source = None if approved or method is None else {"payment_source": requests.source(method)}
        answer = self._line.post(f"{ORDERS}/{order['id']}/capture", source or {}, f"{key.hex}-capture")
        if answer.issue is not None:
            return self._settled(answer.issue, key, str(order["id"]))
        return readable(answer.body, key)[0]

    def get(self, key: UUID, ref: str | None) -> Report | None:
        """How the attempt stands; without a ref, by what this process remembers, or PayPal told of."""
        ref = ref or self._recent.ref_of(key)
        if ref is not None and ref.startswith(SETUP_PREFIX):
            return self._vault.get(key, ref)
        reports = self._reports(key, ref)
        return reports[0] if reports else None

    def payments_of(self, key: UUID, ref: str | None) -> Iterable[Report]:
        """Every capture of the key's order that took money, or may."""
        ref = ref or self._recent.ref_of(key)
        if ref is not None and ref.startswith(SETUP_PREFIX):
            return []
        return [report for report in self._reports(key, ref) if report.outcome in MOVED]

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        """Make an order one that PayPal will not capture; where it refuses to change the order, this is looked at
        again, and given up by not capturing it, as a setup token is by not exchanging it: nobody else does either."""
        report = self.get(key, ref)
        if report is None or report.outcome is not Outcome.REQUIRES_ACTION or report.ref is None:
            return report
        if report.ref.startswith(SETUP_PREFIX):
            return failed(key, report.ref, FailureCause.CANCELED)
        intent = {"op": "replace", "path": "/intent", "value": "AUTHORIZE"}
        answer = self._line.patch(f"{ORDERS}/{report.ref}", [intent])
        after = None if answer.issue is None else self.get(key, report.ref)
        if after is not None and after.outcome is not Outcome.REQUIRES_ACTION:
            return after
        return failed(key, report.ref, FailureCause.CANCELED)

    def refund(self, request: RefundRequest) -> RefundReport:
        """Refund a capture; a refusal that an earlier try may have brought about is looked into first."""
        if NAMES.fullmatch(request.payment_ref) is None:
            return RefundReport(outcome=RefundOutcome.FAILED, key=request.key)
        path = f"{CAPTURES}/{request.payment_ref}/refund"
        answer = self._line.post(path, requests.refund(request), request.key.hex)
        if answer.issue in words.REFUND_LOOK_UP:
            return self._refund_made(request, answer.issue)
        if answer.issue is not None:
            return _not_refunded(request.key, answer.issue)
        return _refunded(answer.body, request.key)

    def get_refund(self, ref: str) -> RefundReport | None:
        """How a refund stands."""
        if NAMES.fullmatch(ref) is None:
            return None  # no name of PayPal's
        answer = self._line.get(f"{movements.REFUNDS}/{ref}")
        if answer.missing:
            return None
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal does not tell of a refund: {answer.issue}")
        key = key_of(answer.body)
        return None if key is None else _refunded(answer.body, key)

    def refunds_since(self, since: datetime) -> Iterator[RefundReport]:
        """Every refund of ours that PayPal told of since then, as it stands now."""
        told = (each for each in self._history.since(since) if each.subject is Subject.REFUND)
        for ref in dict.fromkeys(each.ref for each in told if each.ref is not None):
            report = self.get_refund(ref)
            if report is not None:
                yield report

    def detach(self, token: str) -> None:
        """Forget a payment token."""
        self._vault.forget(token)

    def get_method(self, token: str) -> MethodSeen | None:
        """The method as PayPal's vault has it now."""
        return self._vault.see(token)

    def reports_since(self, since: datetime) -> Iterable[Report]:
        """Every attempt that PayPal told of since then, as it stands now."""
        seen: dict[tuple[UUID, str], None] = {}
        for each in self._history.since(since):
            ref = each.order or each.ref
            if each.subject is Subject.ATTEMPT and each.key is not None and ref is not None:
                seen[each.key, ref] = None
        for key, ref in seen:
            yield from self._reports(key, ref)

    def disputes_since(self, since: datetime) -> Iterable[DisputeReport]:
        """Cases that changed since then, and what was taken back without one."""
        yield from self._disputes.since(since, self._clock())
        told = [each.ref for each in self._history.since(since) if each.subject is Subject.DISPUTE]
        for ref in dict.fromkeys(told):
            report = self._reversals.get(str(ref))
            if report is not None:
                yield report

    def movements_since(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Captures and refunds that PayPal told of in that time."""
        told = list(self._history.since(since, until))
        for ref in movements.refs_of(told, Subject.ATTEMPT, until):
            order = self._order(ref)
            yield from () if order is None else movements.of_order(order)
        for ref in movements.refs_of(told, Subject.REFUND, until):
            yield from movements.of_refund(self._line, ref)

    def get_dispute(self, ref: str) -> DisputeReport | None:
        """How a dispute stands; or what a reversal took back."""
        return self._reversals.get(ref) if ref.startswith(PREFIX) else self._disputes.get(ref)

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Answer a dispute."""
        return self._disputes.submit(ref, evidence)

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        """Leave the money to the payer."""
        return self._disputes.accept(ref)

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """Verify and read a notification."""
        return notifications.parse(self._proof, headers, body, now)

    def _reports(self, key: UUID, ref: str | None) -> list[Report]:
        """What became of a key; nothing where PayPal has nothing of it."""
        ref = ref or self._recent.ref_of(key) or self._history.order_of(key)
        order = None if ref is None else self._order(ref)
        return [] if order is None else readable(order, key)

    def _order(self, ref: str) -> Thing | None:
        """The order of that name, or the one that the capture of that name belongs to."""
        if NAMES.fullmatch(ref) is None:
            return None  # no name of PayPal's: it would lead a request astray
        answer = self._line.get(f"{ORDERS}/{ref}")
        if answer.missing:
            capture = self._line.get(f"{CAPTURES}/{ref}")
            order = _order_of(capture)
            answer = answer if order is None else self._line.get(f"{ORDERS}/{order}")
        if answer.missing:
            return None
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal does not tell of an order: {answer.issue}")
        return answer.body

    def _settled(self, issue: str, key: UUID, order: str | None, *, moves: bool = True) -> Report:
        """What a refusal comes to: what was done before counts, whatever is said now."""
        if issue in words.IN_PROGRESS:
            raise ProviderSilent("PayPal is still at it")
        if issue not in words.LOOK_UP:
            paid = self._paid_before(issue, key, order) if moves else None
            return paid or refused(issue, key, order)
        reports = self._reports(key, None if issue == "DUPLICATE_INVOICE_ID" else order)
        if not reports:
            return Report(outcome=Outcome.UNKNOWN, key=key, ref=order, unmapped=issue)
        return reports[0]

    def _paid_before(self, issue: str, key: UUID, order: str | None) -> Report | None:
        """What an earlier request of the key moved, or may have, where a refusal may hide that."""
        cause = words.CAUSES.get(issue)
        if cause is not None and cause not in words.EARLY:
            return None
        return next((one for one in self._reports(key, order) if one.outcome in MAY_HAVE_MOVED), None)

    def _refund_made(self, request: RefundRequest, issue: str) -> RefundReport:
        """The refund as it was made by an earlier try, or the refusal; unknown where there is no order to look into."""
        order = self._order(request.payment_ref)
        if order is None:
            return RefundReport(outcome=RefundOutcome.UNKNOWN, key=request.key, unmapped=issue)
        payments = order["purchase_units"][0].get("payments", {})
        mine = [each for each in payments.get("refunds", []) if key_of(each) == request.key]
        return _refunded(mine[0], request.key) if mine else _not_refunded(request.key, issue)


def _order_of(capture: Answer) -> str | None:
    if capture.issue is not None:
        return None
    related = capture.body.get("supplementary_data", {}).get("related_ids", {})
    order = related.get("order_id")
    return None if order is None else str(order)


def _refunded(refund: Thing, key: UUID) -> RefundReport:
    status = str(refund.get("status"))
    outcome = words.REFUNDS.get(status, RefundOutcome.UNKNOWN)
    unmapped = status if outcome is RefundOutcome.UNKNOWN else None
    return RefundReport(outcome=outcome, key=key, ref=refund.get("id"), unmapped=unmapped)


def _not_refunded(key: UUID, issue: str) -> RefundReport:
    if issue in words.REFUND_REFUSALS:
        return RefundReport(outcome=RefundOutcome.FAILED, key=key)
    return RefundReport(outcome=RefundOutcome.UNKNOWN, key=key, unmapped=issue)
