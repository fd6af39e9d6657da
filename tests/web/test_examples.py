"""Every fenced block of the documentation is run, or judged by what it says that it is; one of no kind fails.

The walks (`test_walk`), the page about adding a provider (`test_adding`) and the client's page (`test_whole_client`)
run elsewhere, whole. Here other Python runs against the running server; a command is read as its program reads it, with
every option and argument; a request names a route, with its query; YAML is read as its setting is. `text` is a drawing,
or what a program prints: it holds no command.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
import yaml
from standardwebhooks import Webhook
from typer import BadParameter
from typer.main import get_command

from solvent.cli import app
from solvent.config import Settings
from solvent.providers import routing_file
from solvent.providers.sandbox.adapter import SandboxProvider
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.faults import FaultPlan, Faults
from solvent.providers.sandbox.transport import InProcess
from solvent.store import catalog_file, tax_file
from solvent.web import routes
from solvent_client import WebhookEvent
from tests.web.house import House

ROOT = Path(__file__).parents[2]
ELSEWHERE = {  # by the test that runs all blocks of that kind in that file
    ("docs/api.md", "sh"): "test_walk",
    ("docs/entitlements.md", "sh"): "test_walk",
    ("docs/adding-a-provider.md", "python"): "test_adding",
    ("clients/python/solvent_client/README.md", "python"): "test_whole_client",
}
_BLOCK = re.compile(
    r"^(?P<indent> *)(?P<mark>`{3,})(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^ *(?P=mark)$", re.MULTILINE | re.DOTALL
)
_SETTING = re.compile(r"([A-Z][A-Z0-9_]*)=(\S*)")
_COMMAND = re.compile(r"(\$ |solvent [a-z]|make [a-z]|python |curl )")
_CAPABLE: Mapping[str, frozenset[str]] = {
    "paypal": frozenset({"agreement"}),
    "stripe": frozenset({"card", "wallet", "bank_debit"}),
    "sandbox": frozenset({"card", "wallet", "bank_debit"}),
}
USAGE: Any = BadParameter.__base__  # of any word that a command does not know
SECRET = f"whsec_{base64.b64encode(b'k' * 24).decode()}"


class Example(NamedTuple):
    """A block, and where it stands."""

    page: str
    line: int
    kind: str
    text: str


def _examples() -> Iterator[Example]:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "clients").rglob("README.md")]
    for path in sorted([*pages, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]):
        text = path.read_text(encoding="utf-8")
        page = path.relative_to(ROOT).as_posix()
        for match in _BLOCK.finditer(text):
            yield Example(page, text[: match.start()].count("\n") + 1, match["kind"], match["text"])


EXAMPLES = [example for example in _examples() if (example.page, example.kind) not in ELSEWHERE]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.page}:{e.line}")
def test_it_is_run_or_judged(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in re.findall(r"[\w-]+\.(?:csv|txt|yaml)\b", example.text):
        (tmp_path / name).touch()  # which a command may demand to be there
    assert example.kind in {*JUDGES, "python"}, (
        "a block says what it is: sh, http, yaml, python, html or text"
    )
    if example.kind != "python":
        JUDGES[example.kind](example)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sh", "solvent check --nope"),
        ("sh", "solvent nothing"),
        ("sh", "solvent refund issue"),
        ("sh", "make nothing"),
        ("sh", ".venv/bin/python -m bench --nope"),
        ("sh", "SOLVENT_NOTHING=1"),
        ("sh", "rm -r /"),
        ("http", "GET /v1/nothing"),
        ("http", "GET /v1/drift?nothing=1"),
        ("text", "solvent check"),
        ("yaml", "a: 1"),
    ],
)
def test_what_is_wrong_is_found(kind: str, text: str) -> None:
    with pytest.raises(AssertionError):
        JUDGES[kind](Example("docs/x.md", 1, kind, text))


def test_what_runs_elsewhere_is_there() -> None:
    found = {(example.page, example.kind) for example in _examples()}
    assert set(ELSEWHERE) <= found
    for test in ELSEWHERE.values():
        assert list((ROOT / "tests").rglob(f"{test}.py"))


def _drawing(example: Example) -> None:
    for line in example.text.splitlines():
        assert not _COMMAND.match(line), line


def _commands(example: Example) -> None:
    joined = example.text.replace("\\\n", " ")
    for line in joined.splitlines():
        words = shlex.split(line, comments=True)
        while words and (setting := _SETTING.fullmatch(words[0])):
            _known_setting(setting[1])
            words = words[1:]
        if words:
            _read_by_its_program(words)


def _known_setting(name: str) -> None:
    assert name.startswith("OTEL_") or name.removeprefix("SOLVENT_").lower() in Settings.model_fields, name


def _read_by_its_program(words: list[str]) -> None:
    match [words[0].removeprefix(".venv/bin/"), *words[1:]]:
        case ["solvent", *rest]:
            _parse(get_command(app), "solvent", rest, None)
        case ["make", *targets]:
            said = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert all(re.search(rf"^{re.escape(target)}:", said, re.MULTILINE) for target in targets), (
                targets
            )
        case ["python", "-m", module, *rest]:
            found = find_spec(module)
            assert found is not None, module
            files = [Path(found.origin)] if found.origin else []
            files += [
                p for folder in found.submodule_search_locations or () for p in Path(folder).glob("*.py")
            ]
            said = "".join(file.read_text(encoding="utf-8") for file in files)
            assert all(word in said for word in rest if word.startswith("--")), rest
        case _:
            raise AssertionError(f"nobody judges {' '.join(words)}")


def _parse(command: Any, name: str, words: list[str], parent: Any) -> None:  # noqa: ANN401 -- typer's own click
    """Read the words as the command would, down to the last one, and run nothing."""
    try:
        context = command.make_context(name, list(words), parent=parent)
        if not hasattr(command, "resolve_command"):
            return
        following, below, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    except USAGE as error:
        raise AssertionError(f"{name} {' '.join(words)}: {error.format_message()}") from None
    _parse(below, following, rest, context)


def _requests(example: Example) -> None:
    if example.page == "docs/webhooks.md":
        _posted(example.text)
        return
    for line in example.text.splitlines():
        told = re.match(r"(GET|POST|PUT|PATCH|DELETE) +([^\s#]+)", line)
        if told is None:
            continue
        path, _, query = told[2].partition("?")
        found = [e for e in routes.API if e.method == told[1] and _alike(e.path) == _alike(path)]
        assert found, line
        names = set() if found[0].query is None else set(found[0].query.__struct_fields__)
        assert {name for name, _ in parse_qsl(query)} <= names, line


def _posted(text: str) -> None:
    """What Solvent sends: the headers of the convention, and an event that its own client reads."""
    named = set(re.findall(r"^([a-z-]+): ", text, re.MULTILINE))
    assert named == {"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"}
    assert re.findall(r'"(\w+)":', text) == list(WebhookEvent.__struct_fields__)


def _alike(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _yaml(example: Example) -> None:
    said = yaml.safe_load(example.text)
    match example.page:
        case "docs/routing.md":
            assert routing_file.parse(example.text.encode(), _CAPABLE).routes
        case "docs/coupons.md" | "docs/invoices.md" | "docs/usage.md":
            _catalog(said)
        case "docs/tax.md":
            assert tax_file.parse(example.text).rates
        case "docs/observability.md":
            assert {job["job_name"] for job in said["scrape_configs"]}
        case _:
            raise AssertionError("nobody says how this is read")


def _catalog(said: dict[str, object]) -> None:
    assert catalog_file.parse(with_the_example_catalog(said)).prices


def with_the_example_catalog(said: dict[str, object]) -> str:
    """A catalog: the example's parts in the place of those of the example catalog."""
    whole = yaml.safe_load((ROOT / "examples/catalog.yaml").read_text(encoding="utf-8"))
    for part, entries in said.items():
        assert isinstance(entries, list)
        named = {str(entry.get("id") or entry.get("key") or entry.get("code")) for entry in entries}
        others = [e for e in whole[part] if str(e.get("id") or e.get("key") or e.get("code")) not in named]
        whole[part] = [*others, *entries]
    return yaml.safe_dump(whole, allow_unicode=True)


