"""What requests that are made up may hit upon: accounts with a history, whose ids and words are put into them.

Owns the world that `test_fuzzed` asks about, and the hook by which Schemathesis puts what is there in the place of ids
that nobody has: without it every request would end at "no such account". Half are left as they were made up. Does not
own what is asked nor what answers are judged by.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.generation.meta import TestPhase

from solvent.flows.reconcile import sweep
from tests.web.house import ACCOUNT, BUSINESS, CHALLENGED, GOOD, PRO, House, start

KNOWN = "SOLVENT_TEST_KNOWN"  # the variable in which the process of Schemathesis is told the words
LIVES = 4  # alike, because requests end some: carts are cancelled, methods removed
_ID = re.compile(r"(acc|att|sub|itm|inv|pay|ref|crn|crg|drf|ivi|hld|whe|crt|cln|mth|dsp)_[0-9a-f]{32}")
_LIKE = re.compile(r"([a-z]{3})_[0-9a-f]{16,32}(?:_[0-9]{1,6})?")
DISPUTED = "tok_4000000000000259"
_WHO = {"reason": "Agreed with the customer", "issued_by": "carol@example.com"}

Known = dict[str, list[str]]


def lived(house: House) -> Known:
    """Accounts with something of every kind; and the ids and words that requests may name, by prefix or field."""
    known: Known = {
        "entity": ["solvent-us", "solvent-eu"],
        "entity_id": ["solvent-us", "solvent-eu"],
        "currency": ["USD", "EUR", "JPY"],
        "country": ["US", "DE"],
        "object": ["account", "zone:example.com"],
        "price_id": [
            PRO,
            BUSINESS,
            "seats-usd-month",
            "requests-usd-month",
            "onboarding-usd",
            "media-usd-month",
        ],
        "code": ["WELCOME20"],
        "coupons": ["WELCOME20"],
        "codes": ["WELCOME20"],
        "meter": ["requests"],
        "provider": ["sandbox", "manual"],
        "method": [GOOD, CHALLENGED],
        "ledger_account": ["receivable", "cash:sandbox"],
        "time_zone": ["UTC", "Asia/Tokyo"],
        "product_id": ["zone-pro"],
        "token": [],
        "evt": [],
        "after": [],
    }
    for _ in range(LIVES):
        _live(house, known)
    _dispute(house, known)
    page = house.get("/events?limit=500")
    known["evt"] += [event["id"] for event in page["data"][:LIVES]]
    known["after"].append(page["next"])
    return known


def _live(house: House, known: Known) -> None:
    account = (
        house.account(test_clock="2026-01-31T12:00:00Z") if len(known.get("acc", ())) % 2 else house.account()
    )
    bought = house.buy(account)
    house.confirm(house.post(f"/accounts/{account}/methods", {}), "tok_5555555555554444")
    waiting = house.open(account, start(BUSINESS, "zone:second.example"))
    house.confirm(house.open(account, start(PRO, "zone:third.example")), CHALLENGED)
    lines = [{"description": "Onboarding", "amount": 9000}]
    issued = house.post("/invoices", {"account_id": account, "lines": lines})
    draft = house.post("/invoice-drafts", {"account_id": account, "lines": lines})
    house.post("/invoice-items", {"account_id": account, "description": "Migration", "unit_amount": 1500})
    note = house.post("/credit-notes", {"invoice_id": issued["invoice_id"], "amount": 500, **_WHO})
    credit = {"kind": "goodwill", "amount": 300, "reason": "An outage", "granted_by": "carol"}
    granted = house.post(f"/accounts/{account}/credit", credit)
    hold = {"consequence": "restrict", "reason": "waits", "author": "carol", "expires_at": _later()}
    held = house.post(f"/accounts/{account}/holds", hold)
    cart = house.post("/carts", {"account_id": account, "lines": [{"price_id": "media-usd-month"}]})
    hook = house.post("/webhook-endpoints", {"url": "https://shop.example/solvent"})
    methods = house.get(f"/accounts/{account}/methods")
    items = house.get(f"/invoice-items?account={account}")
    subscription = house.get(f"/subscriptions/{bought['subscription_id']}")
    payments = house.get(f"/payments?account={account}")
    refunds = house.get(f"/refunds?account={account}")
    told = (
        ACCOUNT,
        bought,
        waiting,
        issued,
        draft,
        note,
        granted,
        held,
        cart,
        hook,
        methods,
        items,
        subscription,
    )
    for said in (*told, payments, refunds):
        _collect(said, known)
    known["token"].append(cart["token"])


def _later() -> str:
    return (datetime.now(UTC) + timedelta(days=5)).isoformat()


def _collect(said: object, known: Known) -> None:
    for match in _ID.finditer(json.dumps(said)):
        ids = known.setdefault(match[1], [])
        if match[0] not in ids:
            ids.append(match[0])


def _dispute(house: House, known: Known) -> None:
    """Payments that are disputed at once, of which a look at the bank tells."""
    for account in known["acc"]:
        house.confirm(house.open(account, start(PRO, "zone:disputed.example")), DISPUTED)
    now = datetime.now(UTC)
    assert sweep(house.solvent.platform, "sandbox", now - timedelta(hours=1), now) is not None
    _collect(house.get("/disputes"), known)


def words(known: Known) -> dict[str, str]:
    """What the process of Schemathesis finds in its environment."""
    return {KNOWN: json.dumps(known)}


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Put what is there into a request that was made up."""
    if case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL:
        return  # there requests follow from answers
    known: Known = json.loads(os.environ[KNOWN])
    draw = Random(json.dumps([case.path, case.path_parameters, case.query, str(case.body)], default=str))
    if case.meta is None or case.meta.generation.mode.is_negative:
        known = {name: words for name, words in known.items() if len(name) == len("acc")}  # ids stay ids
    if case.path.removeprefix("/v1") != "/events":
        known.pop("after", None)  # elsewhere it is an id, or a cursor of another kind
    if not case.path.endswith("/confirm"):
        known.pop("method", None)  # elsewhere it is a word of a list
    case.path_parameters = _replaced(case.path_parameters, "", known, draw)
    case.query = _replaced(case.query, "", known, draw)
    if case.body is not NOT_SET:
        case.body = _replaced(case.body, "", known, draw)


def _replaced(value: object, name: str, known: Known, draw: Random) -> Any:  # noqa: ANN401 -- JSON
    """The same, with about half of what names something naming something that is there."""
    match value:
        case dict():
            return {key: _replaced(inner, key, known, draw) for key, inner in value.items()}
        case list():
            return [_replaced(inner, name, known, draw) for inner in value]
        case str() if draw.random() < 0.5:
            found = _LIKE.fullmatch(value)
            there = known.get(found[1] if found else name)
            return draw.choice(there) if there else value
        case _:
            return value
