"""Phrases in German: each sentence of `phrase.Sentence` as a function of its parts.

Owns the words, and how numbers, amounts and days stand in them: 1.234,50 EUR, 31.01.2026. Does not own when a sentence
is said.
"""

from solvent.core.money import format_minor, format_scaled
from solvent.core.percent import percent

_UNITS = {
    "day": ("Tag", "Tage"),
    "week": ("Woche", "Wochen"),
    "month": ("Monat", "Monate"),
    "quarter": ("Quartal", "Quartale"),
    "year": ("Jahr", "Jahre"),
}
_COUNTED = {"second": "Sekunden", "day": "Tagen", "microsecond": "Mikrosekunden"}
_ROUNDED = {
    "half_up": "kaufmännisch gerundet",
    "half_even": "zur geraden Ziffer gerundet",
    "truncate": "abgeschnitten",
}
_SWAPPED = str.maketrans({",": ".", ".": ","})


def number(value: int) -> str:
    """A whole number: 1.234."""
    return f"{value:,}".translate(_SWAPPED)


def decimal(plain: str) -> str:
    """A plain decimal as German writes it: 1234.5 → 1.234,5."""
    whole, point, decimals = plain.removeprefix("-").partition(".")
    sign = "-" if plain.startswith("-") else ""
    return f"{sign}{number(int(whole))}{',' if point else ''}{decimals}"


def share(ppm: int) -> str:
    """Parts per million: 8,875 %."""
    return percent(ppm).translate(_SWAPPED)


def _money(minor: int, currency: str) -> str:
    return f"{decimal(format_minor(minor, currency))} {currency}"


def _fine(value: int, scale: int, currency: str) -> str:
    return decimal(f"{'-' if value < 0 else ''}{format_scaled(abs(value), scale, currency)}")


def _interval(count: int, unit: str) -> str:
    one, many = _UNITS[unit]
    return f"pro {one}" if count == 1 else f"je {count} {many}"


def _day(text: str) -> str:
    return ".".join(reversed(text.split("-")))


def _moment(text: str) -> str:
    day, _, time = text.partition("T")
    return f"{_day(day)} {time}"


def _result(exact: int, scale: int, total: int, currency: str, rounding: str) -> str:
    """What is exact, and what it is rounded to where that is less fine."""
    if exact == total * 10**scale:
        return f"= {_money(total, currency)}"
    return f"= {_fine(exact, scale, currency)}, {_ROUNDED[rounding]} {_money(total, currency)}"


def none(total: int, currency: str) -> str:
    return f"nichts = {_money(total, currency)}"


def flat(total: int, currency: str) -> str:
    return f"pauschal {_money(total, currency)}"


def per_unit(quantity: int, unit: int, scale: int, currency: str, total: int, rounding: str) -> str:
    result = _result(quantity * unit, scale, total, currency, rounding)
    return f"{number(quantity)} × {_fine(unit, scale, currency)} {currency} {result}"


def packages(count: int, size: int, unit: int, scale: int, currency: str, total: int, rounding: str) -> str:
    each = (
        f"{number(count)} Paket{'e' if count > 1 else ''} zu {number(size)} × {_fine(unit, scale, currency)}"
    )
    return f"{each} {_result(count * unit, scale, total, currency, rounding)}"


def _term(units: int, unit: int, flat: int, scale: int, currency: str) -> str:
    beside = f" + {_fine(flat, scale, currency)} pauschal" if flat else ""
    return f"{number(units)} × {_fine(unit, scale, currency)}{beside}"


def volume(units: int, unit: int, flat: int, scale: int, currency: str, total: int, rounding: str) -> str:
    result = _result(units * unit + flat, scale, total, currency, rounding)
    return f"alle {_term(units, unit, flat, scale, currency)} {result}"


def graduated(scale: int, currency: str, total: int, rounding: str, *tiers: int) -> str:
    threes = list(zip(tiers[::3], tiers[1::3], tiers[2::3], strict=True))
    exact = sum(units * unit + flat for units, unit, flat in threes)
    terms = " + ".join(_term(*three, scale, currency) for three in threes)
    return f"die ersten {terms} {_result(exact, scale, total, currency, rounding)}"


def goods(name: str, quantity: int, thing: str) -> str:
    count = f" × {number(quantity)}" if quantity != 1 else ""
    return f"{name}{count}, {thing}" if thing else f"{name}{count}"


def unused_time(goods: str) -> str:
    return f"Ungenutzte Zeit: {goods}"


