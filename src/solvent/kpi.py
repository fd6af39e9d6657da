"""KPIs: the figures by which the usual billing system was measured, measured here.

Owns the eight figures of the comparison table, each counted in the database or in the installed code, none assumed.
Does not own the laws (`audit`), whose findings some of them use, nor the presentation.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from solvent.audit import PACKAGE, Finding, by_law, inverse_operations
from solvent.store import figures
from solvent.store.database import Database

REPLAYED = "solvent/core/replay.py"  # what another policy would have done: nothing follows from it
CONTRACT = frozenset({"open", "charge", "confirm", "get", "payments_of", "cancel", "refund", "parse"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One figure: its name, what the usual order of things costs, what is aimed at, and how it is measured here."""

    name: str
    what: str
    usual: str
    target: str
    measured: str
    share: bool = False  # of 1, told in per cent


DEFINED = (
    Definition(
        name="rollbacks",
        what="subscription rollbacks a day",
        usual="196",
        target="0",
        measured="inverse functions in the code",
    ),
    Definition(
        name="upgrade_debts",
        what="bad debt a day from failed upgrades",
        usual="48",
        target="0",
        measured="open invoices of changes",
    ),
    Definition(
        name="disagreeing_accounts",
        what="accounts whose stores disagree",
        usual="691",
        target="0",
        measured="drift of every kind",
    ),
    Definition(
        name="invoice_coverage",
        what="invoices that one engine evaluates",
        usual="19 %",
        target="100 %",
        measured="all invoices",
        share=True,
    ),
    Definition(
        name="dunning_paths",
        what="separate dunning code paths",
        usual="5+",
        target="1",
        measured="functions that plan a retry",
    ),
    Definition(
        name="accounts_in_drift",
        what="accounts in drift",
        usual="13,000",
        target="0",
        measured="recomputed, and compared",
    ),
    Definition(
        name="provider_boundaries",
        what="packages that talk to a provider",
        usual="15",
        target="1",
        measured="packages with an adapter",
    ),
    Definition(
        name="entitlement_functions",
        what="functions that decide entitlements",
        usual="7",
        target="1",
        measured="subscriptions to grants",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A figure as it was measured: a count, or a share of 1; None where there is nothing to measure it of."""

    defined: Definition
    value: float | None

    @property
    def here(self) -> str:
        """The figure in words."""
        if self.value is None:
            return "no invoice"
        return f"{100 * self.value:.0f} %" if self.defined.share else f"{self.value:.0f}"

    @property
    def reached(self) -> bool:
        """Whether what is measured is what is aimed at."""
        return self.here == self.defined.target


def kpis(database: Database, findings: Sequence[Finding]) -> list[Kpi]:
    """All eight figures, measured now; `findings` come from an audit of the same database."""
    return told(measure(database, findings))


def told(values: Mapping[str, float | None]) -> list[Kpi]:
    """All eight figures of a measurement."""
    return [Kpi(defined=each, value=values.get(each.name)) for each in DEFINED]


def measure(database: Database, findings: Sequence[Finding]) -> dict[str, float | None]:
    """The eight figures by name. It reads every invoice."""
    health, laws = figures.health(database.pool), by_law(findings)
    return {
        "rollbacks": len(inverse_operations()),
        "upgrade_debts": health.upgrade_debts,
        "disagreeing_accounts": health.disagreeing,
        "invoice_coverage": health.covered / health.invoices if health.invoices else None,
        "dunning_paths": len(dunning_paths()),
        "accounts_in_drift": laws["L6"] + laws["L10"],
        "provider_boundaries": len(provider_boundaries()),
        "entitlement_functions": len(entitlement_functions()),
    }


@cache
def dunning_paths() -> tuple[str, ...]:
    """The functions that ask policy when an unpaid invoice is tried again; a policy tried on the past tries none."""

    def asks_for_next_try(node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef) and any(
            isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "next_try"
            for call in ast.walk(node)
        )

    return tuple(place for place in _found(asks_for_next_try, b"next_try") if not place.startswith(REPLAYED))


@cache
def provider_boundaries() -> tuple[str, ...]:
    """The packages that hold an implementation of the provider contract; its definition in `ports` is none."""

    def implements(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.ClassDef)
            and {f.name for f in node.body if isinstance(f, ast.FunctionDef)} >= CONTRACT
        )

    packages = {place.split("/")[1] for place in _found(implements, *map(str.encode, CONTRACT))}
    return tuple(sorted(packages - {"ports"}))


@cache
def entitlement_functions() -> tuple[str, ...]:
    """The public functions that make grants out of subscriptions."""

    def decides(node: ast.AST) -> bool:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
            return False
        takes = " ".join(ast.unparse(a.annotation) for a in node.args.args if a.annotation is not None)
        return "Grant" in ast.unparse(node.returns) and "Subscription" in takes

    return tuple(_found(decides, b"Grant", b"Subscription"))


def _found(wanted: Callable[[ast.AST], bool], *words: bytes) -> Iterator[str]:
    """What is wanted, wherever all its words stand: to parse every file would take longer than all that is measured."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        if all(word in text for word in words):
            for node in ast.walk(ast.parse(text)):
                if wanted(node):
                    yield f"{path.relative_to(PACKAGE.parent).as_posix()}:{getattr(node, 'name', '')}"
