"""`solvent policy`: what is proved of a file, what is told of a wrong one, and what applying it changes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solvent.cli import app
from solvent.commands.policy import SHIPPED
from solvent.core.account import Segment
from tests.cli.conftest import Run

STANDARD = (SHIPPED / "standard.yaml").read_text(encoding="utf-8")


def check(*args: str) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["policy", "check", *args])
    return result.exit_code, result.output


def test_without_a_file_the_policies_that_come_with_solvent_are_proved() -> None:
    code, output = check()
    assert code == 0
    assert [
        s for s in Segment if f"{s}: 6 kinds of invoices, each with exactly one answer" in output
    ] == list(Segment)


def test_the_ladder_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "standard.yaml"
    small = (
        '      - id: small\n        below: {USD: "10.00"}\n        causes: [transient]\n        ends: open\n'
    )
    small += "        rungs:\n          - {id: told, after: 90m, notify: [email]}\n"
    rest = "      - id: standard\n        causes: [permanent, action_needed, outage, abandoned, untried]\n"
    large = rest.replace("standard", "large").replace(
        "causes: [permanent, action_needed, outage, abandoned, untried]", 'at_least: {USD: "10.00"}'
    )
    head, _, rungs = STANDARD.partition("      - id: standard\n")
    large = large.replace("at_least", "causes: [transient]\n        at_least")
    file.write_text(head + small + rest + rungs + large + rungs, encoding="utf-8")
    code, output = check(str(file))
    assert code == 0
    for words in ("below 10.00 USD", "from 10.00 USD", "90m", "ends: open", "suspend usage", "20d"):
        assert words in output
    assert "18 kinds of invoices" in output


def test_every_rule_that_does_not_hold_is_told(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = STANDARD.replace("service: 20d", "service: 3d").replace("after: 30d", "after: 25d")
    file.write_text(text, encoding="utf-8")
    code, output = check(str(file))
    told = " ".join(output.split())
    assert code == 2
    assert "segments.standard.service: must not be shorter than the grace" in told
    assert "segments.standard.ladders[0].rungs[6].after: must be later than that of the rung before" in told


@pytest.mark.parametrize(
    ("text", "told"), [(None, "No such file"), ("name: [", "must be YAML"), ("a: 1", "unknown field")]
)
def test_what_is_no_policy_is_refused_with_one_line(tmp_path: Path, text: str | None, told: str) -> None:
    file = tmp_path / "policy.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    code, output = check(str(file))
    assert code == 2
    assert told in output


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    code, output = check(str(tmp_path))
    assert code == 1
    assert "must hold at least one policy" in " ".join(output.split())


def test_applying_lets_policies_hold_once_and_never_in_the_past(run: Run, tmp_path: Path) -> None:
    first = run("policy", "apply")
    assert first.exit_code == 0
    assert sorted(line.split(":")[0] for line in first.output.splitlines()) == [
        f"policy of {segment}" for segment in sorted(Segment)
    ]
    assert run("policy", "apply").output.strip() == "nothing to change"
    file = tmp_path / "later.yaml"
    name = "name: standard, as shipped"
    refused = {
        "effective_from: 2020-01-01T00:00:00Z": "effective_from: must not be in the past",
        "# no such product": "segments.standard.free: must name a product of the catalog, got 'gone'",
    }
    for line, told in refused.items():
        text = STANDARD.replace(name, f"name: later\n{line}")
        if line.startswith("#"):
            text = text.replace("    ladders:", "    free: [gone]\n    ladders:")
        file.write_text(text, encoding="utf-8")
        result = run("policy", "apply", str(file))
        assert result.exit_code == 2
        assert told in " ".join(result.output.split())
    file.write_text(
        STANDARD.replace(name, "name: later\neffective_from: 2999-01-01T00:00:00Z"), encoding="utf-8"
    )
    assert "from 2999-01-01T00:00:00Z" in run("policy", "apply", str(file)).output
    file.write_text(
        STANDARD.replace(name, "name: between\neffective_from: 2998-01-01T00:00:00Z"), encoding="utf-8"
    )
    between = run("policy", "apply", str(file))
    assert between.exit_code == 2
    assert "must be after 2999-01-01T00:00:00Z, when 'later' begins" in " ".join(between.output.split())


def test_a_policy_is_tried_on_history(run: Run) -> None:
    shipped = SHIPPED / "standard.yaml"
    told = run("policy", "try", str(shipped))
    assert told.exit_code == 0, told.output
    assert "No account would have fared otherwise." in told.output
    found = json.loads(run("policy", "try", str(shipped), "--json", "--since", "2026-01-01").output)
    assert (found["segments"], found["differing"]) == (["standard"], 0)
    late = run("policy", "try", str(shipped), "--since", "2026-02-01", "--until", "2026-01-01")
    assert late.exit_code == 2
    assert "--since: must be before 2026-01-01" in late.output