def remaining_time(goods: str) -> str:
    return f"Restliche Zeit: {goods}"


def usage(product: str, meter: str, thing: str) -> str:
    return f"Verbrauch {product}: {meter}{f', {thing}' if thing else ''}"


def later_usage(product: str, meter: str, thing: str) -> str:
    return f"Nachträglicher Verbrauch {product}: {meter}{f', {thing}' if thing else ''}"


def prepaid() -> str:
    return "Guthaben im Voraus"


def discount_share(coupon: str, ppm: int, goods: str) -> str:
    return f"{coupon} ({share(ppm)} Rabatt) auf {goods}"


def discount_amount(coupon: str, amount: int, currency: str, goods: str) -> str:
    return f"{coupon} ({_money(amount, currency)} Rabatt) auf {goods}"


def in_advance(price: str, count: int, unit: str, start: str, end: str) -> str:
    return f"{price} {_interval(count, unit)}, im Voraus für {_day(start)} bis {_day(end)}"


def once(price: str) -> str:
    return f"{price}, einmalig"


def _part(
    word: str,
    price: str,
    interval: tuple[int, str],
    fraction: tuple[int, int, str, int],
    stretch: tuple[str, str],
    result: tuple[str, int, str],
) -> str:
    numerator, denominator, counted, hundredths = fraction
    percentage, decimals = divmod(hundredths, 100)
    start, end = (_moment(text) for text in stretch)
    rounding, worth, currency = result
    return (
        f"{price} {_interval(*interval)}, {word} {number(numerator)} von {number(denominator)} {_COUNTED[counted]} "
        f"({percentage},{decimals:02} %) vom {start} bis {end}, {_ROUNDED[rounding]} = {_money(worth, currency)}"
    )


def unused(  # noqa: PLR0913, PLR0917 -- so many parts has the sentence
    price: str,
    count: int,
    unit: str,
    numerator: int,
    denominator: int,
    counted: str,
    hundredths: int,
    start: str,
    end: str,
    rounding: str,
    worth: int,
    currency: str,
) -> str:
    fraction = numerator, denominator, counted, hundredths
    return _part("ungenutzt", price, (count, unit), fraction, (start, end), (rounding, worth, currency))


def remaining(  # noqa: PLR0913, PLR0917 -- as above
    price: str,
    count: int,
    unit: str,
    numerator: int,
    denominator: int,
    counted: str,
    hundredths: int,
    start: str,
    end: str,
    rounding: str,
    worth: int,
    currency: str,
) -> str:
    fraction = numerator, denominator, counted, hundredths
    return _part("restliche", price, (count, unit), fraction, (start, end), (rounding, worth, currency))


def used(unit: str, price: str, start: str, end: str) -> str:
    return f"{unit}: {price}, verbraucht vom {_day(start)} bis einschließlich {_day(end)}"


def used_so_far(unit: str, price: str, start: str, end: str) -> str:
    return f"{unit}: {price}, bisher verbraucht vom {_day(start)} bis einschließlich {_day(end)}"


def less_billed(said: str, billed: int, rest: int, currency: str) -> str:
    before = decimal(format_minor(billed, currency))
    return f"{said}, abzüglich {before} früher berechnet = {_money(rest, currency)}"


def prepaid_credit(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} Guthaben; Steuer fällt auf das an, was damit bezahlt wird"


def as_entered() -> str:
    return "wie vom Anbieter eingetragen"


def coupon_share(code: str, ppm: int, base: int, part: int, currency: str, rounding: str) -> str:
    sum_ = f"{share(ppm)} von {_money(base, currency)} = {_money(part, currency)}"
    return f"Gutschein {code}: {sum_}, {_ROUNDED[rounding]}"


def coupon_amount(code: str, available: int, together: int, base: int, part: int, currency: str) -> str:
    off, whole = _money(available, currency), _money(together, currency)
    here = f"Gutschein {code}: {off} Rabatt auf {whole}, davon {_money(part, currency)} auf diese Zeile"
    if base == together:
        return here
    return f"{here}, der Anteil ihrer {_money(base, currency)}, so gerundet, dass die Zeilen ihn ergeben"


def coupon_part(
    code: str, available: int, whole: int, together: int, base: int, part: int, currency: str
) -> str:
    share = f"Gutschein {code}, von {_money(whole, currency)} der Anteil dieses Teils des Warenkorbs"
    return share + coupon_amount(code, available, together, base, part, currency).removeprefix(
        f"Gutschein {code}"
    )


