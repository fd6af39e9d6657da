"""KPIs: the figures by which the usual billing system was measured, measured here.

Owns the eight figures of the comparison table, each counted in the database or in the installed code, none assumed.
Does not own the laws (`audit`), whose findings some of them use, nor the presentation.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from solvent.audit import PACKAGE, Finding, by_law, inverse_operations
from solvent.store import figures
from solvent.store.database import Database

CONTRACT = frozenset({"open", "charge", "confirm", "get", "payments_of", "cancel", "refund", "parse"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One figure: what the usual order of things costs, what is aimed at, what is measured here, and how."""

    what: str
    usual: str
    target: str
    here: str
    measured: str

    @property
    def reached(self) -> bool:
        """Whether what is measured is what is aimed at."""
        return self.here == self.target


def kpis(database: Database, findings: Sequence[Finding]) -> list[Kpi]:
    """All eight figures; `findings` come from an audit of the same database."""
    health, laws = figures.health(database.pool), by_law(findings)
    drift = laws["L6"] + laws["L10"]
    covered = f"{100 * health.covered / health.invoices:.0f} %" if health.invoices else "no invoice"
    return [
        _kpi(
            "subscription rollbacks a day",
            "196",
            "0",
            len(inverse_operations()),
            "inverse functions in the code",
        ),
        _kpi(
            "bad debt a day from failed upgrades", "48", "0", health.upgrade_debts, "open invoices of changes"
        ),
        _kpi("accounts whose stores disagree", "691", "0", health.disagreeing, "invoices against dunning"),
        _kpi("invoices that one engine evaluates", "19 %", "100 %", covered, f"{health.invoices} invoices"),
        _kpi("separate dunning code paths", "5+", "1", len(dunning_paths()), "functions that plan a retry"),
        _kpi("accounts in drift", "13,000", "0", drift, "recomputed, and compared"),
        _kpi(
            "packages that talk to a provider",
            "15",
            "1",
            len(provider_boundaries()),
            "packages with an adapter",
        ),
        _kpi(
            "functions that decide entitlements",
            "7",
            "1",
            len(entitlement_functions()),
            "subscriptions to grants",
        ),
    ]


def _kpi(what: str, usual: str, target: str, here: int | str, measured: str) -> Kpi:
    return Kpi(what=what, usual=usual, target=target, here=str(here), measured=measured)


@cache
def dunning_paths() -> tuple[str, ...]:
    """The functions that ask policy when an unpaid invoice is tried again."""

    def asks_for_next_try(node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef) and any(
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "next_try"
            for call in ast.walk(node)
        )

    return tuple(_found(asks_for_next_try))


@cache
def provider_boundaries() -> tuple[str, ...]:
    """The packages that hold an implementation of the provider contract; its definition in `ports` is none."""

    def implements(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.ClassDef)
            and {f.name for f in node.body if isinstance(f, ast.FunctionDef)} >= CONTRACT
        )

    packages = {place.split("/")[1] for place in _found(implements)}
    return tuple(sorted(packages - {"ports"}))


@cache
def entitlement_functions() -> tuple[str, ...]:
    """The public functions that make grants out of subscriptions."""

    def decides(node: ast.AST) -> bool:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
            return False
        takes = " ".join(ast.unparse(a.annotation) for a in node.args.args if a.annotation is not None)
        return "Grant" in ast.unparse(node.returns) and "Subscription" in takes

    return tuple(_found(decides))


def _found(wanted: Callable[[ast.AST], bool]) -> Iterator[str]:
    for path, tree in _modules():
        for node in ast.walk(tree):
            if wanted(node):
                yield f"{path.relative_to(PACKAGE.parent).as_posix()}:{getattr(node, 'name', '')}"


@cache
def _modules() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_bytes())) for path in sorted(PACKAGE.rglob("*.py")))
