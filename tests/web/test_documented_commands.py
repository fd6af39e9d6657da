"""Every command of the documentation is run, one page after the other, by a merchant with customers, debts and a bank.

Owns the world that the pages speak of: whose id, number and file stands where a page has an example's. What cannot be
run here is named with its reason. How a command reads its words is `test_examples`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from solvent.cli import app
from solvent.core.ids import parse
from solvent.flows.reconcile import sweep
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.patience import PATIENCE_S
from tests.peers.http import PeerServer, Reply
from tests.web.house import BANK_KEY, House, running, start
from tests.web.test_examples import EXAMPLES

REFUSES_REFUNDS = "tok_4000000000005126"
AGREED = {"reason": "Agreed", "issued_by": "carol@example.com"}
NOT_RUN = {  # a command begins with these words: why it is not run here
    "make ": "what the README begins with: it installs, starts or tests everything",
    "python -m bench": "minutes of load; `tests/bench` runs each on little",
    "python -m tests.scenarios.retell": "writes the stories that `tests/scenarios` compare",
    "python -m tests.peers.": "serves until its input ends; the adapters' tests are its guests",
    "python -m solvent.providers.sandbox": "serves until it is stopped; it is the bank of this test",
    "solvent serve": "serves until it is stopped; `tests/web/house.py` starts it for all of these tests",
    "solvent demo --once": "a world of its own; `tests/cli/test_demo_providers.py` runs it with each provider",
    "solvent import-methods": "asks PayPal; `tests/cli/test_importing.py` runs it with one",
    "solvent reconcile stripe": "asks Stripe; `tests/cli/test_reconcile.py` runs it with the sandbox",
}


@dataclass
class Shop:
    """What stands in a page's place of an example's ids, in the order of the patterns."""

    house: House
    hook: str
    named: dict[str, str] = field(default_factory=dict)

    def words(self, command: str) -> list[str]:
        """The command as it is typed here."""
        for pattern, ours in self.named.items():
            command = re.sub(pattern, ours, command)
        return shlex.split(command.replace("https://shop.example/solvent", self.hook), comments=True)

    def learn(self, output: str) -> None:
        """What a command has just made is what the next ones speak of."""
        for kind in ("crg", "whe"):
            if made := re.search(rf"\b{kind}_[0-9a-f]{{32}}\b", output):
                self.named[rf"\b{kind}_(?:[0-9a-f]{{32}}|…)"] = made[0]


@pytest.fixture(scope="module")
def shop(postgres: EmbeddedServer) -> Iterator[Shop]:
    postgres.ensure_database("solvent_documented")
    url = postgres.url("solvent_documented")
    migrate(url)
    peer = PeerServer(lambda call: Reply(status=204))
    with running(url) as house:
        one = Shop(house, f"{peer.url}/solvent")
        _debts(one)
        _payments(one)
        yield one
    peer.close()


def _debts(one: Shop) -> None:
    """Three invoices that are owed, and one of which the customer was told."""
    owner = one.house.account()
    lines = [{"description": "Advice", "amount": 3_000}, {"description": "Travel", "amount": 1_000}]
    for number in ("42", "43", "44"):
        made = one.house.post("/invoices", {"account_id": owner, "lines": lines})["invoice_id"]
        one.named[f"SUS-7F-0000{number}"] = one.house.get(f"/invoices/{made}")["number"]
    on_terms = one.house.account(
        segment="contract", terms_days=14
    )  # who is told of an invoice when it is issued
    told = one.house.post("/invoices", {"account_id": on_terms, "lines": lines})
    one.named["inv_…"] = told["invoice_id"]


def _payments(one: Shop) -> None:
    """One to give back a part of, one whose refund is refused, and one that its payer contests."""
    house = one.house
    payer, lost = house.account(), house.account()
    house.buy(payer)
    house.confirm(house.open(lost, start()), REFUSES_REFUNDS)
    (paid,), (stuck,) = (house.get(f"/payments?account={id_}")["data"] for id_ in (payer, lost))
    refund = house.post("/refunds", {"payment_id": stuck["id"], "amount": 500, **AGREED})
    house.work(lost)
    contested = house.account()
    house.buy(contested)
    _contest(house, contested)
    (dispute,) = house.get(f"/disputes?account={contested}")["data"]
    for kind, id_ in (
        ("acc", payer),
        ("pay", paid["id"]),
        ("ref", refund["id"]),
        ("dsp", dispute["id"]),
    ):
        one.named[rf"\b{kind}_(?:[0-9a-f]{{32}}|…)"] = id_


def _contest(house: House, account: str) -> None:
    """The bank says so, and the next poll hears of it."""
    with house.solvent.database.pool.connection() as connection:
        row = connection.execute(
            "select ref from payment where account_id = %s", (parse("acc", account),)
        ).fetchone()
    assert row is not None
    httpx.post(
        f"{house.bank_url}/sandbox/control/open_dispute",
        json={"ref": row[0], "reason": "fraudulent"},
        headers={"authorization": f"Bearer {BANK_KEY}"},
        timeout=PATIENCE_S,
        verify=False,
    ).raise_for_status()
    now = datetime.now(UTC)
    sweep(house.solvent.platform, "sandbox", now - timedelta(hours=1), now)


def _commands() -> Iterator[tuple[str, str]]:
    """Each command of a page, without the settings before it, and its page."""
    for example in EXAMPLES:
        for line in example.text.replace("\\\n", " ").splitlines() if example.kind == "sh" else ():
            command = re.sub(r"^(?:[A-Z][A-Z0-9_]*=\S*\s*)+", "", line).removeprefix(".venv/bin/")
            if command and not command.startswith("#"):
                yield example.page, command


def test_every_command_is_run(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    house = shop.house
    for name, value in (
        ("DATABASE_URL", house.database_url),
        ("SANDBOX_URL", house.bank_url),
        ("SANDBOX_SECRET", BANK_KEY),
    ):
        monkeypatch.setenv(f"SOLVENT_{name}", value)
    (tmp_path / "evidence.txt").write_text("It was delivered on 10 January.", encoding="utf-8")
    (tmp_path / "old-system.csv").write_text("account,consequence,at\n", encoding="utf-8")
    policy = files("solvent") / "policies" / "standard.yaml"
    (tmp_path / "my-policy.yaml").write_text(policy.read_text(encoding="utf-8"), encoding="utf-8")
    failed = []
    for page, command in _commands():
        if any(command.startswith(words) for words in NOT_RUN):
            continue
        program, *words = shop.words(command)
        assert program == "solvent", command
        result = CliRunner().invoke(app, words)
        if result.exit_code:
            failed.append(f"{page}: {command}: {result.exit_code}: {result.output}")
        shop.learn(result.output)
    checked = CliRunner().invoke(app, ["check"])
    assert checked.exit_code == 0, f"whatever was done, the books are right: {checked.output}"
    assert not failed, "\n".join(failed)


def test_what_is_not_run_is_there_and_no_more() -> None:
    said = [command for _, command in _commands()]
    for words in NOT_RUN:
        assert any(command.startswith(words) for command in said), words
