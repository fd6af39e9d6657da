"""Test numbers: which number makes the bank do what.

Owns the one table of behaviours; industry-known numbers keep their known meaning. Does not own the state machine
that acts on a behaviour (`acts`), nor how Solvent reads the bank's decline codes (`translation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Challenge(StrEnum):
    """When the payer must pass 3-D Secure. ALWAYS also refuses every charge made without the payer."""

    NEVER = "never"
    ON_SESSION = "on_session"
    ALWAYS = "always"


class RefundManner(StrEnum):
    """What becomes of a refund: at once, after `REFUND_DAYS`, never; or at once, and back after `RETURN_DAYS`."""

    AT_ONCE = "at_once"
    LATER = "later"
    REFUSED = "refused"
    RETURNED = "returned"


REFUND_DAYS = 1
RETURN_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one number does. A decline is a code in the bank's words, None means that the bank agrees.

    `settle_days` > 0 leaves a payment *processing* for so many days of bank time; `late_decline` is how it then ends.
    """

    number: str
    brand: str
    says: str
    kind: str = "card"
    challenge: Challenge = Challenge.NEVER
    challenge_fails: bool = False
    decline: str | None = None
    decline_off_session: str | None = None
    settle_days: int = 0
    late_decline: str | None = None
    odd_status: bool = False
    charges: int = 1
    disputed: bool = False
    refunds: RefundManner = RefundManner.AT_ONCE

    @property
    def label(self) -> str:
        """How people read it, e.g. "Visa •••• 4242"."""
        return f"{self.brand} •••• {self.number[-4:]}"


def _declines(number: str, code: str, says: str) -> Behaviour:
    return Behaviour(number=number, brand="Visa", says=says, decline=code, decline_off_session=code)


_SUCCESS = (
    Behaviour(number="4242424242424242", brand="Visa", says="succeeds"),
    Behaviour(number="5555555555554444", brand="Mastercard", says="succeeds"),
    Behaviour(number="378282246310005", brand="American Express", says="succeeds"),
)

_DECLINED = (
    _declines("4000000000000002", "generic_decline", "declined without a reason"),
    _declines("4000000000009995", "insufficient_funds", "insufficient funds"),
    _declines("4000000000006975", "limit_exceeded", "limit exceeded"),
    _declines("4000000000000069", "expired_card", "card expired"),
    _declines("4000000000009987", "lost_card", "card lost"),
    _declines("4000000000009979", "stolen_card", "card stolen"),
    _declines("4242424242424241", "invalid_number", "invalid number"),
    _declines("4100000000000019", "fraud_suspected", "fraud suspected"),
    _declines("4000000000000119", "issuer_unavailable", "the card's own bank cannot be reached"),
    _declines("4000000000003055", "canceled", "cancelled by the payer"),
)

_CHALLENGED = (
    Behaviour(
        number="4000002500003155",
        brand="Visa",
        challenge=Challenge.ON_SESSION,
        says="3DS on-session; later off-session charges succeed",
    ),
    Behaviour(
        number="4000000000003220",
        brand="Visa",
        challenge=Challenge.ON_SESSION,
        says="3DS on-session; later off-session charges succeed",
    ),
    Behaviour(
        number="4000002760003184",
        brand="Visa",
        challenge=Challenge.ALWAYS,
        says="3DS every time; off-session charges fail and ask for the customer",
    ),
    Behaviour(
        number="4000008400001280",
        brand="Visa",
        challenge=Challenge.ON_SESSION,
        challenge_fails=True,
        says="3DS on-session that fails whatever the customer does",
    ),
    Behaviour(
        number="4000008260003178",
        brand="Visa",
        challenge=Challenge.ON_SESSION,
        decline="insufficient_funds",
        decline_off_session="insufficient_funds",
        says="3DS on-session, then insufficient funds",
    ),
    Behaviour(
        number="4000008400001629",
        brand="Visa",
        challenge=Challenge.ON_SESSION,
        decline="generic_decline",
        decline_off_session="generic_decline",
        says="3DS on-session, then declined",
    ),
)

_LATER_TROUBLE = (
    Behaviour(
        number="4000000000000341",
        brand="Visa",
        decline_off_session="generic_decline",
        says="succeeds on-session; off-session charges are declined",
    ),
    Behaviour(
        number="4000000000019952",
        brand="Visa",
        decline_off_session="insufficient_funds",
        says="succeeds on-session; off-session charges find insufficient funds",
    ),
    Behaviour(
        number="4000000000010068",
        brand="Visa",
        decline_off_session="expired_card",
        says="succeeds on-session; expired when charged off-session",
    ),
)

_BANK_DEBITS = (
    Behaviour(
        number="000123456789",
        brand="Bank account",
        kind="bank_debit",
        settle_days=3,
        says="processing for 3 days, then succeeds",
    ),
    Behaviour(
        number="000222222227",
        brand="Bank account",
        kind="bank_debit",
        settle_days=3,
        late_decline="insufficient_funds",
        says="processing for 3 days, then insufficient funds",
    ),
    Behaviour(
        number="000111111113",
        brand="Bank account",
        kind="bank_debit",
        decline="account_closed",
        decline_off_session="account_closed",
        says="account closed",
    ),
)

_ODDITIES = (
    Behaviour(
        number="4000000000017709",
        brand="Visa",
        odd_status=True,
        says="stands in a status that nobody mapped, until the bank decides",
    ),
    Behaviour(
        number="4000000000018889", brand="Visa", charges=2, says="succeeds, but the bank charges twice"
    ),
    Behaviour(
        number="4000000000000259", brand="Visa", disputed=True, says="succeeds and is disputed at once"
    ),
    Behaviour(
        number="4000000000007726",
        brand="Visa",
        refunds=RefundManner.LATER,
        says=f"succeeds; refunds stay pending for {REFUND_DAYS} day",
    ),
    Behaviour(
        number="4000000000005126",
        brand="Visa",
        refunds=RefundManner.REFUSED,
        says="succeeds; refunds fail",
    ),
    Behaviour(
        number="4000000000005159",
        brand="Visa",
        refunds=RefundManner.RETURNED,
        says=f"succeeds; refunds succeed too, and come back after {RETURN_DAYS} days",
    ),
)

BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.number: behaviour
    for behaviour in (*_SUCCESS, *_DECLINED, *_CHALLENGED, *_LATER_TROUBLE, *_BANK_DEBITS, *_ODDITIES)
}

SUCCEEDS = "4242424242424242"
_UNHEARD_OF = _declines("0000000000000000", "invalid_number", "a number that is not in this table")


def behaviour_of(number: str) -> Behaviour:
    """The behaviour of a number; whatever is not in the table is an invalid number."""
    return BEHAVIOURS.get(number, _UNHEARD_OF)


def agreed_number(agreement: str) -> str | None:
    """The number behind an agreement that was given long ago, ``B-4242…``; None for one of noughts, which was revoked,
    and for what is no agreement."""
    prefix, _, digits = agreement.partition("-")
    return digits if prefix == "B" and digits.isdecimal() and int(digits) else None


def number_in(method: str) -> str | None:
    """The number that a payer typed (``4242 4242…``) or its token (``tok_4242…``); None for a vaulted token."""
    digits = method.removeprefix("tok_").replace(" ", "")
    return digits if digits.isdecimal() else None
