"""Report: the one table that a run prints.

Owns its layout. Does not own any figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_WIDTHS = (44, 12, 12, 9, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure; `ceiling` is what was measured beside it in the same run, `target` what the design asks for."""

    name: str
    value: str
    ceiling: float | None = None
    measured: float | None = None
    target: str = ""


def rate(name: str, measured: float, ceiling: float | None = None, target: str = "") -> Row:
    """A figure per second beside its ceiling."""
    return Row(name=name, value=f"{measured:,.0f} /s", measured=measured, ceiling=ceiling, target=target)


def fact(name: str, value: str, target: str = "") -> Row:
    """A figure that has no ceiling."""
    return Row(name=name, value=value, target=target)


def table(rows: Sequence[Row]) -> str:
    """All rows, aligned."""
    lines = [_line("", "measured", "ceiling", "share", "target")]
    lines.append("─" * (sum(_WIDTHS) + 2 * (len(_WIDTHS) - 1)))
    lines += [_cells(row) for row in rows]
    return "\n".join(lines)


def _cells(row: Row) -> str:
    ceiling = share = ""
    if row.ceiling is not None and row.measured is not None:
        ceiling, share = f"{row.ceiling:,.0f} /s", f"{row.measured / row.ceiling:.0%}"
    return _line(row.name, row.value, ceiling, share, row.target)


def _line(name: str, *cells: str) -> str:
    aligned = (f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS[1:], strict=True))
    return "  ".join((f"{name:<{_WIDTHS[0]}}", *aligned)).rstrip()
