"""The shape of the code, read from its syntax: purity of the core, sizes, one writer, no inverse operation.

Import directions are the contracts in pyproject.toml (`lint-imports`). Each rule is a function from one parsed
module to its violations; each is shown to find a planted one.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500
IMPURE_NAMES = {
    "open",
    "print",
    "input",
    "exec",
    "eval",
    "uuid1",
    "uuid4",
    "urandom",
    "token_hex",
    "token_bytes",
}
IMPURE_MODULES = {
    "time",
    "random",
    "secrets",
    "logging",
    "os",
    "socket",
    "subprocess",
    "threading",
    "asyncio",
    "io",
}
CLOCK_READS = {"now", "utcnow", "today"}
WRITER_PORTS = {"Settlements", "SettlementTransaction", "Books"}
WRITERS = re.compile(r"solvent/(flows/settle/|wiring(\.py|/)|ports(\.py|/)|store/)")
PROVIDERS = re.compile(r"sandbox|sandpal|stripe|paypal", re.IGNORECASE)
GROUPING = "solvent/flows/platform.py"  # may name the port among the others, not use it
INVERSE = re.compile(r"^_*(undo|revert|rollback|compensate)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its path relative to src, its text and its syntax tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self)

    @property
    def in_core(self) -> bool:
        return self.path.startswith("solvent/core/")


@cache
def _parsed(module: Module) -> ast.Module:
    """Each file once, whatever the number of rules."""
    return ast.parse(module.text, module.path)


Rule = Callable[[Module], Iterator[str]]


def impure_calls_in_core(module: Module) -> Iterator[str]:
    """Core reads no clock, draws no chance, and does no input or output."""
    for node in ast.walk(module.tree) if module.in_core else ():
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in IMPURE_NAMES:
            yield f"{module.path}:{node.lineno} calls {called.id}"
        if isinstance(called, ast.Attribute) and called.attr in CLOCK_READS | IMPURE_NAMES:
            yield f"{module.path}:{node.lineno} calls {ast.unparse(called)}"


def foreign_imports_in_core(module: Module) -> Iterator[str]:
    """Core imports itself and the pure part of the standard library."""
    allowed = (sys.stdlib_module_names - IMPURE_MODULES) | {"solvent"}
    for node in ast.walk(module.tree) if module.in_core else ():
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            if name.split(".")[0] not in allowed:
                yield f"{module.path}:{node.lineno} imports {name}"
            if name.startswith("solvent") and not name.startswith("solvent.core"):
                yield f"{module.path}:{node.lineno} imports {name}"


def provider_names(module: Module) -> Iterator[str]:
    """Core, flows and ports speak of providers in general, also in words."""
    if module.path.startswith(("solvent/core/", "solvent/flows/", "solvent/ports/")):
        for number, line in enumerate(module.text.splitlines(), 1):
            for name in PROVIDERS.findall(line):
                yield f"{module.path}:{number} names {name}"


def long_functions(module: Module) -> Iterator[str]:
    for node in _functions(module):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield f"{module.path}:{node.lineno} {node.name} has {lines} lines"


def long_files(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{module.path} has {lines} lines"


def modules_without_docstring(module: Module) -> Iterator[str]:
    if not ast.get_docstring(module.tree):
        yield f"{module.path} does not say what it owns"


def writers_of_committed_state(module: Module) -> Iterator[str]:
    """Only the settle flow, beside those who define, implement and connect them, knows the writing ports."""
    if WRITERS.match(module.path):
        return
    for node in ast.walk(module.tree):
        names = set() if module.path == GROUPING else _names(node) & WRITER_PORTS
        if isinstance(node, ast.Attribute) and node.attr == "settlements":
            names.add("settlements")
        if names:
            yield f"{module.path}:{getattr(node, 'lineno', 0)} mentions {', '.join(sorted(names))}"


def inverse_operations(module: Module) -> Iterator[str]:
    """L11: committed state has no undo."""
    for node in _functions(module):
        if INVERSE.match(node.name):
            yield f"{module.path}:{node.lineno} defines {node.name}"


def settings_read_elsewhere(module: Module) -> Iterator[str]:
    """Only `config` looks a variable up; the environment as a whole may be handed to a child."""
    if module.path == "solvent/config.py":
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute | ast.Subscript):
            continue
        if _is_environment(node.value) or (isinstance(node, ast.Attribute) and node.attr == "getenv"):
            yield f"{module.path}:{node.lineno} reads {ast.unparse(node)}"


def _is_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ"


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _names(node: ast.AST) -> set[str]:
    """The identifiers that one node itself introduces or uses; a string may be a postponed annotation."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.ImportFrom(names=aliases):
            return {alias.name for alias in aliases}
        case ast.Constant(value=str(words)) if words.isidentifier():
            return {words}
        case _:
            return set()


