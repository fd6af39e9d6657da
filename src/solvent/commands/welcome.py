"""Welcome: what to try next, once everything runs.

Owns the words and the example requests. Does not own any address in them.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from solvent.core.account import Account
from solvent.core.ids import spell

AHEAD = timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Where everything is. `secret` is the API key at the first start; `dashboard` a link that lets somebody in once;
    `clocked` an account with its own clock; `portal` is a link into the portal of the customer of that name, `cart` one
    to a cart of the same customer."""

    web: str
    bank: str
    home: Path
    secret: str | None
    dashboard: str
    clocked: Account | None
    portal: tuple[str, str] | None = None
    cart: str | None = None


def welcome(console: Console, facts: Welcome) -> None:
    """Print addresses, the key, and requests to try."""
    console.print()
    console.print(
        Panel(_addresses(facts), title="[title]Solvent is running[/]", title_align="left", padding=(0, 1))
    )
    console.print(
        "\n[name]The dashboard[/] [quiet](lets you in once, within a day; a new link at each start)[/]"
    )
    console.print(f"  {facts.dashboard}", markup=False, soft_wrap=True)
    if facts.portal is not None:
        name, url = facts.portal
        console.print(
            f"\n[name]The portal of {name}[/] [quiet](a link like this is made by the API, and ends soon)[/]"
        )
        console.print(f"  {url}", markup=False, soft_wrap=True)
    if facts.cart is not None:
        console.print(
            "\n[name]A cart to change and pay[/] [quiet](with that card; a new one at each start)[/]"
        )
        console.print(f"  {facts.cart}", markup=False, soft_wrap=True)
    console.print(
        "\n[name]Try[/]" + ("" if facts.secret else " [quiet](KEY is yours from the first start)[/]")
    )
    for comment, request in _requests(facts):
        console.print(f"\n  [quiet]# {comment}[/]")
        # Printed as it is, so that it can be copied whole from any terminal.
        console.print(request, markup=False, soft_wrap=True)
    program = sys.argv[0] if sys.argv[0].endswith("solvent") else "solvent"
    console.print(
        f"\n[quiet]In another terminal:[/] {program} check · {program} demo --once · {program} --help"
    )
    console.print("[quiet]Stop with[/] Ctrl-C[quiet]; everything is kept.[/]\n")


def _addresses(facts: Welcome) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="name")
    table.add_column(overflow="fold")
    key = (
        f"[good]{facts.secret}[/]  [warn]shown this once[/]"
        if facts.secret
        else "as printed at the first start; a new one: solvent keys create"
    )
    table.add_row("API", f"{facts.web}/v1   [quiet]OpenAPI[/] {facts.web}/v1/openapi.json")
    table.add_row("API key", key)
    table.add_row(
        "bank", f"{facts.bank}   [quiet]a sandbox: card 4242 4242 4242 4242 pays, see docs/sandbox.md[/]"
    )
    table.add_row("files", f"{facts.home}   [quiet]database, bank, logs/, events.jsonl[/]")
    return table


def _requests(facts: Welcome) -> list[tuple[str, str]]:
    head = f"  curl -s {facts.web}/v1"
    auth = '-H "Authorization: Bearer $KEY"'
    requests = [("the customers", f"  export KEY={facts.secret or '…'}\n{head}/accounts {auth}")]
    if facts.clocked is not None and facts.clocked.test_now is not None:
        requests += _for_clocked(head, auth, spell("acc", facts.clocked.id), facts.clocked.test_now)
    return requests


def _for_clocked(head: str, auth: str, account: str, present: datetime) -> list[tuple[str, str]]:
    later = f"{present + AHEAD:%Y-%m-%dT%H:%M:%SZ}"
    start = '{"type": "start", "items": [{"price_id": "zone-pro-usd-month", "object": "zone:new.example"}]}'
    post = f"{auth} \\\n    -H 'Content-Type: application/json' -H \"Idempotency-Key: $RANDOM\""
    return [
        ("everything about one customer", f"{head}/accounts/{account}/state {auth}"),
        (
            "what a change would cost; writes nothing",
            f"{head}/quotes {auth} \\\n    -H 'Content-Type: application/json' \\\n"
            f'    -d \'{{"account_id": "{account}", "change": {start}}}\'',
        ),
        (
            "this customer has a clock of its own: live through two months of renewals, then look again",
            f'{head}/clock {post} \\\n    -d \'{{"account_id": "{account}", "now": "{later}"}}\'',
        ),
    ]
