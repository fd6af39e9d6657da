"""`solvent tax rates`, `solvent tax registrations`, `solvent entity`: what was declared, found again."""

from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG


def test_rates_registrations_and_entities_are_listed(run: Run) -> None:
    run("catalog", "apply", CATALOG)
    for name in ("tax-rates.yaml", "tax-registrations.yaml"):
        run("tax", "apply", CATALOG.parent / name)
    assert "VAT 16 %" in run("tax", "rates", "--country", "DE").output
    rates = json.loads(run("tax", "rates", "--country", "CA", "--region", "ON", "--json").output)
    assert [(one["name"], one["rate"], one["replaces_wider"]) for one in rates] == [("HST", "13", True)]
    assert "in place of wider ones" in run("tax", "rates", "--country", "CA", "--category", "standard").output
    assert run("tax", "rates", "--country", "XX").output.split("\n")[1:] == [""]
    listed = run("tax", "registrations", "--entity", "solvent-eu", "--ended").output
    assert "always" in listed
    found = json.loads(run("tax", "registrations", "--country", "EU", "--json").output)
    assert [(one["entity"], one["number"], one["known_from"]) for one in found] == [
        ("solvent-eu", "NL004495445B01", None)
    ]
    wrong = run("tax", "registrations", "--entity", "nobody")
    assert (wrong.exit_code, "--entity: must be one of" in wrong.output) == (2, True)
    assert "Solvent Europe B.V." in run("entity", "list").output
    assert len(json.loads(run("entity", "list", "--json").output)) >= 2
    shown = run("entity", "show", "solvent-eu").output
    assert "Herengracht 182, 1016 BR Amsterdam" in shown
    assert "NL91ABNA0417164300 ABNANL2A Voorbeeldbank" in shown
    (version,) = json.loads(run("entity", "show", "solvent-us", "--json").output)
    assert version["tax_ids"] == [{"scheme": "EIN", "value": "12-3456789"}]
    nobody = run("entity", "show", "nobody")
    assert (nobody.exit_code, nobody.output.strip()) == (1, "error no legal entity nobody")
