"""Manual: bank transfers, cheques and the like, that the merchant records when they have come."""

from solvent.providers.manual.adapter import CAPABILITIES, NAME, ManualProvider

__all__ = ["CAPABILITIES", "NAME", "ManualProvider"]
