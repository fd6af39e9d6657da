"""Tax numbers: whether a number is one of its country, by its check digits.

Owns which check is made for which country, and the spelling of a customer's number that is kept; a seller's are kept as
they are given. Does not own what follows from a number (`core.tax`). Whether the number is in use only its tax office
knows (VIES for the European Union); that is not asked.
"""

from stdnum import get_cc_module
from stdnum.eu import oss
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from solvent.core.party import TAX_ID_MAX, printable
from solvent.core.tax import EUROPEAN_UNION, ONE_STOP_SHOP

_PREFIXES = {"GR": "EL"}  # the one member state whose numbers begin with another code than ISO 3166's
_OF_UNION = (EUROPEAN_UNION - {"GR"}) | {
    "EL",
    "XI",
}  # Northern Ireland's are checked as the member states' are


class WrongTaxNumber(ValueError):
    """It cannot be a number of that country; the text says what must hold."""


def checked(text: str, country: str) -> str:
    """The number as it is kept. In the European Union it must be a VAT number with its country's prefix, and loses
    spaces and the like; elsewhere it is checked where a check is known, and stays as it is."""
    if country in EUROPEAN_UNION:
        return _of_union(text, _PREFIXES.get(country, country))
    if not printable(text, TAX_ID_MAX):
        raise WrongTaxNumber(f"must be one line of 1 to {TAX_ID_MAX} characters without spaces around it")
    _known(text, country)
    return text


def check_seller(text: str, country: str) -> None:
    """A legal entity's VAT number: of its own country, or of a member state of the Union that it begins with."""
    prefix = text[:2].upper()
    if prefix in _OF_UNION:
        _of_union(text, prefix)
    elif prefix == ONE_STOP_SHOP:
        _of_shop(text)
    else:
        checked(text, country)


def check_registration(text: str, country: str, region: str | None) -> None:
    """The number of a registration. In the One Stop Shop it is the VAT number of the member state where the seller is
    identified, or one of the shop's own. Outside of the Union a region's offices have numbers of their own kind."""
    if country == ONE_STOP_SHOP:
        _of_shop(text)
    elif country in EUROPEAN_UNION:
        _of_union(text, _PREFIXES.get(country, country))
    elif region is None:
        _known(text, country)


def _of_union(text: str, prefix: str) -> str:
    try:
        number = str(eu_vat.validate(text))
    except ValidationError:
        number = ""
    if not number.startswith(prefix):
        raise WrongTaxNumber(f"must be a VAT number whose check digits are right, beginning with {prefix}")
    return number


def _of_shop(text: str) -> None:
    if not (eu_vat.is_valid(text) or oss.is_valid(text)):
        raise WrongTaxNumber(
            "must be a VAT number of a member state whose check digits are right, or EU, three digits of a member "
            "state and six more (One Stop Shop)"
        )


def _known(text: str, country: str) -> None:
    """Checked where a check is known. Of a qualified invoice issuer of Japan it is the corporate number after a T."""
    check = get_cc_module(country.lower(), "vat")
    text = text.removeprefix("T") if country == "JP" else text
    try:
        if check is not None:
            check.validate(text)
    except ValidationError:
        raise WrongTaxNumber(f"must be a tax number of {country} whose check digits are right") from None
