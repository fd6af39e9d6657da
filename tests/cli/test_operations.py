"""Commands that are operations of the API: that each operation has a command or a reason, and how they ask and tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec.inspect as shapes
import pytest
from typer.main import get_command

from solvent.cli import app
from solvent.cli_operations import OPERATIONS
from solvent.commands.operations import endpoint_of
from solvent.core.ledger import CHART
from solvent.web.routes import API
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

# Operations whose command is written by itself: it says more, reads files, or takes several operations together.
OWN: Mapping[str, str] = {
    "acceptDispute": "dispute accept",
    "archiveCoupon": "coupon archive",
    "changeAccount": "account change",
    "closeAccount": "account close",
    "reopenAccount": "account reopen",
    "compareEngine": "engine parity",
    "createCoupon": "coupon create",
    "createWebhookEndpoint": "webhooks add",
    "deleteWebhookEndpoint": "webhooks delete",
    "disableWebhookEndpoint": "webhooks disable",
    "enableWebhookEndpoint": "webhooks enable",
    "exportCsv": "export",
    "exportParquet": "export",
    "getAccount": "account show",
    "getAgeing": "ledger ageing",
    "getChange": "change show",
    "getCoupon": "coupon show",
    "getCredit": "credit list",
    "getCreditNote": "credit-note show",
    "getDispute": "dispute show",
    "getEngine": "engine show",
    "getEntity": "entity show",
    "getInvoice": "invoice show",
    "getKpis": "kpis",
    "getPayment": "payment show",
    "getRefund": "refund show",
    "getTrialBalance": "ledger trial-balance",
    "getUpcomingInvoice": "invoice upcoming",
    "getUsage": "usage show",
    "getWebhookEndpoint": "webhooks show",
    "getWebhookSecret": "webhooks secret",
    "giveCredit": "credit grant",
    "giveUpInvoice": "invoice give-up",
    "issueCreditNote": "credit-note issue",
    "issueInvoiceDraft": "invoice issue",
    "issueRefund": "refund issue",
    "keepInvoiceItem": "invoice add-item",
    "listBadDebt": "bad-debt",
    "listChanges": "change list",
    "listCoupons": "coupon list",
    "listCreditNotes": "credit-note list",
    "listCreditUses": "credit history",
    "listDisputes": "dispute list",
    "listDrift": "drift",
    "listEntities": "entity list",
    "listInvoiceDrafts": "invoice drafts",
    "listInvoiceItems": "invoice items",
    "listInvoices": "invoice list",
    "listMeters": "usage meters",
    "listPayments": "payment list",
    "listPolls": "polls",
    "listRefunds": "refund list",
    "listSigningKeys": "keys signing",
    "listStuck": "stuck",
    "listTaxRates": "tax rates",
    "listTaxRegistrations": "tax registrations",
    "listUsageEvents": "usage events",
    "listUsageTotals": "usage totals",
    "listWebhookEndpoints": "webhooks list",
    "importMethods": "import-methods",
    "makePayLink": "pay-link",
    "printCreditNote": "credit-note pdf",
    "printInvoice": "invoice pdf",
    "readECreditNote": "credit-note xml",
    "readEInvoice": "invoice xml",
    "recomputeAccount": "recompute",
    "recordPayment": "payment record",
    "recordPaymentOfAccount": "payment record",
    "recordUsage": "usage send",
    "removeInvoiceItem": "invoice remove-item",
    "replayWebhooks": "webhooks replay",
    "retryRefund": "refund retry",
    "rotateWebhookSecret": "webhooks rotate",
    "setEngine": "engine set",
    "submitEvidence": "dispute evidence",
    "testWebhookEndpoint": "webhooks test",
    "voidCredit": "credit void",
    "voidInvoiceDraft": "invoice void",
}
BROWSER = "the customer's browser does it, by the token of a cart"
PROCESS = "it asks whether, or how, a serving process does"
WITHOUT: Mapping[str, str] = {
    "addCheckoutLine": BROWSER,
    "cancelCheckoutPayment": BROWSER,
    "changeCheckoutLine": BROWSER,
    "confirmCheckout": BROWSER,
    "getCheckout": BROWSER,
    "getCheckoutInvoicePdf": BROWSER,
    "payCheckout": BROWSER,
    "removeCheckoutLine": BROWSER,
    "searchDomains": BROWSER,
    "setCheckoutCoupons": BROWSER,
    "healthz": PROCESS,
    "metrics": PROCESS,
    "readyz": PROCESS,
    "notify": "only a provider can sign it; what was put aside is for `solvent notifications`",
}


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401 -- typer's own click
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))
    else:
        yield " ".join(words)


def test_every_operation_has_a_command_or_a_reason() -> None:
    generic = {one.operation: one.command for one in OPERATIONS}
    served = {endpoint.name for endpoint in API}
    assert served == generic.keys() | OWN.keys() | WITHOUT.keys()
    assert len(served) == len(generic) + len(OWN) + len(WITHOUT), "one way each"
    assert len(generic) == len(OPERATIONS)
    commands = set(_commands(get_command(app)))
    assert {*generic.values(), *OWN.values()} <= commands


@pytest.mark.parametrize("one", [one for one in OPERATIONS if one.columns], ids=lambda one: one.command)
def test_columns_are_what_a_list_shows(one: Any) -> None:  # noqa: ANN401 -- a row of the table
    answer = shapes.type_info(endpoint_of(one.operation).answers[200][0])
    assert isinstance(answer, shapes.StructType)
    rows = next(field.type for field in answer.fields if field.encode_name == "data")
    assert isinstance(rows, shapes.ListType)
    assert isinstance(rows.item_type, shapes.StructType)
    assert set(one.columns) <= {field.encode_name for field in rows.item_type.fields}


def _made(run: Run, *words: str) -> Any:  # noqa: ANN401 -- as the API answers
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.fixture
def ada(run: Run) -> str:
    """An account without a method, made on the command line."""
    run("catalog", "apply", CATALOG)
    words = ("--email", "ada@example.com", "--name", "Ada", "--currency", "USD", "--country", "US")
    account: str = _made(run, "account", "create", *words, "--entity", "solvent-us", "--key", "ada")["id"]
    assert _made(run, "account", "create", *words, "--entity", "solvent-us", "--key", "ada")["id"] == account
    return account


def test_an_invoice_of_own_lines_is_issued_once_booked_and_paid(run: Run, ada: str) -> None:
    line = '{"description": "Hours", "unit_amount": 12000, "quantity": 2}'
    words = ("invoice", "create", ada, "--line", "9000 Advice, as agreed", "--line", line, "--key", "work-1")
    issued = _made(run, *words, "--terms-days", "30", "--reference", "PO-7")
    assert issued["plan"]["total"] == 9_000 + 2 * 12_000
    assert (
        _made(run, *words, "--terms-days", "30", "--reference", "PO-7")["invoice_id"] == issued["invoice_id"]
    )
    other = run(*words, "--reference", "PO-8")
    assert (other.exit_code, "came with another" in " ".join(other.output.split())) == (1, True)
    booked = _made(run, "ledger", "postings", "--account", ada)
    assert sum(posting["amount"] for posting in booked if posting["debit"] == "receivable") == 33_000
    assert _made(run, "ledger", "postings", "--account", ada, "--limit", "1") == booked[:1]
    assert _made(run, "ledger", "postings", "--to", "2020-01-01") == []
    assert "PO-7" in run("invoice", "show", issued["invoice_id"]).output
    asked = _made(
        run, "pay-debt", ada, "--invoice", issued["invoice_id"], "--method-kind", "card", "--key", "k"
    )
    assert (asked["state"], asked["plan"]["due"]) == ("requires_action", 33_000)


def test_drafts_are_written_shown_changed_issued_and_dropped(run: Run, ada: str) -> None:
    first = _made(
        run, "invoice", "draft", ada, "--line", "9900 Advice", "--notes", "Thank you.", "--key", "d-1"
    )
    again = _made(
        run, "invoice", "draft", ada, "--line", "9900 Advice", "--notes", "Thank you.", "--key", "d-1"
    )
    assert first == again
    after = _made(run, "invoice", "change-draft", first["id"], "--line", "5000 Less", "--notes", "none")
    assert (after["notes"], after["preview"]["total"]) == (None, 5_000)
    shown = _made(run, "invoice", "show-draft", first["id"])
    assert (shown["version"], shown["lines"]) == (after["version"], after["lines"])
    told = run("invoice", "show-draft", first["id"]).output
    assert "description Less; " in told
    assert run("invoice", "issue", first["id"]).output.strip().endswith("open, 50.00 USD owed")
    second = _made(run, "invoice", "draft", ada, "--line", "100 More")["id"]
    assert run("invoice", "void", second).exit_code == 0


def test_a_redeemed_coupon_and_what_it_was_redeemed_for_are_listed(run: Run, ada: str) -> None:
    run("coupon", "create", "FREE", "--name", "Free", "--percent", "100", "--duration", "forever")
    item = {"price_id": "zone-pro-usd-month", "object": "zone:a.example"}
    change = json.dumps({"type": "start", "items": [item], "coupons": ["free"]})
    assert _made(run, "change", "quote", ada, "--change", change)["due"] == 0
    opened = _made(run, "change", "open", ada, "--change", change, "--key", "zone")
    assert opened["state"] == "committed"
    (redeemed,) = _made(run, "coupon", "redemptions", "--code", "free", "--no-ended")
    assert _made(run, "coupon", "redemptions", "--account", ada) == [redeemed]
    assert _made(run, "coupon", "redemptions", "--code", "FREE", "--ended") == []
    (subscription,) = _made(run, "subscription", "list", ada)
    assert (redeemed["code"], redeemed["subscription_id"]) == ("FREE", subscription["id"])
    assert "FREE@1" in run("coupon", "redemptions").output


def test_the_chart_of_accounts_is_printed(run: Run) -> None:
    told = run("ledger", "accounts").output.splitlines()
    assert [line.split()[0] for line in told] == ["name", *CHART]
    assert [row["name"] for row in _made(run, "ledger", "accounts")] == list(CHART)


def test_contents_of_files_and_flags_are_taken(run: Run, ada: str, tmp_path: Path) -> None:
    file = tmp_path / "line.json"
    file.write_text('{"description": "From a file", "amount": 700}', encoding="utf-8")
    run("invoice", "add-item", ada, "--amount", "300", "--description", "Waiting")
    draft = _made(run, "invoice", "draft", ada, "--line", f"@{file}", "--include-items")
    assert draft["preview"]["total"] == 1_000
    without = _made(run, "invoice", "change-draft", draft["id"], "--no-include-items")
    assert without["preview"]["total"] == 700


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("invoice", "create", "acc_1", "--line", "1 x"), "ACCOUNT: must match"),
        (("invoice", "create", "ADA", "--line", "{"), "--line: must be JSON, or @FILE that holds it"),
        (("invoice", "create", "ADA", "--line", "@/nowhere.json"), "--line: No such file or directory"),
        (("invoice", "create", "ADA", "--line", '{"amount": 1}'), "--line[0].description: is required"),
        (("invoice", "draft", "ADA", "--line", "1 x", "--terms-days", "soon"), "--terms-days: must be `int"),
        (("ledger", "postings", "--from", "yesterday"), "--from: must be like 2026-01-31"),
        (("ledger", "postings", "--currency", "XXX"), "--currency: must be an active ISO 4217 code"),
        (("tax", "end", "--entity", "e", "--country", "Germany"), "--country: must match"),
        (("account", "create", "--email", "e", "--name", "n", "--currency", "usd", "--country", "US"),
         "--currency: must be"),
        (("invoice", "show-draft", "drf_1"), "DRAFT: must"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bad_input_names_the_option_and_the_rule(refused: Run, words: tuple[str, ...], says: str) -> None:
    nobody = "acc_" + "0" * 32
    result = refused(*(nobody if word == "ADA" else word for word in words))
    assert (result.exit_code, says in " ".join(result.output.split())) == (2, True), result.output
    assert "Traceback" not in result.output


def test_who_is_not_there_is_named(refused: Run) -> None:
    nobody = "acc_" + "0" * 32
    for words in (("pay-debt", nobody), ("account", "state", nobody), ("method", "list", nobody)):
        result = refused(*words)
        assert (result.exit_code, f"no account {nobody}" in result.output) == (1, True), result.output
