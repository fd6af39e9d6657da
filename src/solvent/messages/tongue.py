"""Tongue: days and amounts as a reader writes them.

Owns the locale of a reader, by language and country, and the way of a day and an amount into text. Does not own words
(`words_en`, `words_de`).
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from solvent.core.account import Account
from solvent.core.language import Language
from solvent.core.money import exponent


class Tongue:
    """How a reader of a language in a country, whose days begin in a time zone, writes."""

    def __init__(self, language: Language, country: str, time_zone: str) -> None:
        self.language = language
        self._locale = _locale(language, country)
        self._zone = ZoneInfo(time_zone)

    @classmethod
    def of(cls, account: Account) -> "Tongue":
        """An account's."""
        return cls(account.language, account.country, account.time_zone)

    def day(self, moment: datetime) -> str:
        """The day of a moment, in full."""
        return format_date(moment.astimezone(self._zone).date(), "long", self._locale)

    def time(self, moment: datetime) -> str:
        """The time of day of a moment, with its zone."""
        return format_time(moment, "short", self._zone, self._locale) + f" {moment.astimezone(self._zone):%Z}"

    def span(self, start: datetime, end: datetime) -> str:
        """The days from `start` to before `end`."""
        first, last = (at.astimezone(self._zone).date() for at in (start, end - timedelta(microseconds=1)))
        return " – ".join(format_date(day, "medium", self._locale) for day in dict.fromkeys((first, last)))

    def number(self, value: int) -> str:
        """A whole number."""
        return str(format_decimal(value, locale=self._locale))

    def amount(self, minor: int, currency: str) -> str:
        """So many minor units, with the currency's sign."""
        value = Decimal(minor).scaleb(-exponent(currency))
        pattern = copy(self._locale.currency_formats["standard"])
        digits = exponent(currency)  # by ISO 4217: everyday use rounds some to what circulates
        pattern.frac_prec = (digits, digits)
        return str(pattern.apply(value, self._locale, currency=currency, currency_digits=False))

    def amounts(self, sums: Iterable[tuple[str, int]]) -> str:
        """Amounts of several currencies, one after the other."""
        totals: dict[str, int] = {}
        for currency, minor in sums:
            totals[currency] = totals.get(currency, 0) + minor
        return " + ".join(self.amount(minor, currency) for currency, minor in totals.items())

    def percent(self, ppm: int) -> str:
        """Parts per million as a percentage."""
        return f"{format_decimal(Decimal(ppm).scaleb(-4), locale=self._locale)} %"

    def country(self, code: str) -> str:
        """A country's name."""
        return str(self._locale.territories.get(code, code))


@cache
def _locale(language: Language, country: str) -> Locale:
    try:
        return Locale(language, country)
    except UnknownLocaleError:
        return Locale(language)
