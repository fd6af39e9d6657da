"""Phrases in English: each sentence of `phrase.Sentence` as a function of its parts.

Owns the words, and how numbers, amounts and days stand in them: plain decimals, days as ISO 8601 writes them. Does not
own when a sentence is said.
"""

from solvent.core.money import format_minor, format_scaled
from solvent.core.percent import percent


def _money(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"


def _fine(value: int, scale: int, currency: str) -> str:
    return f"{'-' if value < 0 else ''}{format_scaled(abs(value), scale, currency)}"


def _interval(count: int, unit: str) -> str:
    return unit if count == 1 else f"{count} {unit}s"


def _moment(text: str) -> str:
    return text.replace("T", " ")


def _rounded(rounding: str) -> str:
    return f"rounded {rounding.replace('_', '-')}"


def _result(exact: int, scale: int, total: int, currency: str, rounding: str) -> str:
    """What is exact, and what it is rounded to where that is less fine."""
    if exact == total * 10**scale:
        return f"= {_money(total, currency)}"
    return f"= {_fine(exact, scale, currency)}, {_rounded(rounding)} to {_money(total, currency)}"


def none(total: int, currency: str) -> str:
    return f"none = {_money(total, currency)}"


def flat(total: int, currency: str) -> str:
    return f"flat {_money(total, currency)}"


def per_unit(quantity: int, unit: int, scale: int, currency: str, total: int, rounding: str) -> str:
    result = _result(quantity * unit, scale, total, currency, rounding)
    return f"{quantity} × {_fine(unit, scale, currency)} {currency} {result}"


def packages(count: int, size: int, unit: int, scale: int, currency: str, total: int, rounding: str) -> str:
    each = f"{count} package{'s' if count > 1 else ''} of {size} × {_fine(unit, scale, currency)}"
    return f"{each} {_result(count * unit, scale, total, currency, rounding)}"


def _term(units: int, unit: int, flat: int, scale: int, currency: str) -> str:
    beside = f" + {_fine(flat, scale, currency)} flat" if flat else ""
    return f"{units} × {_fine(unit, scale, currency)}{beside}"


def volume(units: int, unit: int, flat: int, scale: int, currency: str, total: int, rounding: str) -> str:
    result = _result(units * unit + flat, scale, total, currency, rounding)
    return f"all {_term(units, unit, flat, scale, currency)} {result}"


def graduated(scale: int, currency: str, total: int, rounding: str, *tiers: int) -> str:
    threes = list(zip(tiers[::3], tiers[1::3], tiers[2::3], strict=True))
    exact = sum(units * unit + flat for units, unit, flat in threes)
    terms = " + ".join(_term(*three, scale, currency) for three in threes)
    return f"first {terms} {_result(exact, scale, total, currency, rounding)}"


def goods(name: str, quantity: int, thing: str) -> str:
    count = f" × {quantity:,}" if quantity != 1 else ""
    return f"{name}{count}, {thing}" if thing else f"{name}{count}"


def unused_time(goods: str) -> str:
    return f"Unused time on {goods}"


def remaining_time(goods: str) -> str:
    return f"Remaining time on {goods}"


def usage(product: str, meter: str, thing: str) -> str:
    return f"Usage of {product}: {meter}{f', {thing}' if thing else ''}"


def later_usage(product: str, meter: str, thing: str) -> str:
    return f"Later usage of {product}: {meter}{f', {thing}' if thing else ''}"


def prepaid() -> str:
    return "Prepaid credit"


def discount_share(coupon: str, ppm: int, goods: str) -> str:
    return f"{coupon} ({percent(ppm)} off) on {goods}"


def discount_amount(coupon: str, amount: int, currency: str, goods: str) -> str:
    return f"{coupon} ({_money(amount, currency)} off) on {goods}"


def in_advance(price: str, count: int, unit: str, start: str, end: str) -> str:
    return f"{price} per {_interval(count, unit)}, in advance for {start} to {end}"


def once(price: str) -> str:
    return f"{price}, once"


def _part(
    word: str,
    price: str,
    interval: tuple[int, str],
    share: tuple[int, int, str, int],
    stretch: tuple[str, str],
    result: tuple[str, int, str],
) -> str:
    numerator, denominator, counted, hundredths = share
    percentage, decimals = divmod(hundredths, 100)
    start, end = (_moment(text) for text in stretch)
    rounding, worth, currency = result
    return (
        f"{price} per {_interval(*interval)}, {word} {numerator:,} of {denominator:,} {counted}s "
        f"({percentage}.{decimals:02} %) from {start} to {end}, {_rounded(rounding)} = {_money(worth, currency)}"
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
    share = numerator, denominator, counted, hundredths
    return _part("unused", price, (count, unit), share, (start, end), (rounding, worth, currency))


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
    share = numerator, denominator, counted, hundredths
    return _part("remaining", price, (count, unit), share, (start, end), (rounding, worth, currency))


def used(unit: str, price: str, start: str, end: str) -> str:
    return f"{unit}: {price}, used from {start} through {end}"


def used_so_far(unit: str, price: str, start: str, end: str) -> str:
    return f"{unit}: {price}, used so far from {start} through {end}"


def less_billed(said: str, billed: int, rest: int, currency: str) -> str:
    return f"{said}, less {format_minor(billed, currency)} billed before = {_money(rest, currency)}"


def prepaid_credit(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} of account credit; tax is due on what it pays for"


def as_entered() -> str:
    return "entered by the merchant"


def coupon_share(code: str, ppm: int, base: int, part: int, currency: str, rounding: str) -> str:
    sum_ = f"{percent(ppm)} of {_money(base, currency)} = {_money(part, currency)}"
    return f"coupon {code}: {sum_}, {_rounded(rounding)}"


def coupon_amount(code: str, available: int, together: int, base: int, part: int, currency: str) -> str:
    off, whole = _money(available, currency), _money(together, currency)
    if base == together:
        return f"coupon {code}: {off} off {whole}, of it {_money(part, currency)} on this line"
    share = f"the share of its {_money(base, currency)}, rounded so that the lines sum to it"
    return f"coupon {code}: {off} off {whole}, of it {_money(part, currency)} on this line, {share}"


def coupon_part(
    code: str, available: int, whole: int, together: int, base: int, part: int, currency: str
) -> str:
    share = f"coupon {code}, of its {_money(whole, currency)} the share of this part of the cart"
    return share + coupon_amount(code, available, together, base, part, currency).removeprefix(
        f"coupon {code}"
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
    others = f", after {_money(before, currency)} by others" if before else ""
    with_theirs = f" together with the {_money(earlier, currency)} of the others" if before else ""
    return (
        f"coupon {code} had taken {_money(taken, currency)} of {_money(charged, currency)}{others}: "
        f"of the {_money(credited, currency)} credited {_money(part, currency)} was never charged, "
        f"{_rounded(rounding)}{with_theirs}"
    )


def given_before(said: str, given: int, rest: int, currency: str) -> str:
    less = f"less {_money(given, currency)} that credit notes gave back of it before"
    return f"{said}; {less} = {_money(rest, currency)}"


def by_credit_note(said: str, apart: int, rest: int, currency: str) -> str:
    return f"{said}; less {_money(apart, currency)} by credit note = {_money(rest, currency)}"


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
    time = (
        f"{numerator:,} of {denominator:,} {counted}s ({percentage}.{decimals:02} %) from {first} to {last}"
    )
    why = "because the tax rate changes, rounded so that its parts sum to it"
    return f"{said}; of it {time}, {why} = {_money(part, currency)}"


def of_line(position: int, part: int, charged: int, currency: str) -> str:
    if part == charged:
        return f"all of the {_money(charged, currency)} of line {position} of the invoice"
    return f"{_money(part, currency)} of the {_money(charged, currency)} of line {position} of the invoice"


def part_of(said: str, part: int, base: int, currency: str) -> str:
    return f"{said}; of it {_money(part, currency)} on {_money(base, currency)}"


def tax_added(name: str, ppm: int, whole: int, part: int, currency: str, rounding: str) -> str:
    return (
        f"{name} {percent(ppm)} on {_money(whole, currency)} = {_money(part, currency)}, {_rounded(rounding)}"
    )


def tax_contained(
    name: str, ppm: int, together: int, whole: int, part: int, currency: str, rounding: str
) -> str:
    of_all = f" of {percent(together)}" if together != ppm else ""
    within = f"{name} {percent(ppm)}{of_all} contained in {_money(whole, currency)}"
    return f"{within} = {_money(part, currency)}, {_rounded(rounding)}"


def once_for_all(said: str) -> str:
    return f"{said} once for the invoice"


def with_discounts(said: str) -> str:
    return f"{said} over the line with its discounts"


def at_home(said: str, place: str) -> str:
    return f"{said}; taxed in {place}, where the seller is established"


def exempt(place: str) -> str:
    return f"exempt: no tax is charged to this customer in {place}"


def reverse_charge(place: str) -> str:
    return f"reverse charge: the customer accounts for VAT in {place}"


def not_collected(place: str) -> str:
    return f"not collected: the seller is registered for no tax that holds in {place}"


def listed(*said: str) -> str:
    return "; ".join(said)


def net_days(days: int) -> str:
    return f"{days} days net"


def on_receipt() -> str:
    return "Due on receipt"


def credited_by(number: str, amount: int, currency: str) -> str:
    return f"Credited by {number}: {_money(amount, currency)}"


def set_off(amount: int, currency: str, number: str) -> str:
    return f"{_money(amount, currency)} set off against invoice {number}"


def refunded(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} refunded to the method of payment"


def to_credit(amount: int, currency: str) -> str:
    return f"{_money(amount, currency)} added to the account's credit"


def reason_reverse_charge() -> str:
    return "Reverse charge"


def reason_outside() -> str:
    return "Not subject to VAT"
