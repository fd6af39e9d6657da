"""Money documents on the command line: credit notes, refunds, payments from outside, giving up; found and shown."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.flows.acts import manual

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
WHO = ("--reason", "Agreed", "--by", "carol@example.com")


@dataclass
class Shop:
    """Runs commands on a database with what two customers bought."""

    run: Run
    ada: str
    paid: str
    payment: str
    ben: str
    owed: list[str]

    def json(self, *words: object) -> Any:  # noqa: ANN401 - JSON
        """What a command says to programs."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def says(self, *words: object) -> str:
        """What a command says to people, in one line."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    def laws_hold(self) -> None:
        """Whatever was done, the books are right."""
        result = self.run("check")
        assert "✗" not in result.output.replace("✗ L5", ""), result.output


@pytest.fixture
def shop(run: Run, database_url: str) -> Shop:
    """Ada paid 20.00; Ben owes 99.00 and 5.00, and has no method."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1, 2])
        ada, ben = world.customer("Ada"), world.customer("Ben")
        ada.buy(zone_plan("a.example"), VISA)
        for amount in (9_900, 500):
            ben.receive_invoice(manual(amount))
        (told,) = ada.events("invoice.paid")
        return Shop(
            run=run,
            ada=spell("acc", ada.id),
            paid=ada.invoices()[0].number,
            payment=f"pay_{str(told.data['payment_id']).replace('-', '')}",
            ben=spell("acc", ben.id),
            owed=[invoice.number for invoice in ben.invoices()],
        )


def test_a_credit_note_is_issued_by_line_or_by_amount_and_shown(shop: Shop) -> None:
    first, second = shop.owed
    words = ("credit-note", "issue", first, *WHO, "--line", "1:900", "--key", "once")
    note = shop.json(*words)
    assert (note["amount"], note["to_debt"], note["lines"][0]["position"], note["issued_by"]) == (
        900, 900, 1, "carol@example.com"
    )  # fmt: skip
    assert shop.json(*words) == note
    invoice = shop.json("invoice", "show", first)["id"]
    said_otherwise = ("credit-note", "issue", invoice, *WHO, "--line", "01:0900", "--key", "once")
    assert shop.json(*said_otherwise) == note
    other = shop.run(*words[:-1], "once", "--paid-part", "credit")
    assert (other.exit_code, "--key: came with another input before (crn_" in other.output) == (2, True)
    by_amount = shop.says("credit-note", "issue", second, *WHO, "--amount", 100)
    assert "1.00 USD" in by_amount
    rest = shop.json("credit-note", "issue", second, *WHO, "--line", 1)
    assert rest["amount"] == 400
    assert shop.json("credit-note", "show", note["number"]) == note
    assert shop.json("credit-note", "show", note["id"]) == note
    assert [n["id"] for n in shop.json("credit-note", "list", "--invoice", second)] == [
        n["id"] for n in shop.json("credit-note", "list", "--account", shop.ben, "--from", "2026-01-10")[1:]
    ]
    assert shop.says("credit-note", "list", "--number", note["number"]).count("SUS-CN-") == 1
    assert shop.json("invoice", "show", first)["debt"] == 9_000
    shop.laws_hold()


def test_a_payment_goes_back_to_its_method_and_as_credit(shop: Shop) -> None:
    refund = shop.json("refund", "issue", shop.payment, *WHO, "--amount", 500, "--key", "r")
    assert (refund["amount"], refund["state"], refund["payment_id"]) == (500, "due", shop.payment)
    assert shop.json("refund", "issue", shop.payment, *WHO, "--amount", 500, "--key", "r") == refund
    credited = shop.json("refund", "issue", shop.payment, *WHO, "--amount", 300, "--to", "credit")
    assert (credited["to_credit"], credited["to_refund"], credited["refund_id"]) == (300, 0, None)
    assert "returned: 3.00 USD" in shop.says("credit", "list", shop.ada)
    out_of_credit = ("refund", "issue", shop.payment, *WHO, "--from-credit", "--key", "back")
    back = shop.json(*out_of_credit)
    assert (back["amount"], back["state"], back["credit_note_id"]) == (300, "due", None)
    assert shop.json(*out_of_credit) == back
    reused = shop.run(*out_of_credit, "--amount", 1)
    assert (reused.exit_code, "--key: came with another input before" in reused.output) == (2, True)
    assert shop.json("refund", "show", refund["id"]) == refund
    assert shop.json("refund", "list", "--payment", shop.payment, "--state", "due") == [refund, back]
    assert "due sandbox Agreed" in shop.says("refund", "list", "--account", shop.ada)
    early = shop.run("refund", "retry", back["id"], "--reason", "New card")
    assert (early.exit_code, "refund_id: must be a refund that was refused or came back" in early.output) == (
        2,
        True,
    )
    shown = shop.json("payment", "show", shop.payment)
    assert (shown["amount"], shown["refunded"]) == (2_000, 800)
    assert shown == shop.json("payment", "list", "--provider", "sandbox", "--state", "applied")[0]
    rest = shop.says("refund", "issue", shop.payment, *WHO)
    assert "12.00 USD" in rest
    shop.laws_hold()


