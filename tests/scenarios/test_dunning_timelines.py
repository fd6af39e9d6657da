"""What an unpaid renewal leads to, day by day: one text file for each segment and class of causes.

The files in `dunning/` are told by `tell`; `RETELL=1` writes them anew. What they must show stands here, worked out by
hand from the shipped policies: on which day after the due date each rung is told, and on which the card is tried again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from solvent.commands.policy import SHIPPED
from solvent.core.account import Segment
from solvent.core.money import format_minor
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.sim import Customer
from solvent.store import policies, policy_file
from solvent.store.embedded import EmbeddedServer
from solvent.store.figures import Happened
from tests.flows.acts import EXPIRED, GOOD, NO_FUNDS, zone
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

FOLDER = Path(__file__).parent / "dunning"
DAY = timedelta(days=1)
LOOKED_AT = (*range(33), 37, 45, 60, 61, 67, 90, 95, 97)  # the days on which what a customer has is looked at
CARDS = {
    CauseClass.TRANSIENT: NO_FUNDS,
    CauseClass.PERMANENT: EXPIRED,
    CauseClass.ACTION_NEEDED: "4000002760003184",
    CauseClass.OUTAGE: "4000000000000119",
    CauseClass.ABANDONED: "4000000000003055",
}

# What a card says is a cause of its own; what follows is its class's, word for word but for the cause's.
OTHERS = {
    FailureCause.DECLINED: "4000000000000002",
    FailureCause.LIMIT_EXCEEDED: "4000000000006975",
    FailureCause.CARD_LOST: "4000000000009987",
    FailureCause.CARD_INVALID: "4242424242424241",
    FailureCause.FRAUD_SUSPECTED: "4100000000000019",
    FailureCause.ACCOUNT_CLOSED: "000111111113",
}
PLAYED = {
    CauseClass.TRANSIENT: FailureCause.INSUFFICIENT_FUNDS,
    CauseClass.PERMANENT: FailureCause.CARD_EXPIRED,
}

# By hand: day of the rung, its name. `grace` and `service` do not count here.
RUNGS = {
    Segment.STANDARD: [
        (0, "due"),
        (3, "reminder"),
        (5, "restricted"),
        (10, "usage-suspended"),
        (20, "downgraded"),
        (25, "last-notice"),
        (30, "given-up"),
    ],
    Segment.ACADEMIC: [
        (0, "due"),
        (7, "reminder"),
        (14, "restricted"),
        (21, "usage-suspended"),
        (25, "downgraded"),
        (90, "given-up"),
    ],
    Segment.REGIONAL: [
        (0, "due"),
        (7, "restricted"),
        (14, "usage-suspended"),
        (21, "downgraded"),
        (60, "given-up"),
    ],
    Segment.CONTRACT: [
        (0, "due"),
        (7, "reminder"),
        (15, "finance"),
        (45, "restricted"),
        (60, "escalated"),
    ],
    Segment.PARTNER: [(30, "told"), (60, "told-again")],
    Segment.SPONSORED: [(0, "credit-ended")],
}

# By hand: the days of the further tries. Regional tries who has no money on paydays at 10:00 (1, 10, 15 March).
TRANSIENT = {
    Segment.STANDARD: [1, 2, 3, 4, 5],
    Segment.ACADEMIC: [2, 4, 7, 10, 14],
    Segment.REGIONAL: [1, 9, 14],
    Segment.CONTRACT: [3, 6, 9],
    Segment.PARTNER: [7, 14],
    Segment.SPONSORED: [],
}
ABANDONED = TRANSIENT | {Segment.REGIONAL: [1, 3, 5, 7]}
# Standard: after 10 m, 20 m, 50 m, 1 h 50, 3 h 50, 7 h 50, 15 h 50, 23 h 50, 35 h 50, 47 h 50, 71 h 50 and 95 h 50,
# then day by day to 191 h 50; the others after 10 m, 1 h 10, 13 h 10 and 37 h 10, then day by day to 181 h 10.
# Sponsored stops there.
OUTAGE = {
    **{segment: [0, 0, 0, 1, 2, 3, 4, 5, 6, 7] for segment in Segment},
    Segment.STANDARD: [0] * 8 + [1, 1, 2, 3, 4, 5, 6, 7],
    Segment.SPONSORED: [0, 0, 0, 1],
}
# By hand: in an outage that never ends ages stand still from the due date for seven days; sponsored ones do not.
STILL: dict[tuple[CauseClass, Segment], int] = {
    (CauseClass.OUTAGE, segment): 7 for segment in Segment if segment is not Segment.SPONSORED
}
NEVER: dict[Segment, list[int]] = {segment: [] for segment in Segment}
TRIES = {
    CauseClass.TRANSIENT: TRANSIENT,
    CauseClass.PERMANENT: NEVER,
    CauseClass.ACTION_NEEDED: NEVER,
    CauseClass.OUTAGE: OUTAGE,
    CauseClass.ABANDONED: ABANDONED,
}
GIVES_UP = {Segment.STANDARD: [30], Segment.ACADEMIC: [90], Segment.REGIONAL: [60]}

# By hand: who is downgraded has the free product from that rung until the debt is given up, however long that is.
FREE = {
    Segment.STANDARD: [(20, "zone-free"), (30, "nothing")],
    Segment.ACADEMIC: [(25, "zone-free"), (90, "nothing")],
    Segment.REGIONAL: [(21, "zone-free"), (60, "nothing")],
}

Told = dict[Segment, str]


@pytest.fixture(scope="module")
def url(postgres: EmbeddedServer) -> Iterator[str]:
    """A database with goods on sale, under the shipped policies."""
    with Databases(postgres).one() as address:
        yield address


@pytest.fixture(scope="module", params=CauseClass)
def lived(request: pytest.FixtureRequest, url: str) -> tuple[CauseClass, Told]:
    """What a customer of each segment lived through, whose card failed for one class of causes."""
    cause: CauseClass = request.param
    return cause, live(url, 1 + list(CauseClass).index(cause), cause, CARDS[cause])


def live(url: str, number: int, cause: CauseClass, card: str) -> Told:
    """A customer of each segment pays for a month; then the card becomes one that fails."""
    world = FragileWorld(url, buckets=(number,), seed=number)
    world.polls = False
    _govern(world)
    customers = {s: world.customer(s.title(), segment=s) for s in Segment}
    for segment, customer in customers.items():
        customer.buy(zone(f"{segment}.example"), GOOD)
        customer.card_becomes(card)
    due = customers[Segment.STANDARD].subscription().period.end
    had: dict[Segment, list[tuple[int, str]]] = {s: [] for s in Segment}
    for day in LOOKED_AT:
        world.until(due + day * DAY)
        for segment, customer in customers.items():
            _note(had[segment], day, customer)
    told = {s: tell(cause, s, customers[s], due, had[s]) for s in Segment}
    found = wrong(world)
    world.close()
    assert found == []
    return told


def _govern(world: FragileWorld) -> None:
    with world.database.pool.connection() as connection:
        for path in sorted(SHIPPED.glob("*.yaml")):
            policies.apply(connection, policy_file.parse(path.read_bytes()), world.now)
    world.database.catalog(["not yet read@1"])


def _note(had: list[tuple[int, str]], day: int, customer: Customer) -> None:
    """What the customer has, where that changed."""
    has = ", ".join(sorted(g.product_id for g in customer.grants())) or "nothing"
    if not had or had[-1][1] != f"has {has}":
        had.append((day, f"has {has}"))


def tell(
    cause: CauseClass, segment: Segment, customer: Customer, due: datetime, had: list[tuple[int, str]]
) -> str:
    """The text of one timeline: a line for each thing that happened, by days after the due date."""
    lines = [(e.occurred_at - due, said) for e in customer.events() if (said := _said(e))]
    lines += [
        (a.created_at - due, f"tried: {a.cause}")
        for a in customer.attempts()
        if a.path == "collection" and a.state == "failed"
    ]
    lines += [(day * DAY, has) for day, has in had]
    rows = sorted((age, n, text) for n, (age, text) in enumerate(lines) if age >= timedelta())
    title = f"{segment}: a renewal of 20.00 USD that fails ({cause.replace('_', ' ')})"
    return "\n".join([title, "", *(f"day {age // DAY:>2}  {text}" for age, _, text in rows), ""])


def _said(event: Happened) -> str | None:  # noqa: PLR0911 -- one answer for each kind of event
    data = event.data
    match event.type:
        case "grace.granted":
            return f"renewed on grace: {data['cause']}"
        case "standing.changed":
            return f"standing {data['before']} → {data['after']}"
        case "dunning.changed":
            return f"in effect: {', '.join(_words(data['after'])) or 'nothing'}"
        case "dunning.notice":
            return f"told {data['rung']} ({', '.join(_words(data['channels']))})"
        case "invoice.uncollectible":
            return f"given up: {format_minor(int(str(data['debt'])), 'USD')} is bad debt"
        case "credit_note.issued":
            return f"credit note: {format_minor(int(str(data['amount'])), 'USD')}, {data['reason']}"
        case "subscription.ended":
            return f"subscription ended: {data['reason']}"
        case "method.invalidated":
            return f"the card is out of use: {data['cause']}"
        case _:
            return None


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def days_of(text: str, word: str) -> list[tuple[int, str]]:
    """The days of the lines that begin with a word, and what follows it."""
    rows = [line[4:].split(None, 1) for line in text.splitlines() if line.startswith("day ")]
    return [(int(day), said.removeprefix(word).split(" (")[0]) for day, said in rows if said.startswith(word)]


@pytest.mark.parametrize("segment", Segment)
def test_a_timeline(lived: tuple[CauseClass, Told], segment: Segment) -> None:
    cause, told = lived
    text = told[segment]
    later = STILL.get((cause, segment), 0)
    assert days_of(text, "told ") == [(day + later if day else 0, name) for day, name in RUNGS[segment]]
    assert [day for day, _ in days_of(text, "tried: ")] == TRIES[cause][segment]
    gives_up = [day + later for day in GIVES_UP.get(segment, [])]
    assert [day for day, _ in days_of(text, "given up: ")] == gives_up
    assert [day for day, _ in days_of(text, "subscription ended: ")] == gives_up
    if segment in FREE:
        had = [(day + later, has) for day, has in FREE[segment]]
        assert days_of(text, "has ") == [(0, "zone-pro"), *had]
    _golden(f"{segment}_{cause}", text)


@pytest.mark.parametrize("cause", OTHERS)
def test_every_cause_leads_where_its_class_does(url: str, cause: FailureCause) -> None:
    of_class = CAUSE_CLASS[cause]
    told = live(url, 40 + list(OTHERS).index(cause), of_class, OTHERS[cause])
    for segment, text in told.items():
        assert f"renewed on grace: {cause}\n" in text
        if (segment, of_class) == (
            Segment.REGIONAL,
            CauseClass.TRANSIENT,
        ):  # who has money is not tried on paydays
            assert [day for day, _ in days_of(text, "tried: ")] == ABANDONED[segment]
            _golden(f"{segment}_declined", text.replace(cause, FailureCause.DECLINED))
        else:
            _golden(f"{segment}_{of_class}", text.replace(cause, PLAYED[of_class]))


# By hand: the renewal of 1 March 2027 fails. Whoever pays while service goes on (partners: 90 days) is charged for the
# months that began meanwhile, which end on the old days: 1 April (31 days), 1 May (61), 1 June (92). Whoever pays when
# it has run out begins anew on that day: the partner on 9 June, until 9 July (130 days); the academic customer, out of
# service since 1 April, on 30 April, until 30 May (90 days).
PAID_LATE = {
    (Segment.PARTNER, 70): [31, 61, 92],
    (Segment.PARTNER, 100): [31, 130],
    (Segment.ACADEMIC, 60): [31, 90],
}


@pytest.mark.parametrize(("segment", "day"), PAID_LATE)
def test_paid_late(url: str, segment: Segment, day: int) -> None:
    number = 20 + list(PAID_LATE).index((segment, day))
    world = FragileWorld(url, buckets=(number,), seed=number)
    world.polls = False
    _govern(world)
    customer = world.customer(segment.title(), segment=segment)
    customer.buy(zone(f"late{day}.example"), GOOD)
    customer.card_becomes(CARDS[CauseClass.TRANSIENT])
    due, had = customer.subscription().period.end, list[tuple[int, str]]()
    for n in (*range(0, day, 5), day, day + 1, day + 10):
        world.until(due + n * DAY)
        if n == day:
            customer.card_becomes(GOOD)
            customer.pay_debt(GOOD)
            world.work()
        _note(had, n, customer)
    text = tell(CauseClass.TRANSIENT, segment, customer, due, had)
    renewed = [e for e in customer.events("subscription.renewed") if e.occurred_at >= due]
    ends = [(datetime.fromisoformat(str(e.data["period_end"])) - due) // DAY for e in renewed]
    text += f"\nperiods end on the days {', '.join(map(str, ends))} after the due date\n"
    found = wrong(world)
    world.close()
    assert found == []
    assert ends == PAID_LATE[segment, day]
    _golden(f"{segment}_paid_on_day_{day}", text)


def _golden(name: str, text: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("RETELL"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
