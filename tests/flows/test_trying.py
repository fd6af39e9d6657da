"""A policy tried on what a real worker recorded: the replay of the policy in effect is what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from solvent.commands import policy_trial
from solvent.commands.policy import SHIPPED
from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.history import Window
from solvent.core.policy import Policy
from solvent.flows.trying import Comparison, try_policies
from solvent.sim import Customer
from solvent.store import policy_file
from solvent.store.embedded import EmbeddedServer
from solvent.store.histories import StoredHistories
from tests.flows.acts import DECLINED_LATER, EXPIRED, GOOD, zone
from tests.flows.test_dunning import DAY, govern
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

STANDARD = (SHIPPED / "standard.yaml").read_text(encoding="utf-8")
GENTLE = (
    STANDARD.replace("after: 5d, measures: [restrict]", "after: 9d, measures: [restrict]")
    .replace("after: 30d, measures: [give_up]", "after: 60d, measures: [give_up]")
    .replace("transient: [1d, 1d, 1d, 1d, 1d]", "transient: [2d, 2d]")
    .replace("standard, as shipped", "gentle")
)


@pytest.fixture(scope="module")
def lived(postgres: EmbeddedServer) -> Iterator[FragileWorld]:
    """Renewals of four fail: Ada pays on day 7, Ben never, Cleo on day 40, and Dan's card has expired. Eve pays."""
    with Databases(postgres).one() as url:
        world = FragileWorld(url, buckets=(1, 2), seed=1)
        world.polls = False
        govern(world)
        people = {name: world.customer(name) for name in ("Ada", "Ben", "Cleo", "Dan", "Eve")}
        for name, customer in people.items():
            customer.buy(zone(f"{name.lower()}.example"), GOOD if name in ("Dan", "Eve") else DECLINED_LATER)
        people["Dan"].card_becomes(EXPIRED)
        start = people["Eve"].subscription().period.end
        world.until(start + 7 * DAY)
        pay(people["Ada"])
        world.until(start + 40 * DAY)
        pay(people["Cleo"])
        world.until(start + 45 * DAY)
        yield world
        world.close()


def pay(customer: Customer) -> None:
    page = customer.open_debt()
    assert isinstance(page, Attempt)
    customer.complete(page, GOOD)


def compared(world: FragileWorld, text: str, accounts_max: int = 9, page_max: int = 1_000) -> Comparison:
    tried = policy_file.parse(text).policies
    window = Window(since=world.now - 60 * DAY, until=world.now)
    histories = StoredHistories(world.database.pool, page_max)
    return try_policies(world.platform, histories, tried, window, accounts_max)


def recorded(world: FragileWorld, query: str) -> int:
    with world.database.pool.connection() as connection:
        return int(connection.execute(query).fetchone()[0])  # type: ignore[index]


@pytest.mark.unmeasured
def test_the_policy_in_effect_replayed_is_what_was_recorded(lived: FragileWorld) -> None:
    before = compared(lived, STANDARD).before
    tries = "select count(*) from attempt where off_session and path = 'collection' and state = 'failed'"
    assert before.tries == recorded(lived, tries) == 3 * 5
    assert before.notices == recorded(lived, "select count(*) from notice")
    uncollectible = "select count(*) from event where type = 'invoice.uncollectible'"
    assert before.accounts["given up"] == recorded(lived, uncollectible) == 3
    assert before.walked == 4  # Eve owed nothing


def test_the_same_policy_makes_no_difference(lived: FragileWorld) -> None:
    found = compared(lived, STANDARD)
    assert (found.differing, found.before.accounts) == (0, found.after.accounts)


def test_a_gentler_policy_by_hand(lived: FragileWorld) -> None:
    found = compared(lived, GENTLE)
    assert found.before.accounts == {
        "retried": 3,
        "restricted": 4,
        "suspended": 3,
        "downgraded": 3,
        "given up": 3,
        "recovered": 1,
        "paid after giving up": 1,
    }
    assert found.after.accounts == {
        "retried": 3,
        "restricted": 3,  # Ada paid before day 9
        "suspended": 3,
        "downgraded": 3,
        "recovered": 2,  # Ada, and Cleo on day 40
    }
    assert (found.before.tries, found.after.tries) == (15, 6)
    assert found.before.amounts["given up"] == {"USD": 3 * 2_000}
    assert found.after.amounts == {"recovered": {"USD": 4_000}}
    assert found.differing == len(found.accounts) == 4


def test_accounts_are_named_up_to_a_number_and_pages_make_no_difference(lived: FragileWorld) -> None:
    few = compared(lived, GENTLE, accounts_max=1, page_max=1)
    assert (few.differing, len(few.accounts)) == (4, 1)
    assert few.after == compared(lived, GENTLE).after


def test_other_segments_are_left_out(lived: FragileWorld) -> None:
    partner = (SHIPPED / "partner.yaml").read_text(encoding="utf-8")
    assert compared(lived, partner).before.walked == 0


def test_the_window_bounds_what_counts(lived: FragileWorld) -> None:
    window = Window(since=lived.now - 3 * DAY, until=lived.now)
    found = try_policies(
        lived.platform, StoredHistories(lived.database.pool), {Segment.STANDARD: Policy()}, window, 9
    )
    assert (found.before.tries, found.before.accounts) == (0, {})


@pytest.mark.unmeasured
def test_it_is_told_as_a_table_and_as_json(lived: FragileWorld) -> None:
    found = policy_file.parse(GENTLE)
    few = compared(lived, GENTLE, accounts_max=2)
    parts = list(policy_trial.tables(found, few))
    assert str(parts[0]).startswith("gentle for standard, on what happened from ")
    assert str(parts[0]).endswith("accounts that owed beyond a due date: 4")
    assert parts[-1] == "4 would have fared otherwise; --accounts shows more than 2 of them."
    told = json.loads(policy_trial.as_json(found, few))
    assert told["in_effect"]["accounts"]["given_up"] == 3
    assert told["tried"]["amounts"]["recovered"] == {"USD": 4_000}
    assert (told["differing"], len(told["accounts"])) == (4, 2)
    same = list(policy_trial.tables(policy_file.parse(STANDARD), compared(lived, STANDARD)))
    assert same[-1] == "No account would have fared otherwise."
