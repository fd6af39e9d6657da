"""A running house: the web server and the bank as processes of their own, on a real database; and clients of it.

Owns starting and stopping them, and short words for what many tests do over HTTP. Owns no expectation beyond the
status that a step must have.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from solvent.config import Settings
from solvent.core.ids import parse
from solvent.core.language import Language
from solvent.flows.clock import work_account
from solvent.store import catalog_file, offers
from solvent.store.keys import Keys
from solvent.wiring import Solvent, build
from tests.patience import PATIENCE_S
from tests.ports import free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
INSTRUCTIONS = "Please transfer the amount to DE02 1203 0000 0000 2020 51."
ANWEISUNG = "Bitte überweisen Sie auf DE02 1203 0000 0000 2020 51."
BANK_KEY = "test-bank-key"

STOP_TIMEOUT_S = 60
GOOD = "tok_4242424242424242"
DECLINED = "tok_4000000000000002"
CHALLENGED = "tok_4000002500003155"
PRO = "zone-pro-usd-month"
BUSINESS = "zone-business-usd-month"
ACCOUNT = {
    "name": "Example Ltd",
    "email": "billing@example.com",
    "currency": "USD",
    "country": "US",
    "entity": "solvent-us",
}
SERVE = """
import sys
from solvent.config import Settings
from solvent.web.server import serve
serve(Settings(), sys.argv[1])
"""
_numbers = itertools.count(1)

Json = dict[str, Any]


@contextmanager
def process(
    arguments: list[str], environment: Mapping[str, str], ready_url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that runs until the block ends, waited for until `ready_url` answers."""
    child = subprocess.Popen(arguments, env=os.environ | environment)
    try:
        _wait_until_ready(child, ready_url)
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_ready(child: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError(f"the process ended with {child.returncode}")
        try:
            httpx.get(url, timeout=5, verify=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} did not answer within {PATIENCE_S} s")


@dataclass
class House:
    """The server's address, its database, and the same parts inside the test's process."""

    url: str
    bank_url: str
    database_url: str
    solvent: Solvent
    keys: Mapping[str, str]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.as_key("admin")

    def as_key(self, name: str) -> httpx.Client:
        """A client with the key of that name."""
        headers = {"authorization": f"Bearer {self.keys[name]}"}
        # Plain HTTP: loading the certificates of the system would be most of a test.
        return httpx.Client(base_url=f"{self.url}/v1", headers=headers, timeout=PATIENCE_S, verify=False)

    def get(self, path: str, status: int = 200) -> Any:  # noqa: ANN401 -- JSON
        """What a path says."""
        return self.said(self.client.get(path), status)

    def post(self, path: str, body: object, status: int = 201, key: str | None = None) -> Any:  # noqa: ANN401
        """What comes of posting, under a fresh key or that one."""
        headers = {"idempotency-key": key or fresh_key()}
        return self.said(self.client.post(path, json=body, headers=headers), status)

    def said(self, response: httpx.Response, status: int) -> Any:  # noqa: ANN401 -- JSON
        """The answer's body, if it has that status."""
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        kind = response.headers.get("content-type", "")
        assert (
            kind == ("application/problem+json" if status >= 400 else "application/json")
            or not response.content
        )
        return response.json() if response.content else None

    def account(self, **fields: object) -> str:
        """A new account's id."""
        return str(self.post("/accounts", ACCOUNT | fields)["id"])

    def open(self, account: str, change: Json, status: int = 201, **more: object) -> Json:
        """An opened change."""
        opened: Json = self.post("/changes", {"account_id": account, "change": change, **more}, status)
        return opened

    def confirm(self, change: Json, method: str | None = GOOD) -> Json:
        """The change after its customer's part."""
        body = {} if method is None else {"method": method}
        done: Json = self.post(f"/changes/{change['id']}/confirm", body, 200)
        return done

    def buy(self, account: str, price: str = PRO, thing: str = "zone:example.com", quantity: int = 1) -> Json:
        """A subscription that is paid."""
        done = self.confirm(self.open(account, start(price, thing, quantity)))
        assert done["state"] == "committed", done
        return done

    def work(self, account: str) -> int:
        """What the worker would do for one account."""
        now = datetime.now(UTC)
        return work_account(self.solvent.platform, parse("acc", account), now, now)

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            names = [
                row[0]
                for row in connection.execute(
                    "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
                )
            ]
            counts = " union all ".join(f"select '{name}', count(*) from {name}" for name in names)
            return dict(connection.execute(counts).fetchall())

    @contextmanager
    def nothing_written(self) -> Iterator[None]:
        """The block leaves every table as long as it was."""
        before = self.rows()
        yield
        assert self.rows() == before


def fresh_key() -> str:
    """An idempotency key that no other call has."""
    return f"test-{os.getpid()}-{next(_numbers)}"


def start(price: str = PRO, thing: str = "zone:example.com", quantity: int = 1) -> Json:
    """The change that starts a subscription with one item."""
    return {"type": "start", "items": [{"price_id": price, "object": thing, "quantity": quantity}]}


def problem(body: Json) -> tuple[str, list[str]]:
    """A problem's code, and the fields that it names."""
    assert body["type"].startswith("urn:solvent:problem:")
    assert body["title"]
    assert body["detail"]
    return body["type"].rpartition(":")[2], [error["field"] for error in body["errors"]]


def walked(house: House, path: str, limit: int) -> list[Json]:
    """All pages, one after the other."""
    found: list[Json] = []
    after = ""
    while True:
        page = house.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{after}")
        assert len(page["data"]) <= limit
        found += page["data"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def furnish(solvent: Solvent) -> dict[str, str]:
    """Bring in the example catalog; API keys by name."""
    now = datetime.now(UTC)
    declared = catalog_file.parse((EXAMPLES / "catalog.yaml").read_text(encoding="utf-8"))
    offers.apply(
        solvent.database,
        entities=declared.entities,
        products=declared.products,
        prices=declared.prices,
        meters=declared.meters,
        terms=declared.terms,
        coupons=declared.coupons,
        features=declared.features,
        now=now,
    )
    issuer = Keys(solvent.database.pool, solvent.platform.ids)
    keys = {scope: issuer.create(scope, [scope], now) for scope in ("read", "write", "clock", "admin")}
    return keys | {"other": issuer.create("other", ["admin"], now)}


@contextmanager
def running(database_url: str) -> Iterator[House]:
    """The house on a migrated, empty database: catalog and keys are brought in first."""
    port, bank_port = free_port(), free_port()
    bank_url = f"http://127.0.0.1:{bank_port}"
    settings = Settings(
        sandbox_url=bank_url,
        sandbox_secret=BANK_KEY,
        host="127.0.0.1",
        port=port,
        manual_instructions=INSTRUCTIONS,
        manual_translations={Language.DE: ANWEISUNG},
        portal_cancel="now_with_credit",
    )
    solvent = build(settings, database_url)
    keys = furnish(solvent)
    bank = [sys.executable, "-m", "solvent.providers.sandbox", "--port", str(bank_port), "--secret", BANK_KEY]
    environment = {
        "SOLVENT_SANDBOX_URL": bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_PORT": str(port),
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_MANUAL_INSTRUCTIONS": INSTRUCTIONS,
        "SOLVENT_MANUAL_TRANSLATIONS": json.dumps({"de": ANWEISUNG}),
        "SOLVENT_PROXIES": "1",  # which there is not, so no address is known: tests pay more often than one may
        "SOLVENT_PORTAL_CANCEL": "now_with_credit",
    }
    url = f"http://127.0.0.1:{port}"
    with (
        process(bank, {}, bank_url),
        process([sys.executable, "-c", SERVE, database_url], environment, f"{url}/v1/healthz"),
    ):
        yield House(url=url, bank_url=bank_url, database_url=database_url, solvent=solvent, keys=keys)
    solvent.close()
