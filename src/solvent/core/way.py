"""Way: how a customer can pay, told by kind, whoever the provider is.

Owns the kinds and the order in which they suit an account. Does not own what a provider can do (its capabilities), nor
which provider serves an account (`routing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from solvent.core.account import Account, Segment


class WayKind(StrEnum):
    """What the customer chooses. SAVED_CARD and SAVED are methods on file; AGREEMENT is an account elsewhere, approved
    on its own page; NONE is for what needs no payment."""

    SAVED_CARD = "saved_card"
    SAVED = "saved"
    CARD = "card"
    AGREEMENT = "agreement"
    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"
    LINK = "link"
    BANK_DEBIT = "bank_debit"
    TRANSFER = "transfer"
    NONE = "none"


ON_FILE = frozenset({WayKind.SAVED_CARD, WayKind.SAVED})
DEBITED = frozenset({"USD", "EUR", "GBP", "CAD", "AUD"})  # currencies in which banks debit accounts

METHOD_KINDS: Mapping[WayKind, str] = {  # as routes and providers call what is brought
    WayKind.CARD: "card",
    WayKind.APPLE_PAY: "wallet",
    WayKind.GOOGLE_PAY: "wallet",
    WayKind.LINK: "wallet",
    WayKind.BANK_DEBIT: "bank_debit",
    WayKind.AGREEMENT: "agreement",
    WayKind.TRANSFER: "transfer",
}

_USUAL = (
    WayKind.CARD,
    WayKind.APPLE_PAY,
    WayKind.GOOGLE_PAY,
    WayKind.AGREEMENT,
    WayKind.LINK,
    WayKind.BANK_DEBIT,
    WayKind.TRANSFER,
)
_BY_COUNTRY: Mapping[str, tuple[WayKind, ...]] = {
    "DE": (WayKind.AGREEMENT, WayKind.BANK_DEBIT, WayKind.CARD),
    "AT": (WayKind.AGREEMENT, WayKind.BANK_DEBIT, WayKind.CARD),
    "NL": (WayKind.BANK_DEBIT, WayKind.AGREEMENT, WayKind.CARD),
}
_BY_SEGMENT: Mapping[Segment, tuple[WayKind, ...]] = {
    Segment.CONTRACT: (WayKind.TRANSFER, WayKind.BANK_DEBIT, WayKind.CARD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to pay: by a provider, and with a method on file where `method_id` names one; `label` tells it apart."""

    kind: WayKind
    provider: str | None = None
    method_id: UUID | None = None
    label: str = ""


def in_order(ways: Iterable[Way], account: Account) -> tuple[Way, ...]:
    """What is on file first, as it stands; then by the account's segment, its country, and what is usual."""
    liked = (*_BY_SEGMENT.get(account.segment, ()), *_BY_COUNTRY.get(account.country, ()), *_USUAL)
    rank = {kind: liked.index(kind) for kind in _USUAL}
    return tuple(sorted(ways, key=lambda way: rank.get(way.kind, -1)))
