"""Payments: how attempts end, how long what is open has been, and what is due.

Owns the sums that the page shows. Does not own their reads (`store.insight`, `store.gauges`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from solvent.core.catalog import Catalog
from solvent.core.pricing import amount
from solvent.store import insight
from solvent.store.gauges import gauges
from solvent.store.insight import Coming, Ended
from solvent.web.dashboard.desk import BASE, Desk, money, span
from solvent.web.endpoint import Reply

DAYS, DAYS_MAX = 30, 366
AHEAD = timedelta(days=30)
DAY = timedelta(days=1)
GOOD, BAD = frozenset({"committed", "returned"}), frozenset({"failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How attempts of one kind ended; `open` have not."""

    name: str
    good: int
    bad: int
    open: int

    @property
    def share(self) -> str:
        """Of those that ended, how many succeeded."""
        ended = self.good + self.bad
        return f"{100 * self.good / ended:.1f} %" if ended else "–"


def payments(desk: Desk) -> Reply:
    """The page."""
    days = desk.number("days", 1, DAYS_MAX, DAYS)
    rows = desk.part(lambda: insight.ended(desk.pool, desk.now - timedelta(days=days)))
    content = {
        "days": days,
        "ended": None if rows is None else _ended(rows),
        "open": desk.part(lambda: _open(desk)),
        "forecast": desk.part(lambda: _forecast(desk)),
    }
    return desk.show("dashboard_payments.html", f"{BASE}/payments", "Payments", content, charts=True)


def _ended(rows: Sequence[Ended]) -> dict[str, object]:
    """How they ended: all, by what distinguishes them, why, and by day."""
    return {
        "all": _rate("all", rows),
        "rates": [
            ("provider", _rates(rows, lambda r: r.provider)),
            ("method", _rates(rows, lambda r: (r.method or "chosen by the customer").replace("_", " "))),
            ("path", _rates(rows, lambda r: f"{r.path}, {'off' if r.off_session else 'on'}-session")),
        ],
        "causes": _causes(rows),
        "daily": daily(rows),
    }


def _rates(rows: Sequence[Ended], of: Callable[[Ended], str]) -> list[Rate]:
    kinds: defaultdict[str, list[Ended]] = defaultdict(list)
    for row in rows:
        kinds[of(row)].append(row)
    rates = [_rate(name, some) for name, some in kinds.items()]
    return sorted(rates, key=lambda rate: (-(rate.good + rate.bad + rate.open), rate.name))


def _rate(name: str, rows: Iterable[Ended]) -> Rate:
    good = bad = left = 0
    for row in rows:
        good += row.attempts if row.state in GOOD else 0
        bad += row.attempts if row.state in BAD else 0
        left += row.attempts if row.state not in GOOD | BAD else 0
    return Rate(name=name, good=good, bad=bad, open=left)


def _causes(rows: Iterable[Ended]) -> list[tuple[str, int]]:
    causes: Counter[str] = Counter()
    for row in rows:
        if row.state in BAD:
            causes[row.cause.replace("_", " ") or "not said"] += row.attempts
    return causes.most_common()


def daily(rows: Iterable[Ended]) -> list[tuple[str, int, int]]:
    """Day, how many succeeded and failed. Where days without any lie between two, the first and the last of those are
    there too, as zeros: a line through the points is true."""
    days: defaultdict[date, list[Ended]] = defaultdict(list)
    for row in rows:
        days[row.day].append(row)
    for day, after in pairwise(sorted(days)):
        for quiet in {day + DAY, after - DAY} - {day, after}:
            days[quiet] = []
    rates = [(day, _rate("", days[day])) for day in sorted(days)]
    return [(f"{day}", rate.good, rate.bad) for day, rate in rates]


def _open(desk: Desk) -> list[tuple[str, str, int, str]]:
    """What has not ended: of what, in which state, how many, and for how long the oldest."""
    seen = {(one.metric, one.labels): one.value for one in gauges(desk.pool, desk.now)}
    found = []
    for what in ("attempts", "refunds", "disputes"):
        for (metric, labels), count in sorted(seen.items()):
            if metric == f"solvent.{what}.open" and count:
                oldest = seen.get((f"solvent.{what}.oldest", labels), 0.0)
                found.append((what, labels[0].replace("_", " "), int(count), span(oldest)))
    return found


def _forecast(desk: Desk) -> list[tuple[str, str, int, str]]:
    """Day, currency, subscriptions and list price of what is due, by day."""
    catalog = desk.solvent.platform.store.catalog()
    items: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for row in insight.coming(desk.pool, desk.now + AHEAD):
        place = (f"{row.day}" if row.day >= desk.now.date() else "due already", row.currency)
        items[place] += row.items
        sums[place] += _list_price(catalog, row)
    return [
        (day, currency, items[day, currency], money(sums[day, currency], currency))
        for day, currency in sorted(items, key=lambda place: (place[0] != "due already", place))
    ]


def _list_price(catalog: Catalog, row: Coming) -> int:
    """What these items cost by the list, in minor units; what is billed by use costs what is used."""
    price = catalog.price(row.price_id)
    return 0 if price.meter is not None else row.items * amount(price, row.quantity)
