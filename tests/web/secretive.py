"""A house that is to keep its secrets: a web process with Stripe and PayPal beside the sandbox, all that it prints in a
file; a list of every secret that a life used; and the search for them.

Owns where is searched: each column of each table, as text and as bytes, by one statement per table. Owns no
expectation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from solvent.config import Settings
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.wiring import build
from tests.peers.paypal import server as paypal
from tests.peers.stripe import StripePeer
from tests.peers.stripe.browser import PUBLISHABLE_KEY
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.ports import free_port
from tests.web.house import BANK_KEY, House, furnish, process

SEALING = "a-secret-that-seals-the-others"
SERVE_TO_FILE = """
import os, sys
from solvent.config import Settings
from solvent.web.server import serve
os.dup2(os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
serve(Settings(), sys.argv[1])
"""
_TABLES = "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"


@dataclass
class Secretive:
    """The house, those outside, and what nobody else may read: each secret by what it is."""

    house: House
    stripe: StripePeer
    paypal: paypal.ServedPeer
    printed: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def learn(self, what: str, secret: object) -> None:
        """One more secret."""
        assert isinstance(secret, str), what
        assert len(secret) >= 12, f"{what}: too short to be searched for"
        self.secrets[f"{what} {len(self.secrets)}"] = secret

    def kept(self) -> list[str]:
        """Which secrets stand in which tables."""
        found = []
        with psycopg.connect(self.house.database_url, autocommit=True) as connection:
            for (table,) in connection.execute(_TABLES).fetchall():
                whole = sql.SQL("select r::text from {} r").format(sql.Identifier(table))
                text = "\n".join(row[0] for row in connection.execute(whole))
                found += [f"{what} in {table}" for what in self.within(text)]
        return found

    def within(self, text: str) -> list[str]:
        """Which secrets a text has in it: as they are, or as PostgreSQL shows bytes."""
        return [
            what
            for what, secret in self.secrets.items()
            if secret in text or secret.encode().hex() in text or secret.replace("/", "\\/") in text
        ]


def wall() -> datetime:
    """The present."""
    return datetime.now(UTC)


@contextmanager
def secretive(postgres: EmbeddedServer, bank_url: str, printed: Path) -> Iterator[Secretive]:
    """The house on a database of its own."""
    postgres.ensure_database("solvent_secrets")
    url = postgres.url("solvent_secrets")
    migrate(url)
    stripe, wallet, port = StripePeer(wall), paypal.ServedPeer(wall), free_port()
    settings = {
        "host": "127.0.0.1",
        "port": str(port),
        "proxies": "1",
        "secret": SEALING,
        "sandbox_url": bank_url,
        "sandbox_secret": BANK_KEY,
        "stripe_secret_key": SECRET_KEY,
        "stripe_publishable_key": PUBLISHABLE_KEY,
        "stripe_webhook_secret": WEBHOOK_SECRET,
        "stripe_url": stripe.url,
        "paypal_client_id": paypal.CLIENT_ID,
        "paypal_secret": paypal.SECRET,
        "paypal_webhook_id": paypal.WEBHOOK_ID,
        "paypal_url": wallet.url,
        "paypal_proof": "api",
    }
    environment = {f"SOLVENT_{name.upper()}": value for name, value in settings.items()}
    solvent = build(Settings.model_validate(settings), url)
    keys = furnish(solvent)
    base = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-c", SERVE_TO_FILE, url, os.fspath(printed)]
    with process(serve, environment, f"{base}/v1/healthz"):
        house = House(url=base, bank_url=bank_url, database_url=url, solvent=solvent, keys=keys)
        there = Secretive(replace(house), stripe, wallet, printed)
        for name, key in keys.items():
            there.learn(f"API key {name}", key)
        for what in (
            "secret",
            "stripe_secret_key",
            "stripe_webhook_secret",
            "paypal_secret",
            "sandbox_secret",
        ):
            there.learn(what, settings[what])
        yield there
    solvent.close()
    stripe.close()
    wallet.close()