def _html(example: Example) -> None:
    assert example.text == (ROOT / "examples/embed.html").read_text(encoding="utf-8")


JUDGES: Mapping[str, Callable[[Example], None]] = {
    "text": _drawing,
    "sh": _commands,
    "http": _requests,
    "yaml": _yaml,
    "html": _html,
}


def test_every_other_piece_of_python_runs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    account = house.account()
    house.buy(account)
    monkeypatch.setitem(os.environ, "SOLVENT_URL", house.url)
    monkeypatch.setitem(os.environ, "SOLVENT_KEY", house.keys["admin"])
    monkeypatch.setitem(os.environ, "ACCOUNT", account)
    now = datetime.now(UTC)
    body = b'{"id": "evt_1"}'
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("evt_1", now, body.decode()),
    }
    given: dict[str, dict[str, Any]] = {
        "docs/webhooks.md": {"secret": SECRET, "body": body, "headers": headers},
        "docs/sandbox.md": {
            "FaultPlan": FaultPlan,
            "Faults": Faults,
            "InProcess": InProcess,
            "Random": Random,
            "SandboxProvider": SandboxProvider,
            "bank": Bank(),
            "clock": lambda: now,
        },
        "clients/python/README.md": {},
    }
    python = [example for example in EXAMPLES if example.kind == "python"]
    assert {example.page for example in python} == set(given)
    for example in python:
        exec(compile(example.text, f"{example.page}:{example.line}", "exec"), given[example.page])
