"""Way names: the kinds of ways to pay, as the API names them.

Owns that customers look for a wallet by its name: there is one that is approved elsewhere. Does not own the kinds
(`core.way`).
"""

from enum import StrEnum

from solvent.core.way import WayKind


class WayName(StrEnum):
    """What a customer chooses. `saved_card` and `saved` are methods on file; `none` is for what needs no payment."""

    SAVED_CARD = "saved_card"
    SAVED = "saved"
    CARD = "card"
    PAYPAL = "paypal"
    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"
    LINK = "link"
    BANK_DEBIT = "bank_debit"
    TRANSFER = "transfer"
    NONE = "none"

    @classmethod
    def of(cls, kind: WayKind) -> "WayName":
        """The name of a kind."""
        return cls.PAYPAL if kind is WayKind.AGREEMENT else cls(kind.value)

    @property
    def kind(self) -> WayKind:
        """The kind of a name."""
        return WayKind.AGREEMENT if self is WayName.PAYPAL else WayKind(self.value)
