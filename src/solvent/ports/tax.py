"""The source of tax rates: the stored table by default, or another one (a tax service) behind the same protocol.

Does not own what a rate means or which of them hold (`core.tax`).
"""

from collections.abc import Sequence
from typing import Protocol

from solvent.core.tax import TaxRate


class TaxRatesSilent(Exception):
    """The source does not answer; what was known stays in force."""


class TaxRates(Protocol):
    """Where rates come from."""

    def rates(self) -> Sequence[TaxRate]:
        """Every rate ever in force, each with the instant from which it was known: an answer may grow, but nothing in
        it may change, or credits would not give back what was charged.

        Asked about once a second in every process that plans, so it should answer from memory. `TaxRatesSilent` when it
        cannot.
        """
        ...
