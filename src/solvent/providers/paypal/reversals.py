"""Reversals: a capture that PayPal, or the payer's bank, took back without asking the merchant.

Owns the reading of one as a dispute that is lost: nobody can answer it, and the money is gone. Where there is a case
about the same capture, the reversal is how that case moved the money, and the case is told instead. Does not own
cases (`disputes`).
"""

import re
from collections.abc import Mapping
from typing import Any

from solvent.core.dispute import DisputeReason, DisputeReport, DisputeState
from solvent.ports.provider import ProviderSilent
from solvent.providers.paypal.amounts import read
from solvent.providers.paypal.disputes import Disputes
from solvent.providers.paypal.line import Answer, Line
from solvent.providers.paypal.reading import Thing, key_of, moment

KIND = "PAYMENT.CAPTURE.REVERSED"
PREFIX = "reversal:"  # PayPal's names do not tell a reversal from a case; ours do
REFUNDS = "/v2/payments/refunds"
CAPTURES = "/v2/payments/captures"

_REF = re.compile(rf"{PREFIX}([A-Z0-9]{{1,36}})")
_CAPTURE = re.compile(r".*/captures/([A-Z0-9]{1,36})")


def named(resource: Mapping[str, Any]) -> str:
    """Our name for a reversal, by what its notification says: PayPal's name for what went back."""
    return f"{PREFIX}{resource.get('id')}"


class Reversals:
    """What was taken back, looked up over a line."""

    def __init__(self, line: Line, disputes: Disputes) -> None:
        self._line = line
        self._disputes = disputes

    def get(self, ref: str) -> DisputeReport | None:
        """What a reversal, or the case behind it, comes to; None where PayPal has none, or nothing went back."""
        found = _REF.fullmatch(ref)
        if found is None:
            return None
        back = self._asked(f"{REFUNDS}/{found[1]}")
        if back is None or back.get("status") != "COMPLETED":
            return None
        capture = next(
            (_CAPTURE.fullmatch(str(link["href"])) for link in back["links"] if link["rel"] == "up"), None
        )
        paid = None if capture is None else self._asked(f"{CAPTURES}/{capture[1]}")
        if paid is None:
            raise ProviderSilent("PayPal does not say what a reversal took back")
        case = self._disputes.about(str(paid["id"]))
        return _report(ref, back, paid) if case is None else case

    def _asked(self, path: str) -> Thing | None:
        answer: Answer = self._line.get(path)
        if answer.missing:
            return None
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal does not tell of a reversal: {answer.issue}")
        return answer.body


def _report(ref: str, back: Thing, paid: Thing) -> DisputeReport:
    try:
        amount, currency = read(back["amount"])
        at = moment(back["create_time"])
        return DisputeReport(
            ref=ref,
            payment_ref=str(paid["id"]),
            key=key_of(paid),
            amount=amount,
            currency=currency,
            state=DisputeState.LOST,
            opened_at=at,
            reason=DisputeReason.DEBIT_RETURNED,
            changed_at=at,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"PayPal's reversal cannot be read: {type(fault).__name__}") from None
