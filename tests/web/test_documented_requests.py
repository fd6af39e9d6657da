"""Every request of the documentation is sent to a server, and answered as its page says; every catalog is applied.

A block of kind `http` is read as people read it: a method and a path; the body below; what the answer holds in quotes
behind a `#`, or as a line that begins with its status. `{id}` is an account that owes, another name in braces is what
the block has just made, and moments stand for some of now (`MOMENTS`). What cannot be sent is named with its reason.
How the blocks are judged without a server is `test_examples`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from solvent.store import catalog_file, offers
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.web import routes
from tests.web.house import House, fresh_key
from tests.web.test_examples import EXAMPLES, Example, with_the_example_catalog
from tests.web.test_pay_page import owing

NOT_SENT = {
    "docs/webhooks.md": "what Solvent sends: `tests/store/test_webhooks.py` receives it and verifies it"
}
NOT_APPLIED = {
    "docs/routing.md": "a file of a setting: `test_examples` reads it as the start of a process does",
    "docs/tax.md": "a file of tax rates: `test_examples` reads it as `solvent tax apply` does",
    "docs/observability.md": "a file of Prometheus: `test_examples` knows the ports that it names",
}
MOMENTS = {  # of a body, by the field's name
    "expires_at": timedelta(days=7),
    "since": timedelta(days=-30),
    "at": timedelta(days=-1),
    "until": timedelta(0),
}
_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) +([^\s#]+)\s*(?:#(.*))?$")
_ANSWER = re.compile(r"(\d{3}) (\{.*\})$")
_FIELD = re.compile(r'"(\w+)": "20\d\d-[^"]*Z"')
SHOP = {"mode": "on", "by": "carol", "reason": "as shipped"}


@dataclass
class Told:
    """One request of a block, and what the page says of its answer."""

    method: str
    path: str
    names: list[str]
    body: str = ""
    status: int | None = None
    answer: dict[str, Any] = field(default_factory=dict)


def told(text: str) -> list[Told]:
    """The requests of a block, in their order."""
    found: list[Told] = []
    for line in text.splitlines():
        if request := _REQUEST.match(line):
            found.append(Told(request[1], request[2], re.findall(r'"(\w+)"', request[3] or "")))
        elif answer := _ANSWER.match(line):
            found[-1].status, found[-1].answer = int(answer[1]), json.loads(answer[2])
        else:
            found[-1].body += line
    return found


def names_in(answer: object) -> Iterator[str]:
    """Every name of an answer, at whatever depth."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield name
            yield from names_in(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from names_in(value)


@dataclass
class Sender:
    """Sends the requests of one block: `made` is the id of what it made last."""

    house: House
    account: str
    made: str = ""

    def send(self, one: Told) -> None:
        """Send it; the answer is as its page says."""
        path = one.path.replace("{id}", self.account)
        path = re.sub(r"\{\w+\}", self.made, path).removeprefix("/v1")
        content = self._now(one.body.replace("acc_…", self.account)) if one.body else None
        headers = {"idempotency-key": fresh_key(), "content-type": "application/json"}
        answer = self.house.client.request(one.method, path, content=content, headers=headers)
        assert answer.status_code in self._promised(one), answer.text
        said = answer.json()
        assert set(one.names) <= set(names_in(said)), f"{path} says {sorted(set(names_in(said)))}"
        if one.answer:
            assert said.keys() == one.answer.keys()
            for name, value in one.answer.items():
                assert said[name].startswith(value.removesuffix("…")) or not value.endswith("_…"), name
        if one.method == "POST":
            self.made = said.get("id", "")

    def _promised(self, one: Told) -> set[int]:
        if one.status is not None:
            return {one.status}
        plain = re.sub(r"\{\w+\}", "{}", one.path.partition("?")[0])
        (found,) = (
            e for e in routes.API if e.method == one.method and re.sub(r"\{\w+\}", "{}", e.path) == plain
        )
        return set(found.answers)

    def _now(self, body: str) -> str:
        now = self.house.solvent.clock()
        return _FIELD.sub(lambda m: f'"{m[1]}": "{(now + MOMENTS[m[1]]).isoformat()}"', body)


def _of(kind: str, left_out: dict[str, str]) -> list[Example]:
    return [e for e in EXAMPLES if e.kind == kind and e.page not in left_out]


@pytest.fixture(scope="module")
def debtor(house: House) -> Iterator[str]:
    """An account that owes and was asked for it again; afterwards the engine is as it was shipped."""
    now = house.solvent.clock()
    account, _ = owing(house, test_clock=now.isoformat())
    house.post("/clock", {"account_id": account, "now": (now + timedelta(days=2)).isoformat()}, 200)
    yield account
    house.post("/engine", SHOP, 200)


@pytest.mark.parametrize("example", _of("http", NOT_SENT), ids=lambda e: f"{e.page}:{e.line}")
def test_every_request_is_answered_as_its_page_says(house: House, debtor: str, example: Example) -> None:
    sender = Sender(house, debtor)
    requests = told(example.text)
    assert requests
    for one in requests:
        sender.send(one)


@pytest.mark.parametrize(
    "text",
    [
        'GET /v1/engine  # "nothing"',
        "GET /v1/accounts/{id}/nothing",
        'POST /v1/engine\n{"mode": "fast", "by": "c", "reason": "r"}',
        'POST /v1/accounts/{id}/portal-links\n{}\n201 {"id": "pvs_…"}',
        'POST /v1/accounts/{id}/portal-links\n{}\n200 {"id": "pvs_…", "account_id": "", "url": "", "expires_at": ""}',
    ],
)
def test_what_a_page_says_wrongly_is_found(house: House, debtor: str, text: str) -> None:
    (one,) = told(text)
    with pytest.raises((AssertionError, ValueError)):
        Sender(house, debtor).send(one)


@pytest.mark.parametrize("example", _of("yaml", NOT_APPLIED), ids=lambda e: f"{e.page}:{e.line}")
def test_every_catalog_can_be_applied(postgres: EmbeddedServer, example: Example) -> None:
    name = f"solvent_documented_{example.line}"
    postgres.ensure_database(name)
    url = postgres.url(name)
    migrate(url)
    said = yaml.safe_load(example.text)
    declared = catalog_file.parse(with_the_example_catalog(said))
    with Database(url) as database:
        changed = offers.apply(
            database,
            entities=declared.entities,
            products=declared.products,
            prices=declared.prices,
            meters=declared.meters,
            terms=declared.terms,
            coupons=declared.coupons,
            features=declared.features,
            now=datetime.now(UTC),
        )
    named = {one.get("id") or one.get("key") or one.get("code") for part in said.values() for one in part}
    assert {name for name in named if not any(name in line for line in changed)} == set()


def test_every_page_that_is_left_out_is_there() -> None:
    pages = {(example.kind, example.page) for example in EXAMPLES}
    assert {("http", page) for page in NOT_SENT} | {("yaml", page) for page in NOT_APPLIED} <= pages
