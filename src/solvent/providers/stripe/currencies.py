"""Currencies: which ones Stripe charges, from which amount on, and how it counts them.

Owns the tables (docs.stripe.com/currencies) and the way between our minor units and Stripe's. They are the same, but
for the króna and the Ugandan shilling, which Stripe counts in hundredths that do not exist. The ariary is left out:
Stripe counts it whole, while it has fifths. Does not own what a payment costs.
"""

from collections.abc import Mapping

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES
KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD
TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""

CURRENCIES = frozenset(_CODES.split())

# In our minor units; where none is given, Stripe's least amount depends on the exchange rate of the day.
MINIMUMS: Mapping[str, int] = {
    "AED": 200,
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}

_HUNDREDTHS_OF = frozenset({"ISK", "UGX"})


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units as Stripe counts them."""
    return amount * 100 if currency in _HUNDREDTHS_OF else amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's units as our minor units. Raises ValueError for a part of a unit that has none."""
    if currency not in _HUNDREDTHS_OF:
        return amount
    whole, rest = divmod(amount, 100)
    if rest:
        raise ValueError(f"{amount} hundredths of {currency}: it has none")
    return whole
