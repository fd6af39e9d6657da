"""Tax status: what decides about a customer's tax, checked.

Owns the rules of country, region, VAT number and exemption as input. Does not own what follows from them (`core.tax`)
nor the account that they are part of (`accounts`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from solvent.core.code_lists import COUNTRY_RULE, is_country
from solvent.core.tax import Buyer
from solvent.store.tax_numbers import WrongTaxNumber, checked
from solvent.web.problems import FieldError, breaks

_REGION = re.compile(r"[A-Z0-9]{1,3}(/[A-Z0-9-]{1,20}){0,3}")


def kept(buyer: Buyer) -> Buyer:
    """What is stored of a customer's tax status, or a problem that names every broken field."""
    errors = [FieldError(field, rule) for field, rule in broken_rules(buyer)]
    if errors:
        raise breaks(*errors)
    return replace(buyer, tax_id=None if buyer.tax_id is None else checked(buyer.tax_id, buyer.country))


def broken_rules(buyer: Buyer) -> Iterator[tuple[str, str]]:
    """Each field and the rule it breaks."""
    if not is_country(buyer.country):
        yield "country", COUNTRY_RULE
    if buyer.region is not None and not _REGION.fullmatch(buyer.region):
        yield "region", "must be an ISO 3166-2 code without its country, e.g. NY, or within it NY/NYC"
    if buyer.tax_id is not None:
        try:
            checked(buyer.tax_id, buyer.country)
        except WrongTaxNumber as error:
            yield "tax_id", str(error)