def test_a_payment_from_outside_is_recorded_once(shop: Shop) -> None:
    first, second = shop.owed
    how = ("--method", "bank_transfer", "--reference", "TR-1", "--received", "2026-01-11")
    words = ("payment", "record", first, *how, "--amount", 4_000)
    paid = shop.json(*words)
    assert (paid["amount"], paid["provider"], paid["ref"], paid["received_at"]) == (
        4_000, "bank_transfer", "TR-1", "2026-01-11T00:00:00Z"
    )  # fmt: skip
    assert shop.json(*words) == paid
    cheque = ("--method", "cheque", "--reference", "CH-1", "--amount", 6_000)
    shop.json("payment", "record", shop.ben, *cheque, "--invoice", first, "--invoice", second)
    assert [(i["state"], i["debt"]) for i in shop.json("invoice", "list", "--account", shop.ben)] == [
        ("paid", 0),
        ("open", 400),
    ]
    assert "CH-1" in shop.says("payment", "list", "--invoice", second)
    shop.laws_hold()


def test_invoices_are_found_and_one_is_given_up(shop: Shop) -> None:
    first, second = shop.owed
    assert [i["number"] for i in shop.json("invoice", "list", "--state", "overdue")] == shop.owed
    assert shop.says("invoice", "list", "--number", shop.paid).endswith("20.00 USD 0.00 USD")
    given_up = shop.says("invoice", "give-up", second, *WHO, "--scope", "subscription")
    assert "state uncollectible" in given_up
    assert [i["number"] for i in shop.json("invoice", "list", "--state", "uncollectible")] == [second]
    assert shop.json("invoice", "list", "--entity", "solvent-eu") == []
    dated = (
        "--from",
        "2026-01-10",
        "--to",
        "2026-01-11",
        "--due-from",
        "2026-01-10",
        "--due-to",
        "2026-01-11",
    )
    assert len(shop.json("invoice", "list", *dated, "--currency", "USD", "--limit", 2)) == 2
    shown = shop.says("invoice", "show", first)
    for said in (first, shop.ben, "total 99.00 USD", "owed 99.00 USD", "line amount with tax description"):
        assert said in shown
    shop.laws_hold()


def test_what_is_refused_is_one_line(shop: Shop) -> None:
    nowhere, nobody, none = f"inv_{'0' * 32}", f"acc_{'0' * 32}", f"pay_{'0' * 32}"
    owed, issue = shop.owed[0], ("credit-note", "issue", shop.owed[0], *WHO)
    how = ("--method", "cheque", "--reference", "C", "--amount", 1)
    refused = {
        ("invoice", "show", nowhere): (1, f"no invoice {nowhere}"),
        ("invoice", "show", "SUS-01-999999"): (1, "no invoice SUS-01-999999"),
        ("invoice", "show", "7"): (2, "INVOICE: must look like inv_"),
        ("invoice", "list", "--state", "void"): (2, "--state: must be one of open, paid"),
        ("invoice", "list", "--number", "7"): (2, "--number: must be as printed"),
        ("invoice", "list", "--entity", "x"): (2, "--entity: must be one of solvent-eu, solvent-us"),
        ("invoice", "list", "--from", "2026-02-01", "--to", "2026-01-01"): (
            2,
            "--to: must not be before --from",
        ),
        ("invoice", "give-up", shop.paid, *WHO): (2, "invoice_id: "),
        ("invoice", "give-up", owed, *WHO, "--scope", "all"): (2, "--scope: must be one of"),
        ("invoice", "give-up", owed, "--reason", " ", "--by", "x"): (2, "--reason: must be 1 to 500"),
        (*issue, "--amount", 9_901): (2, "amount: "),
        (*issue, "--amount", 1, "--line", 1): (2, "--line: must not come with --amount"),
        (*issue, "--line", "one"): (2, "--line: must be like 2 or 2:450"),
        (*issue, "--line", "1:"): (2, "--line: must be like 2 or 2:450"),
        (*issue, "--line", "1:²"): (2, "--line: must be like 2 or 2:450"),
        (*issue, "--line", f"1:{'9' * 5_000}"): (2, "--line: must be like 2 or 2:450"),
        (*issue, "--line", "9" * 5_000): (2, "--line: must be like 2 or 2:450"),
        (*issue, "--line", 1, "--line", "1:5"): (2, "--line: must name each line once"),
        (*issue, "--paid-part", "cash"): (2, "--paid-part: must be one of refund, credit"),
        ("credit-note", "show", "SUS-CN-01-000009"): (1, "no credit note"),
        ("refund", "issue", none, *WHO): (1, f"no payment {none}"),
        ("refund", "issue", shop.payment, *WHO, "--to", "cash"): (2, "--to: must be one of method, credit"),
        ("refund", "issue", shop.payment, *WHO, "--amount", 2_001): (2, "amount: must be from 1 to 2000"),
        ("refund", "issue", shop.payment, *WHO, "--from-credit"): (
            2,
            "payment_id: must be a payment of which",
        ),
        ("refund", "issue", shop.payment, *WHO, "--from-credit", "--to", "credit"): (
            2,
            "--to: must be method",
        ),
        ("refund", "show", f"ref_{'0' * 32}"): (1, "no refund"),
        ("refund", "retry", f"ref_{'0' * 32}", "--reason", "New card"): (1, "no refund"),
        ("payment", "show", none): (1, "no payment"),
        ("payment", "record", nobody, *how): (1, f"no account {nobody}"),
        ("payment", "record", owed, *how, "--invoice", owed): (2, "--invoice: must come with an account"),
        ("payment", "record", owed, *how, "--received", "2099-01-01"): (
            2,
            "received_at: must not be in the future",
        ),
        ("payment", "record", owed, "--method", "cash", *how[2:]): (
            2,
            "--method: must be one of bank_transfer",
        ),
    }
    for words, (code, says) in refused.items():
        result = shop.run(*words)
        assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output
        assert "Traceback" not in result.output
    assert shop.json("credit-note", "list") == []
