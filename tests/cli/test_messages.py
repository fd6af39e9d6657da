"""Messages on the command line: listed with what became of them, shown as they would be sent, sent again; and links."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from solvent.commands.mailing import mailer_of
from solvent.config import Settings
from solvent.core.account import Account, Segment
from solvent.core.ids import spell
from solvent.core.invoice import Line, LineKind
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked
from solvent.wiring import build, wall_clock
from tests.cli.conftest import Run

CATALOG = Path(__file__).parents[2] / "examples" / "catalog.yaml"


def owing(url: str) -> tuple[str, str]:
    """An account on terms that owes an invoice of $180.00, of which it was written."""
    solvent = build(Settings(), url)
    platform, now = solvent.platform, wall_clock() - timedelta(minutes=5)
    account = Account(
        id=platform.ids.account(7),
        segment=Segment.CONTRACT,
        currency="USD",
        country="US",
        time_zone="UTC",
        email="ada@example.com",
        name="Ada",
        entity="solvent-us",
        terms_days=14,
    )
    with platform.store.begin() as tx:
        tx.accounts.add(account, now)
    lines = (Line(kind=LineKind.MANUAL, description="Advice", amount=18_000, explanation="as agreed"),)
    finalise(platform, Asked(account_id=account.id, key="k", input_hash=b""), lines, now)
    with platform.store.look() as tx:
        view = tx.accounts.view(account.id)
    assert view is not None
    (invoice,) = view.open_invoices
    mailer_of(solvent).run_once(now)
    solvent.close()
    return spell("acc", account.id), spell("inv", invoice.id)


def test_messages_are_listed_shown_and_sent_again(run: Run, database_url: str) -> None:
    run("catalog", "apply", CATALOG)
    account, invoice = owing(database_url)
    listed = run("messages", "list", "--state", "kept", "--account", account).output
    assert f"kept     {invoice} 'issued' to email (issued, 1 tries): no mail server is configured" in listed
    assert "in all: 1 kept" in listed
    shown = run("messages", "show", invoice).output
    assert "To: Ada <ada@example.com>" in shown
    assert "for $180.00, due on" in shown
    assert "http://127.0.0.1:8080/pay/" in shown
    assert "1 message will be sent" in run("messages", "resend", invoice, "--rung", "issued").output
    assert "in all: 1 waiting" in run("messages", "list").output
    assert "0 messages will be sent" in run("messages", "resend", "--all-kept").output
    link = run("pay-link", account, "--invoice", invoice)
    assert link.exit_code == 0
    assert link.output.startswith("http://127.0.0.1:8080/pay/")
    assert "it works until" in link.output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["messages", "list", "--state", "lost"], 2, "--state: must be one of"),
        (["messages", "list", "--account", "x"], 2, "--account: must be an id acc_…"),
        (["messages", "show", "inv_" + "0" * 32], 1, "there is no such message"),
        (["messages", "resend"], 2, "name an invoice"),
        (["messages", "resend", "inv_" + "0" * 32, "--all-kept"], 2, "name an invoice"),
        (["pay-link", "x"], 2, "ACCOUNT: must be an id acc_…"),
        (["pay-link", "acc_" + "0" * 32], 1, "no account acc_"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(refused: Run, words: list[str], code: int, says: str) -> None:
    result = refused(*words)
    assert result.exit_code == code
    assert says in result.output
