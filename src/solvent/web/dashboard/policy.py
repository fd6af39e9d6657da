"""Policy: the ladders that hold, as pictures, and another policy tried on what really happened.

Owns the picture's geometry and the trial's form. Does not own the rules of a policy (`core.policy_rules`), its file,
nor the trial (`flows.trying`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import log1p
from typing import Any

from solvent.core.account import Segment
from solvent.core.catalog import CatalogError
from solvent.core.history import Window
from solvent.core.ids import spell
from solvent.core.ladder import Ladder
from solvent.core.policy import Policy
from solvent.core.policy_rules import policy_problems
from solvent.core.replay import GIVEN_UP, LATE, NAMES, RECOVERED, Sum
from solvent.flows.trying import Comparison, try_policies
from solvent.store import policy_file
from solvent.store.histories import StoredHistories
from solvent.web.dashboard.desk import BASE, Desk, money, span, when
from solvent.web.endpoint import Reply
from solvent.web.problems import Problem

PLACE = f"{BASE}/policy"
FILE_CHARS_MAX = 60_000
DAYS, DAYS_MAX = 90, 366
DIFFERING_SHOWN = 50
WIDTH, LEFT, STEP = 760, 24, 46  # of the picture, in its own units
TOP = 16
WORDS = 250  # kept free for the last rung's


def policy(desk: Desk) -> Reply:
    """The ladders."""
    return _page(desk)


def try_it(desk: Desk) -> Reply:
    """Another policy on recorded history; nothing is written."""
    text = desk.text("policy", FILE_CHARS_MAX)
    days = desk.number("days", 1, DAYS_MAX, DAYS)
    catalog = desk.solvent.platform.store.catalog()
    try:
        found = policy_file.parse(text)
    except CatalogError as error:
        return _page(desk, text=text, wrong=[str(error)])
    broken = [
        f"segments.{segment}.{problem.field}: {problem.rule}"
        for segment, each in found.policies.items()
        for problem in policy_problems(each, catalog)
    ]
    if broken:
        return _page(desk, text=text, wrong=broken)
    window = Window(since=desk.now - timedelta(days=days), until=desk.now)
    tried = {segment: replace(each, name=found.name) for segment, each in found.policies.items()}
    histories = StoredHistories(desk.pool)
    compared = try_policies(desk.solvent.platform, histories, tried, window, DIFFERING_SHOWN)
    return _page(desk, text=text, tried=_compared(found.name, compared))


def _page(
    desk: Desk, *, text: str = "", wrong: list[str] | None = None, tried: Mapping[str, Any] | None = None
) -> Reply:
    catalog, platform = desk.solvent.platform.store.catalog(), desk.solvent.platform
    chosen = desk.sent.get("segment", Segment.STANDARD)
    if chosen not in set(Segment):
        raise Problem("refused", f"segment: must be one of {', '.join(Segment)}")
    segment = Segment(chosen)
    held = catalog.policies.policy(platform.policy, segment, desk.now)
    coming = catalog.policies.next_edition(segment, desk.now)
    content = {
        "segments": list(Segment),
        "segment": segment,
        "policy": _told(held),
        "coming": when(coming) if coming else None,
        "ladders": [_drawn(ladder) for ladder in held.ladders],
        "text": text,
        "wrong": wrong or [],
        "tried": tried,
    }
    return desk.show("dashboard_policy.html", PLACE, "Policy", content, 422 if wrong else 200)


def _told(held: Policy) -> list[tuple[str, str]]:
    return [
        ("name", held.name),
        ("grace", span(held.grace.total_seconds())),
        ("service of an unpaid period", span(held.unpaid_service.total_seconds())),
        ("age stands still in an outage for at most", span(held.outage_max.total_seconds())),
        ("to lift", f"{held.lift} must be paid"),
        ("upgrades while unpaid", str(held.upgrades)),
        ("debt that is given up", str(held.fate)),
        ("other methods of the account", "tried in turn" if held.backups else "not tried"),
    ]


def _drawn(ladder: Ladder) -> dict[str, Any]:
    """A ladder as steps down; to the right is later, logarithmic, because the first days matter most."""
    longest = max((rung.after.total_seconds() for rung in ladder.rungs), default=1.0) or 1.0
    day = timedelta(days=1).total_seconds()
    steps = [
        {
            "x": LEFT
            + round(
                (WIDTH - 2 * LEFT - WORDS) * log1p(rung.after.total_seconds() / day) / log1p(longest / day)
            ),
            "y": STEP * n + TOP,
            "after": span(rung.after.total_seconds()) if rung.after else "at once",
            "id": rung.id,
            "does": ", ".join(m.replace("_", " ") for m in sorted(rung.measures)),
            "tells": ", ".join(rung.notify).replace("email", "e-mail"),
        }
        for n, rung in enumerate(ladder.rungs)
    ]
    whom = ", ".join([*sorted(ladder.causes), *sorted(ladder.products)]) or "all invoices"
    return {
        "id": ladder.id,
        "whom": whom,
        "scope": ladder.scope,
        "ends": ladder.ends,
        "steps": steps,
        "width": WIDTH,
        "height": STEP * len(steps) + TOP,
    }


def _compared(name: str, compared: Comparison) -> dict[str, Any]:
    def row(what: str) -> tuple[str, str, str]:
        return what, _sum(compared.before, what), _sum(compared.after, what)

    return {
        "name": name,
        "since": when(compared.window.since),
        "walked": compared.before.walked,
        "rows": [
            ("charges tried", str(compared.before.tries), str(compared.after.tries)),
            ("notices", str(compared.before.notices), str(compared.after.notices)),
            *(row(what) for what in NAMES),
        ],
        "differing": compared.differing,
        "accounts": [
            {
                "id": spell("acc", one.account_id),
                "segment": one.segment,
                "before": ", ".join(one.before) or "nothing",
                "after": ", ".join(one.after) or "nothing",
            }
            for one in compared.accounts
        ],
    }


def _sum(all_: Sum, what: str) -> str:
    accounts = f"{all_.accounts.get(what, 0)} accounts"
    if what not in (GIVEN_UP, RECOVERED, LATE):
        return accounts
    amounts = ", ".join(money(v, c) for c, v in sorted(all_.amounts.get(what, {}).items()))
    return f"{accounts}, {amounts}" if amounts else accounts
