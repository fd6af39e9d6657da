"""Bad debt: what a booking moves into it or out of it, and why, in a word of a closed set.

Owns the reasons. Does not own the movements themselves, which are postings (`giving_up`, `reopening`, `crediting`,
`entries`), nor the story of one: who, in which words, and for which product (`store.bad_debt`).
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from solvent.core import ledger
from solvent.core.facts import Booking
from solvent.core.ledger import Posting


class Reason(StrEnum):
    """Why something became bad debt (the first three), or is none any more."""

    POLICY = "policy"  # given up by what the policy says
    PERSON = "person"  # given up by somebody
    CHARGED_BACK = "charged_back"  # a lost dispute took the payment of a debt that had been given up
    PAID = "paid"
    CREDIT = "credit"  # paid with account credit
    CREDIT_NOTE = "credit_note"
    DISPUTE_WON = "dispute_won"


class Moved(NamedTuple):
    """`amount` minor units that became bad debt (`entered`) or are none any more."""

    entered: bool
    reason: Reason
    amount: int


_LEFT = {
    ledger.DISPUTES: Reason.DISPUTE_WON,
    ledger.RECEIVABLE: Reason.CREDIT_NOTE,
    **dict.fromkeys(ledger.CREDIT_ACCOUNTS, Reason.CREDIT),
}


def moved(booking: Booking) -> Iterator[Moved]:
    """Each movement of a booking, in the order of its postings."""
    for posting in booking.postings:
        if posting.debit == ledger.BAD_DEBT:
            yield Moved(entered=True, reason=_entered(booking, posting), amount=posting.amount)
        elif posting.credit == ledger.BAD_DEBT:
            yield Moved(entered=False, reason=_LEFT.get(posting.debit, Reason.PAID), amount=posting.amount)


def _entered(booking: Booking, posting: Posting) -> Reason:
    if posting.credit == ledger.DISPUTES:
        return Reason.CHARGED_BACK
    return Reason.POLICY if booking.settled is not None and booking.settled.decided else Reason.PERSON