def source_modules() -> list[Module]:
    """Every file below src; there is at least the core."""
    paths = sorted(SOURCE.rglob("*.py"))
    assert any(path.is_relative_to(SOURCE / "solvent/core") for path in paths)
    return [Module(path.relative_to(SOURCE).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


LONG_BODY = "    x = 1\n" * FUNCTION_LINES_MAX
PLANTED: list[tuple[Rule, str, str]] = [
    (impure_calls_in_core, "solvent/core/a.py", "import datetime\nx = datetime.datetime.now()\n"),
    (impure_calls_in_core, "solvent/core/a.py", "from datetime import date\nx = date.today()\n"),
    (impure_calls_in_core, "solvent/core/a.py", "def f():\n    print('x')\n"),
    (impure_calls_in_core, "solvent/core/a.py", "import uuid\nx = uuid.uuid4()\n"),
    (foreign_imports_in_core, "solvent/core/a.py", "from time import monotonic\n"),
    (foreign_imports_in_core, "solvent/core/a.py", "def f():\n    import random\n"),
    (foreign_imports_in_core, "solvent/core/a.py", "import msgspec.json\n"),
    (foreign_imports_in_core, "solvent/core/a.py", "from solvent.ports import Clock\n"),
    (provider_names, "solvent/core/a.py", "x = 'stripe'\n"),
    (provider_names, "solvent/flows/a.py", "def f(): ...  # as PayPal does\n"),
    (long_functions, "solvent/a.py", f"async def f():\n{LONG_BODY}"),
    (long_files, "solvent/a.py", "x = 1\n" * (FILE_LINES_MAX + 1)),
    (modules_without_docstring, "solvent/a.py", "x = 1\n"),
    (writers_of_committed_state, "solvent/flows/renew.py", "from solvent.ports import Settlements\n"),
    (writers_of_committed_state, "solvent/web/api.py", "def f(books: 'Books'): ...\n"),
    (writers_of_committed_state, "solvent/worker.py", "import solvent.ports as p\nx = p.Books\n"),
    (writers_of_committed_state, "solvent/flows/renew.py", "def f(platform): platform.settlements.begin()\n"),
    (writers_of_committed_state, GROUPING, "def f(platform): platform.settlements.begin()\n"),
    (inverse_operations, "solvent/flows/a.py", "class A:\n    def _rollback_invoice(self): ...\n"),
    (inverse_operations, "solvent/store/a.py", "async def undo(): ...\n"),
    (settings_read_elsewhere, "solvent/store/a.py", "import os\nx = os.environ.get('SOLVENT_X')\n"),
    (settings_read_elsewhere, "solvent/store/a.py", "import os\nx = os.environ['SOLVENT_X']\n"),
    (settings_read_elsewhere, "solvent/web/a.py", "import os\nx = os.getenv('SOLVENT_X')\n"),
]
HARMLESS: list[tuple[Rule, str, str]] = [
    (impure_calls_in_core, "solvent/store/a.py", "from datetime import datetime\nx = datetime.now()\n"),
    (impure_calls_in_core, "solvent/core/a.py", "def f(now): return now.date()\n"),
    (foreign_imports_in_core, "solvent/core/a.py", "from solvent.core.money import Money\nfrom . import b\n"),
    (provider_names, "solvent/providers/a.py", "x = 'stripe'\n"),
    (long_functions, "solvent/a.py", "def f():\n    x = 1\n"),
    (
        writers_of_committed_state,
        "solvent/flows/settle/outcomes.py",
        "from solvent.ports import Settlements\n",
    ),
    (writers_of_committed_state, GROUPING, "class Platform:\n    settlements: Settlements\n"),
    (inverse_operations, "solvent/core/a.py", "def reversed_sign(): ...\n"),
    (settings_read_elsewhere, "solvent/commands/up.py", "import os\nx = {**os.environ, 'A': 'b'}\n"),
    (settings_read_elsewhere, "solvent/config.py", "import os\nx = os.environ['SOLVENT_X']\n"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_source_obeys(rule: Rule) -> None:
    violations = [violation for module in source_modules() for violation in rule(module)]
    assert violations == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_rule_finds_a_planted_violation(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), HARMLESS)
def test_rule_leaves_the_harmless_alone(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) == []
