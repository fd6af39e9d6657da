"""Amounts as PayPal writes them: minor units of ours, decimal text of its.

Owns the currencies. Two of them PayPal takes only in whole units, though ISO 4217 gives them two decimals (HUF, TWD):
an amount with a fraction could not be charged, so they are left out. Does not own what an amount is (`core.money`).
"""

from collections.abc import Mapping
from typing import Any

from solvent.core.money import Money, format_minor

_CODES = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB USD"
CURRENCIES = frozenset(_CODES.split())


def written(minor: int, currency: str) -> dict[str, str]:
    """1200 USD as ``{"currency_code": "USD", "value": "12.00"}``; 1200 JPY as "1200", 1200 KWD as "1.200"."""
    return {"currency_code": currency, "value": format_minor(minor, currency)}


def read(money: Mapping[str, Any]) -> tuple[int, str]:
    """Minor units and currency of an amount; raises ValueError for one that is none."""
    currency = str(money["currency_code"])
    return Money.parse(str(money["value"]), currency).minor, currency
