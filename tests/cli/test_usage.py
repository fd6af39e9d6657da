"""`solvent usage`: events from files, and what they come to."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from solvent.commands import usage
from solvent.config import Settings
from solvent.core.change import NewItem, Start
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import VISA
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

NOW = datetime.now(UTC)


@pytest.fixture
def ada(run: Run, database_url: str) -> str:
    """The id of an account that pays for requests."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=NOW - timedelta(days=1), seed=1, buckets=[1])
        customer = world.customer("Ada")
        item = NewItem(price_id="requests-usd-month@1", object="account")
        customer.buy(Start(items=(item,)), VISA)
        return spell("acc", customer.id)


def _event(account: str, n: int, **more: object) -> dict[str, object]:
    plain = {
        "id": f"e-{n}",
        "account": account,
        "meter": "requests",
        "at": (NOW - timedelta(hours=1)).isoformat(),
        "value": 1_000 * n,
        "object": "account",
    }
    return plain | more


def _lines(file: Path, *events: dict[str, object]) -> Path:
    file.write_text("\n".join(json.dumps(e) for e in events) + "\n\n", encoding="utf-8")
    return file


def test_events_of_files_count_once_and_are_shown(run: Run, ada: str, tmp_path: Path) -> None:
    file = _lines(tmp_path / "events.jsonl", _event(ada, 1), _event(ada, 2))
    assert run("usage", "send", file).output.strip() == "2 events are new, 0 were known"
    rows = [_event(ada, 2), _event(ada, 3)]
    table = tmp_path / "events.csv"
    cells = [",".join([*rows[0], "member"]), *(",".join(str(x) for x in (*row.values(), "")) for row in rows)]
    table.write_text("\n".join(cells), encoding="utf-8")
    assert run("usage", "send", table).output.strip() == "1 events are new, 1 were known"
    shown = run("usage", "show", ada).output
    assert "6,000" in shown
    (period,) = json.loads(run("usage", "show", ada, "--json").output)["data"]
    assert (period["quantity"], period["state"]) == (6_000, "open")


def test_a_file_goes_batch_by_batch_and_says_which_line_is_wrong(
    run: Run, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "EVENTS_MAX", 2)
    events = [_event(ada, n) for n in range(1, 5)]
    events[3]["meter"] = "nothing"
    refused = run("usage", "send", _lines(tmp_path / "events.jsonl", *events))
    said = " ".join(refused.output.split())
    assert refused.exit_code == 2
    assert "the 2 events before line 3 are stored; " in said
    assert "events.jsonl:4: meter: must be a meter of the catalog" in said
    (period,) = json.loads(run("usage", "show", ada, "--json").output)["data"]
    assert period["quantity"] == 3_000


def test_what_cannot_be_read_is_one_line(run: Run, ada: str, tmp_path: Path) -> None:
    def file(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    told = json.dumps(_event(ada, 1)).encode()
    nobody = json.dumps(_event("acc_1", 1)).encode()
    zero = json.dumps(_event(ada, 1, member="a\x00")).encode()
    for path, says in (
        (tmp_path / "missing.jsonl", "No such file"),
        (file("bad.jsonl", told + b"\nnot JSON"), "bad.jsonl:2: must be a JSON object"),
        (file("latin.jsonl", b'{"id": "\xe9"}'), "must be UTF-8"),
        (file("field.jsonl", b'{"id": "a", "what": 1}'), "field.jsonl:1: Object"),
        (file("account.jsonl", nobody), "account.jsonl:1: account: must look like acc_"),
        (file("zero.jsonl", zero), "must not contain the character U+0000"),
        (file("wide.csv", b"id,account\na,b,c"), "wide.csv:2: must have no more cells"),
        (file("cell.csv", b"id,account\n" + b"x" * 131_073 + b",b"), "cell.csv:2: must be CSV: field larger"),
        (file("deep.jsonl", b"[" * 100_000), "deep.jsonl:1: must not be nested so deeply"),
    ):
        result = run("usage", "send", path)
        assert (result.exit_code, says in " ".join(result.output.split())) == (2, True), result.output
    assert run("usage", "show", f"acc_{'0' * 32}").output.strip() == f"error no account acc_{'0' * 32}"


def test_a_file_may_begin_with_a_mark_of_its_encoding(run: Run, ada: str, tmp_path: Path) -> None:
    for n, name in ((1, "events.jsonl"), (2, "events.csv")):
        event = _event(ada, n)
        text = json.dumps(event) if n == 1 else ",".join(event) + "\n" + ",".join(map(str, event.values()))
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
        assert run("usage", "send", tmp_path / name).output.strip() == "1 events are new, 0 were known"


def test_events_totals_and_meters_are_read_back(run: Run, ada: str, tmp_path: Path) -> None:
    fix = _event(ada, 3, corrects="e-2", value=5)
    assert (
        run("usage", "send", _lines(tmp_path / "e.jsonl", _event(ada, 1), _event(ada, 2), fix)).exit_code == 0
    )
    shown = run("usage", "events", ada, "--meter", "requests", "--object", "account").output.splitlines()
    assert [line.split()[0] for line in shown] == ["event", "e-1", "e-2", "e-3"]
    found = json.loads(run("usage", "events", ada, "--limit", "2", "--json").output)
    assert [(one["id"], one["value"], one["corrected_by"]) for one in found] == [
        ("e-1", 1_000, None),
        ("e-2", 2_000, "e-3"),
    ]
    since = ("--from", f"{NOW - timedelta(days=2):%Y-%m-%d}")
    assert "1,005" in run("usage", "totals", ada, *since, "--meter", "requests").output
    (total,) = json.loads(run("usage", "totals", ada, *since, "--json").output)
    assert total == {"meter": "requests", "object": "account", "unit": "requests", "quantity": 1_005}
    assert run("usage", "totals", ada, *since, "--to", since[1]).output.strip() == "meter  object  used  unit"
    assert "requests-usd-month@1" in run("usage", "meters").output
    assert "requests" in {one["id"] for one in json.loads(run("usage", "meters", "--json").output)}
    for words, says in (
        (("--meter", "nothing"), "--meter: must be one of"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--to: must not be before --from"),
    ):
        wrong = run("usage", "events", ada, *words)
        assert (wrong.exit_code, says in wrong.output) == (2, True)
    nobody = run("usage", "events", f"acc_{'0' * 32}")
    assert (nobody.exit_code, nobody.output.strip()) == (1, f"error no account acc_{'0' * 32}")