def coupon_kept(  # noqa: PLR0913, PLR0917
    code: str,
    taken: int,
    charged: int,
    credited: int,
    before: int,
    earlier: int,
    part: int,
    currency: str,
    rounding: str,
) -> str:
    others = f", nach {_money(before, currency)} durch andere" if before else ""
    with_theirs = f" zusammen mit den {_money(earlier, currency)} der anderen" if before else ""
    return (
        f"Gutschein {code} hatte {_money(taken, currency)} von {_money(charged, currency)} abgezogen{others}: "
        f"von den gutgeschriebenen {_money(credited, currency)} wurden {_money(part, currency)} nie berechnet, "
        f"{_ROUNDED[rounding]}{with_theirs}"
    )


def given_before(said: str, given: int, rest: int, currency: str) -> str:
    less = f"abzüglich {_money(given, currency)}, die Gutschriften davon schon zurückgegeben haben"
    return f"{said}; {less} = {_money(rest, currency)}"


def by_credit_note(said: str, apart: int, rest: int, currency: str) -> str:
    return f"{said}; abzüglich {_money(apart, currency)} als Gutschrift = {_money(rest, currency)}"


def stretch(  # noqa: PLR0913, PLR0917
    said: str,
    first: str,
    last: str,
    numerator: int,
    denominator: int,
    counted: str,
    hundredths: int,
    part: int,
    currency: str,
) -> str:
    percentage, decimals = divmod(hundredths, 100)
    fraction = (
        f"{number(numerator)} von {number(denominator)} {_COUNTED[counted]} ({percentage},{decimals:02} %)"
    )
    why = "weil sich der Steuersatz ändert, so gerundet, dass die Teile das Ganze ergeben"
    return f"{said}; davon {fraction} vom {_day(first)} bis {_day(last)}, {why} = {_money(part, currency)}"


def of_line(position: int, part: int, charged: int, currency: str) -> str:
    if part == charged:
        return f"alles von {_money(charged, currency)} in Zeile {position} der Rechnung"
    return f"{_money(part, currency)} von {_money(charged, currency)} in Zeile {position} der Rechnung"


def part_of(said: str, part: int, base: int, currency: str) -> str:
    return f"{said}; davon {_money(part, currency)} auf {_money(base, currency)}"


def tax_added(name: str, ppm: int, whole: int, part: int, currency: str, rounding: str) -> str:
    on = f"{name} {share(ppm)} auf {_money(whole, currency)}"
    return f"{on} = {_money(part, currency)}, {_ROUNDED[rounding]}"


def tax_contained(
    name: str, ppm: int, together: int, whole: int, part: int, currency: str, rounding: str
) -> str:
    of_all = f" von {share(together)}" if together != ppm else ""
    within = f"{name} {share(ppm)}{of_all} enthalten in {_money(whole, currency)}"
    return f"{within} = {_money(part, currency)}, {_ROUNDED[rounding]}"


def once_for_all(said: str) -> str:
    return f"{said}, einmal für die Rechnung"


def with_discounts(said: str) -> str:
    return f"{said}, über die Zeile mit ihren Rabatten"


def at_home(said: str, place: str) -> str:
    return f"{said}; versteuert in {place}, wo der Verkäufer seinen Sitz hat"


def exempt(place: str) -> str:
    return f"steuerbefreit: diesem Kunden wird in {place} keine Steuer berechnet"


def reverse_charge(place: str) -> str:
    return f"Steuerschuldnerschaft des Leistungsempfängers: der Kunde führt die Umsatzsteuer in {place} ab"


def not_collected(place: str) -> str:
    return f"nicht erhoben: der Verkäufer ist für keine Steuer registriert, die in {place} gilt"


def listed(*said: str) -> str:
    return "; ".join(said)


def net_days(days: int) -> str:
    return f"{days} Tage netto"


def on_receipt() -> str:
    return "Sofort fällig"


def credited_by(number: str, amount: int, currency: str) -> str:
    return f"Gutgeschrieben mit {number}: {_money(amount, currency)}"


def set_off(amount: int, currency: str, number: str) -> str:
    return f"{_money(amount, currency)} mit Rechnung {number} verrechnet"


def refunded(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} auf das Zahlungsmittel erstattet"


def to_credit(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} dem Guthaben des Kontos zugeschrieben"


def reason_reverse_charge() -> str:
    return "Steuerschuldnerschaft des Leistungsempfängers"


def reason_outside() -> str:
    return "Nicht steuerbar"
