"""Tax numbers: whether a customer's number is one of its country, by its check digits.

Owns which check is made for which country, and the spelling that is kept. Does not own what follows from a number
(`core.tax`). Whether the number is in use only its tax office knows (VIES for the European Union); that is not asked.
"""

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from solvent.core.party import TAX_ID_MAX, printable
from solvent.core.tax import EUROPEAN_UNION

_PREFIXES = {"GR": "EL"}  # the one member state whose numbers begin with another code than ISO 3166's


class WrongTaxNumber(ValueError):
    """It cannot be a number of that country; the text says what must hold."""


def checked(text: str, country: str) -> str:
    """The number as it is kept. In the European Union it must be a VAT number with its country's prefix, and loses
    spaces and the like; elsewhere it is checked where a check is known, and stays as it is."""
    if country in EUROPEAN_UNION:
        return _of_union(text, _PREFIXES.get(country, country))
    if not printable(text, TAX_ID_MAX):
        raise WrongTaxNumber(f"must be one line of 1 to {TAX_ID_MAX} characters without spaces around it")
    check = get_cc_module(country.lower(), "vat")
    try:
        if check is not None:
            check.validate(text)
    except ValidationError:
        raise WrongTaxNumber(f"must be a tax number of {country} whose check digits are right") from None
    return text


def _of_union(text: str, prefix: str) -> str:
    try:
        number = str(eu_vat.validate(text))
    except ValidationError:
        number = ""
    if not number.startswith(prefix):
        raise WrongTaxNumber(f"must be a VAT number whose check digits are right, beginning with {prefix}")
    return number
