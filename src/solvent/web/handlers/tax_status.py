"""Tax status: what decides about a customer's tax, checked and changed.

Owns the rules of country, region, VAT number and exemption as input, and the change of all four together: what they
were still counts for what was charged before. Does not own what follows from them (`core.tax`) nor the other fields of
an account (`accounts`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from msgspec import UNSET

from solvent.core.ids import spell
from solvent.core.tax import Buyer
from solvent.web.bodies import AccountChangeBody
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.present import account_view
from solvent.web.problems import FieldError, invalid, not_found
from solvent.web.tax_numbers import WrongTaxNumber, checked

_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z0-9]{1,3}(/[A-Z0-9-]{1,20}){0,3}")


def update(call: Call) -> Reply:
    """Change what decides about an account's tax; fields that are left out stay as they are."""
    body: AccountChangeBody = call.body
    spelled = call.path["account_id"]
    account_id = public_id("acc", spelled, "account_id")
    given = {
        name: value for name in ("country", "region", "tax_id") if (value := getattr(body, name)) is not UNSET
    }
    if body.tax_exempt is not UNSET:
        given["exempt"] = body.tax_exempt
    with call.solvent.database.begin() as tx:
        account = tx.accounts.lock(account_id)
        if account is None:
            raise not_found("account", spell("acc", account_id))
        buyer = kept(replace(account.buyer, **given))
        if buyer != account.buyer:
            account = tx.accounts.set_buyer(account, buyer, call.now)
    return Reply(account_view(account))


def kept(buyer: Buyer) -> Buyer:
    """What is stored of a customer's tax status, or a problem that names every broken field."""
    errors = [FieldError(field, rule) for field, rule in broken_rules(buyer)]
    if errors:
        raise invalid(*errors)
    return replace(buyer, tax_id=None if buyer.tax_id is None else checked(buyer.tax_id, buyer.country))


def broken_rules(buyer: Buyer) -> Iterator[tuple[str, str]]:
    """Each field and the rule it breaks."""
    if not _COUNTRY.fullmatch(buyer.country):
        yield "country", "must be an ISO 3166-1 alpha-2 code of two capital letters"
    if buyer.region is not None and not _REGION.fullmatch(buyer.region):
        yield "region", "must be an ISO 3166-2 code without its country, e.g. NY, or within it NY/NYC"
    if buyer.tax_id is not None:
        try:
            checked(buyer.tax_id, buyer.country)
        except WrongTaxNumber as error:
            yield "tax_id", str(error)
