"""Naming: who the customer is: name, e-mail and postal address, and what decides about its tax; and changing them.

Owns these pages, and that nobody saves another country or number without having read what it does to tax. Does not own
the rules of a field, nor what debt forbids (`handlers.accounts`), nor what follows for tax (`tax_ahead`).
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from solvent.core.account import Account
from solvent.core.code_lists import COUNTRIES
from solvent.core.restriction import PAY_FIRST
from solvent.core.tax import EUROPEAN_UNION, Buyer
from solvent.web.bodies import AccountChangeBody, AddressBody
from solvent.web.endpoint import Reply
from solvent.web.handlers.accounts import changed
from solvent.web.pages.layout import see_other
from solvent.web.portal.tax_ahead import tax_ahead
from solvent.web.portal.visit import Place, Visit
from solvent.web.problems import Problem

PATH = "/portal/details"
_ADDRESS = ("lines", "postal_code", "city", "state")
_BUYER = ("country", "region", "tax_id")
_FIELDS = ("name", "email", *_ADDRESS, *_BUYER)


class _Unagreed(Exception):
    """Another tax status, of which the customer has not read yet what it does."""

    def __init__(self, account: Account, buyer: Buyer) -> None:
        super().__init__(_spelled(buyer))
        self.account, self.buyer = account, buyer


def details(visit: Visit) -> Reply:
    """Who the customer is, and a form to change it."""
    done = visit.words.details_saved if "saved" in visit.sent else None
    return _shown(visit, _known(visit.account), done=done)


def rename(visit: Visit) -> Reply:
    """Change it, for what is issued and charged from now on."""
    sent = {field: visit.sent[field].strip() for field in _FIELDS if field in visit.sent}

    def agree(account: Account, buyer: Buyer) -> None:
        if visit.sent.get("agreed") != _spelled(buyer):
            raise _Unagreed(account, buyer)

    filled = _known(visit.account) | sent
    try:
        changed(visit.call.solvent, visit.account.id, _body(sent), visit.now, agree)
    except Problem as problem:
        return _shown(visit, filled, wrong=problem)
    except _Unagreed as asked:
        return _shown(visit, filled, asked=asked)
    return see_other(f"{PATH}?saved=1")


def _spelled(buyer: Buyer) -> str:
    """What of a tax status a customer agrees to."""
    return "|".join((buyer.country, buyer.region or "", buyer.tax_id or ""))


def _known(account: Account) -> dict[str, str]:
    """What the fields hold as the account is now."""
    address = account.address
    return {
        "name": account.name,
        "email": account.email,
        "lines": "" if address is None else "\n".join(address.lines),
        "postal_code": "" if address is None else address.postal_code or "",
        "city": "" if address is None else address.city,
        "state": "" if address is None else address.region or "",
        "country": account.country,
        "region": account.region or "",
        "tax_id": account.tax_id or "",
    }


def _body(sent: Mapping[str, str]) -> AccountChangeBody:
    """The fields as the API takes them: what was not sent stays, what was emptied is empty. Name and e-mail belong to
    the form."""
    given: dict[str, Any] = {"name": sent.get("name", ""), "email": sent.get("email", "")}
    if any(field in sent for field in _ADDRESS):
        given["address"] = _address(sent)
    if "country" in sent:
        given["country"] = sent["country"]
    if "region" in sent:
        given["region"] = sent["region"].upper() or None
    if "tax_id" in sent:
        given["tax_id"] = sent["tax_id"] or None
    return AccountChangeBody(**given)


def _address(sent: Mapping[str, str]) -> AddressBody | None:
    """The address; none where all of it is empty."""
    if not any(sent.get(field) for field in _ADDRESS):
        return None
    lines = (line.strip() for line in sent.get("lines", "").splitlines())
    return AddressBody(
        lines=tuple(line for line in lines if line),
        city=sent.get("city", ""),
        postal_code=sent.get("postal_code") or None,
        region=sent.get("state") or None,
    )


def _shown(
    visit: Visit,
    filled: Mapping[str, str],
    *,
    done: str | None = None,
    wrong: Problem | None = None,
    asked: _Unagreed | None = None,
) -> Reply:
    """The form; what is wrong is said at the field that it is about, and that debt forbids it above all of them."""
    words = visit.words
    broken = {} if wrong is None else {_field(error.field): error.rule for error in wrong.errors}
    restricted = PAY_FIRST in broken.values()
    said = {} if restricted else {field: _rule(visit, field, filled["country"]) for field in broken}
    content = {
        "sent": filled,
        "done": done,
        "problem": words.details_restricted if restricted else None,
        "wrong": dict.fromkeys(_FIELDS, "") | said,
        "countries": _countries(visit),
        "ahead": None if asked is None else tax_ahead(visit, asked.account, asked.buyer),
        "agreed": None if asked is None else _spelled(asked.buyer),
    }
    status = 200 if wrong is None else wrong.status
    return visit.show("portal_details.html", Place.OVERVIEW, words.details_title, content, status)


def _field(name: str) -> str:
    """The field of the form that one of the API is: ``address.lines[1]`` is in ``lines``."""
    part, _, within = name.partition(".")
    if part != "address":
        return part
    return "state" if within == "region" else within.partition("[")[0]


def _rule(visit: Visit, field: str, country: str) -> str:
    """What must hold there, in the visitor's words."""
    if field == "tax_id" and country in EUROPEAN_UNION:
        rule = visit.words.wrong_vat_number
    else:
        rule = str(getattr(visit.words, f"wrong_{field}"))
    return rule.format(country=visit.tongue.country(country))


def _countries(visit: Visit) -> list[tuple[str, str]]:
    """The countries to choose from, by their names; what has none is there only for who is there."""
    named = {code: visit.tongue.country(code) for code in (*COUNTRIES, visit.account.country)}
    known = [(code, name) for code, name in named.items() if name != code or code == visit.account.country]
    return sorted(known, key=lambda one: _plain(one[1]))


def _plain(name: str) -> str:
    """A name without accents, as a list is sorted."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
