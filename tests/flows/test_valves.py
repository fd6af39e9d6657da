"""Modes and holds end to end: what is written and not applied, what support keeps away, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from solvent.core.attempt import Attempt
from solvent.core.consequence import Consequence
from solvent.core.engine import SHARES, Engine, Mode, place
from solvent.core.giving_up import Surrender
from solvent.core.ids import bucket_of, spell
from solvent.core.ladder import Measure, Scope
from solvent.core.payment import AttemptState, FailureCause
from solvent.core.plan import Refusal
from solvent.core.snapshot import Standing
from solvent.core.valves import Hold
from solvent.flows.collect import with_holds
from solvent.flows.debts import give_up
from solvent.flows.holds import place_hold, release_hold
from solvent.flows.recompute import examine, recompute
from solvent.sim import Customer
from solvent.store import engine as stored
from solvent.store.holds import HoldReads
from tests.flows.acts import DEBIT, DECLINED_LATER, GOOD, zone
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY, new_id, owing, run
from tests.flows.test_drift import kinds
from tests.flows.test_dunning import govern
from tests.flows.test_usage import event, metered, use
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

BUCKETS = iter(range(1, 250))


@pytest.fixture
def world(flows_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    govern(world)
    yield world
    set_mode(world)
    world.work()
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def set_mode(world: FragileWorld, mode: Mode = Mode.ON, **more: object) -> None:
    stored.set_mode(world.database.pool, Engine(mode=mode, by="carol", reason="a test", **more), world.now)  # type: ignore[arg-type]
    world.database.catalog(["not yet read@1"])


def history(world: FragileWorld, ada: Customer) -> list[tuple[list[str], list[str]]]:
    rows = HoldReads(world.database.pool).decisions(ada.id, None, 99)
    return [(row.applied, row.withheld) for row in rows]


def held(world: FragileWorld, ada: Customer, consequence: Consequence, days: float) -> Hold:
    placed = place_hold(
        world.platform, ada.id, consequence, "waits", "carol", world.now + days * DAY, world.now
    )
    assert isinstance(placed, Hold)
    world.work()
    return placed


def test_observing_writes_decisions_and_applies_nothing(world: FragileWorld) -> None:
    set_mode(world, Mode.OBSERVE)
    ada = owing(world, 32)
    assert (ada.snapshot().in_effect, ada.standing()) == ((), Standing.PAST_DUE)
    assert len(ada.charges()) == 1
    assert ada.events("dunning.") == []
    rows = history(world, ada)
    assert [row for row in rows if row[0]] == []
    words = {word.partition(",")[0] for _, withheld in rows for word in withheld}
    assert words == {"collect", "notice", "restrict", "suspend", "downgrade", "give_up"}
    assert len(rows) == len({tuple(withheld) for _, withheld in rows})  # each only when it is another
    assert kinds(world, ada) == set()


def test_turning_it_on_applies_what_is_then_decided(world: FragileWorld) -> None:
    set_mode(world, Mode.OBSERVE)
    ada = owing(world, 6)
    assert ada.snapshot().in_effect == ()
    set_mode(world, Mode.SHARE, accounts=(ada.id,))
    world.work()
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]
    assert history(world, ada)[-1][1] == []
    set_mode(world, Mode.OBSERVE)
    world.wait(days=6)
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]
    ada.pay_debt(GOOD)
    assert ada.snapshot().in_effect == ()  # paying lifts in any mode


def test_a_share_that_shrinks_takes_nothing_back_and_begins_nothing(world: FragileWorld) -> None:
    ada, ben = owing(world, 6), world.customer("Ben")
    before = ada.snapshot().in_effect
    assert [m.measure for m in before] == [Measure.RESTRICT]
    told, charges = ada.events("dunning.notice"), ada.charges()
    outside = max(share for share in (0, *SHARES) if share <= place(ada.id))
    set_mode(world, Mode.SHARE, share=outside, accounts=(ben.id,))
    world.wait(days=6)
    assert (ada.snapshot().in_effect, ada.events("dunning.notice")) == (before, told)
    assert ada.charges() == charges
    assert history(world, ada)[-1][1][-1] == "suspend, the engine only observes the account"
    set_mode(world, Mode.SHARE, share=100)
    world.work()
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT, Measure.SUSPEND_USAGE]
    set_mode(world, Mode.SHARE, share=outside, accounts=(ben.id,))
    ada.pay_debt(GOOD)
    assert ada.snapshot().in_effect == ()


def test_off_lets_accounts_wait_and_loses_nobody(world: FragileWorld) -> None:
    set_mode(world, Mode.OFF)
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    world.clock.move_to(ada.subscription().period.end)
    world.work()
    assert ada.snapshot().standing is None
    set_mode(world)
    world.work()
    assert ada.standing() is Standing.GRACE


def test_the_excluded_are_refused_whole_with_the_reason(world: FragileWorld, server: Edge) -> None:
    ada, ben = owing(world, 2), world.customer("Ben")
    set_mode(world, excluded_accounts=(ada.id,))
    world.wait(days=30)
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    assert state["standing"] == "past_due"
    assert "withheld: give_up, the account is excluded by carol: a test" in state["evidence"]
    assert ben.snapshot().in_effect == ()


def test_nothing_begins_while_a_purchase_is_processing_and_afterwards_it_does(world: FragileWorld) -> None:
    ada = owing(world, 4)
    bought = ada.confirm(ada.open(zone("second.example")), DEBIT)
    assert ada.attempt(bought).state is AttemptState.PROCESSING
    world.wait(days=1.5)
    assert ada.attempt(bought).state is AttemptState.PROCESSING
    assert (ada.snapshot().in_effect, ada.snapshot().withheld) == ((), ("restrict, a payment is in flight",))
    world.wait(days=4)
    assert ada.attempt(bought).state is AttemptState.COMMITTED
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]


def test_a_hold_keeps_a_consequence_away_and_its_end_is_not_missed(world: FragileWorld, server: Edge) -> None:
    ada = owing(world, 2)
    held(world, ada, Consequence.RESTRICT, 5)
    world.wait(days=4)
    assert ada.snapshot().in_effect == ()
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    assert any(s.startswith("withheld: restrict, held by carol until 2027-03-07") for s in state["evidence"])
    assert kinds(world, ada) == set()
    told = [notice.data["rung"] for notice in ada.events("dunning.notice")]
    world.wait(days=1)
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]
    assert told == ["due", "reminder"]
    assert [notice.data["rung"] for notice in ada.events("dunning.notice")] == [*told, "restricted"]
    placed = ada.events("hold.placed")[0].data
    assert (placed["consequence"], placed["author"], placed["reason"]) == ("restrict", "carol", "waits")


def test_a_hold_lets_rest_what_is_in_effect_until_it_is_released(world: FragileWorld, server: Edge) -> None:
    ada = owing(world, 12)
    client, account = server.of(world), spell("acc", ada.id)
    body = {"consequence": "all", "reason": "sick", "author": "carol", "expires_at": "2027-12-31T00:00:00Z"}
    answer = client.post(f"/accounts/{account}/holds", json=body, headers={"idempotency-key": "1"})
    assert answer.status_code == 201
    world.work()
    assert ada.snapshot().in_effect == ()
    more = {"idempotency-key": "1b"}
    assert client.post(f"/accounts/{account}/holds", json=body, headers=more).status_code == 201
    first = client.get(f"/accounts/{account}/holds?limit=1").json()
    assert first["data"] == [answer.json()]
    second = client.get(f"/accounts/{account}/holds?after={first['next']}").json()
    assert (len(second["data"]), second["next"]) == (1, None)
    other = f"/accounts/{account}/holds/{second['data'][0]['id']}/release"
    client.post(other, json={"by": "dave"}, headers={"idempotency-key": "1c"})
    path = f"/accounts/{account}/holds/{answer.json()['id']}/release"
    ended = client.post(path, json={"by": "dave"}, headers={"idempotency-key": "2"}).json()
    shown = client.get(f"/accounts/{account}/holds").json()["data"]
    assert (ended["released_by"], shown[0]) == ("dave", ended)
    world.work()
    assert sorted(m.measure for m in ada.snapshot().in_effect) == ["restrict", "suspend_usage"]
    told = client.get(f"/accounts/{account}/decisions?limit=500").json()["data"]
    assert told[-1]["applied"] == ["begin restrict", "begin suspend_usage"]
    assert ada.events("hold.released")[0].data["by"] == "dave"
    again = client.post(path, json={"by": "dave"}, headers={"idempotency-key": "3"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "hold_id")


def test_readers_learn_of_a_hold_by_another_tag_and_of_its_end_in_the_middle_of_a_rung(
    world: FragileWorld, server: Edge
) -> None:
    """The rung of day 10 suspends, that of day 20 drops: the hold is placed on day 12 and runs out on day 15."""
    ada = owing(world, 12)
    client, path = server.of(world), f"/accounts/{spell('acc', ada.id)}/entitlements"

    def read(tag: str = "") -> httpx.Response:
        """From the database, whatever this process keeps."""
        return client.get(path, headers={"if-none-match": tag, "cache-control": "no-cache"})

    first = read()
    in_effect = first.json()["restrictions"]
    assert [r["measure"] for r in in_effect] == ["restrict", "suspend_usage"]
    assert read(first.headers["etag"]).status_code == 304
    told = ada.events("dunning.notice")
    held(world, ada, Consequence.SUSPEND, 3)
    under = read(first.headers["etag"])
    assert (under.status_code, under.json()["restrictions"]) == (200, in_effect[:1])
    assert read(under.headers["etag"]).status_code == 304
    world.wait(days=3)
    after = read(under.headers["etag"])
    assert (after.status_code, after.json()["restrictions"]) == (
        200,
        in_effect,
    )  # since when it was, not since now
    assert ada.events("dunning.notice") == told


def test_who_is_held_just_before_the_end_is_not_given_up(world: FragileWorld) -> None:
    ada = owing(world, 29)
    held(world, ada, Consequence.GIVE_UP, 60)
    world.wait(days=5)
    (invoice,) = ada.open_invoices()
    end = Surrender(reason="unpaid", by="policy", scope=Scope.SUBSCRIPTION, decided=True)
    refused = give_up(world.platform, invoice.id, end, world.now)
    assert isinstance(refused, Refusal)
    assert refused.rule == "is not to be given up any more: something came between"
    assert ada.standing() is Standing.SUSPENDED


def test_nothing_begins_while_a_payment_is_in_flight(world: FragileWorld) -> None:
    """Ada has opened a payment when the rung comes; it ends unpaid, and only then it is climbed."""
    ada = owing(world, 4)
    world.until(ada.open_invoices()[0].due_at + 5 * DAY - DAY / 96)
    ada.open_debt()
    world.wait(minutes=16)
    assert ada.snapshot().in_effect == ()
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    assert any("a payment is in flight" in sentence for sentence in verdict.evidence)
    world.wait(hours=2)
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]


def test_a_chain_of_pages_that_nobody_pays_puts_a_measure_off_once(world: FragileWorld) -> None:
    """Ada opens a page to pay before each moment, again whenever the last one has expired, and never pays."""
    ada = owing(world, 4)
    due = ada.open_invoices()[0].due_at
    world.until(due + 5 * DAY - timedelta(minutes=10))

    def opens(until: datetime) -> None:
        while world.now < until:
            if ada.open_invoices():
                ada.open_debt()
            world.wait(minutes=4)

    opens(due + 5 * DAY + timedelta(minutes=18))  # the first page expires 20 minutes after the rung
    assert ada.snapshot().in_effect == ()
    opens(due + 5 * DAY + timedelta(minutes=30))
    assert [m.measure for m in ada.snapshot().in_effect] == [Measure.RESTRICT]
    world.until(due + 30 * DAY - timedelta(minutes=10))
    opens(due + 30 * DAY + timedelta(minutes=18))
    assert ada.standing() is Standing.SUSPENDED
    opens(due + 30 * DAY + timedelta(minutes=30))
    assert ada.standing() is Standing.BAD_DEBT


def test_a_page_that_is_paid_after_its_debt_was_given_up_recovers_it(world: FragileWorld) -> None:
    ada = owing(world, 29)
    due = ada.open_invoices()[0].due_at
    end = due + 30 * DAY + timedelta(hours=1)
    placed = place_hold(world.platform, ada.id, Consequence.GIVE_UP, "waits", "carol", end, world.now)
    assert isinstance(placed, Hold)
    world.until(end - timedelta(minutes=10))
    page = ada.open_debt()  # later than the debt was to be given up: nothing waits for it
    assert isinstance(page, Attempt)
    world.until(end + timedelta(minutes=5))
    assert (ada.standing(), ada.attempt(page).state) == (Standing.BAD_DEBT, AttemptState.REQUIRES_ACTION)
    ada.complete(page, GOOD)
    world.work()
    assert (ada.debt(), ada.standing()) == (0, Standing.GOOD)


def test_a_hold_of_charges_says_nothing_of_what_costs_nothing(world: FragileWorld) -> None:
    """Both are to be journaled at once: only what is charged has a cause, and no method."""
    ada = world.customer("Ada")
    charged, free = ada.buy(zone(), GOOD), ada.buy(zone("free.example", product="zone-free"))
    held(world, ada, Consequence.COLLECT, 4)
    with world.platform.store.begin() as tx:
        one, other = with_holds(tx, bucket_of(ada.id), [charged, free], world.now)
    assert (one.cause, one.provider, one.method_token) == (FailureCause.CHARGE_HELD, None, None)
    assert other == free


@pytest.mark.parametrize("consequence", [Consequence.ALL, Consequence.COLLECT])
def test_a_hold_keeps_the_charge_of_a_renewal_away_until_it_ends(
    world: FragileWorld, server: Edge, consequence: Consequence
) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), GOOD)
    start = ada.subscription().period.end
    world.until(start - DAY)
    held(world, ada, consequence, 4)
    world.until(start + DAY)
    assert len(ada.charges()) == 1  # the purchase
    assert (ada.debt(), ada.standing(), ada.has("zone-pro")) == (2_000, Standing.GRACE, True)
    (granted,) = ada.events("grace.granted")
    assert granted.data["cause"] == "charge_held"
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    told = "\n".join(state["evidence"])
    assert "0 tries failed; next try" in told
    assert "withheld: collect, held by carol until" in told
    world.until(start + 3 * DAY)
    assert [charge.amount for charge in ada.charges()] == [2_000, 2_000]  # at once, and once
    assert (ada.debt(), ada.standing(), ada.subscription().period.start) == (0, Standing.GOOD, start)


def test_a_released_hold_lets_the_renewal_be_charged_at_once(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), GOOD)
    start = ada.subscription().period.end
    placed = held(world, ada, Consequence.COLLECT, 90)
    world.until(start + DAY)
    assert ada.debt() == 2_000
    assert release_hold(world.platform, ada.id, placed.id, "dave", world.now) is None
    world.work()
    assert (ada.debt(), len(ada.charges())) == (0, 2)


@pytest.mark.parametrize("other", [Consequence.NOTICE, Consequence.GIVE_UP])
def test_another_hold_keeps_no_renewal_from_being_charged(world: FragileWorld, other: Consequence) -> None:
    ada, ben = world.customer("Ada"), world.customer("Ben")
    ada.buy(zone(), GOOD)
    ben.buy(zone("ben.example"), GOOD)
    start = ada.subscription().period.end
    held(world, ada, other, 90)
    held(world, ben, Consequence.ALL, 5)  # over before
    world.until(start + DAY)
    assert [len(c.charges()) for c in (ada, ben)] == [2, 2]


def test_a_hold_keeps_the_charge_of_usage_away_too(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(metered("requests"), GOOD)
    placed = held(world, ada, Consequence.COLLECT, 90)
    use(ada, event(ada, 18_233_333))
    world.until(ada.subscription().period.end + DAY)
    assert ([i.debt for i in ada.invoices()], ada.charges()) == ([547], [])
    assert release_hold(world.platform, ada.id, placed.id, "dave", world.now) is None
    world.work()
    assert (ada.debt(), len(ada.charges())) == (0, 1)


def test_what_costs_nothing_is_renewed_under_a_hold(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(product="zone-free"), GOOD)
    start = ada.subscription().period.end
    held(world, ada, Consequence.ALL, 90)
    world.until(start + DAY)
    assert (ada.debt(), ada.subscription().period.start) == (0, start)


def test_what_cannot_be_held(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    for days in (0, 400):
        end = world.now + days * DAY
        refused = place_hold(world.platform, ada.id, Consequence.ALL, "x", "carol", end, world.now)
        assert isinstance(refused, Refusal)
        assert refused.field == "expires_at"
    nobody = new_id(world)
    for answer in (
        place_hold(world.platform, nobody, Consequence.ALL, "x", "carol", world.now + DAY, world.now),
        release_hold(world.platform, nobody, nobody, "carol", world.now),
    ):
        assert isinstance(answer, Refusal)
        assert answer.field == "account_id"


def test_a_mode_is_set_over_http_with_who_and_why(world: FragileWorld, server: Edge) -> None:
    client = server.of(world)
    body = {"mode": "share", "share": 7, "by": "carol", "reason": "rollout"}
    refused = client.post("/engine", json=body, headers={"idempotency-key": "1"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "share")
    body |= {"share": 25}
    assert client.post("/engine", json=body, headers={"idempotency-key": "2"}).status_code == 200
    told = client.get("/engine").json()
    assert (told["now"]["share"], told["now"]["by"], told["history"][0]) == (25, "carol", told["now"])
    run(world, "select 1")


@pytest.mark.parametrize("boundary", [3, 4, 6, 7])
def test_who_is_held_just_before_a_charge_is_not_charged(world: FragileWorld, boundary: int) -> None:
    """The hold comes after the account was read, before or after its verdict is recorded."""
    ada = owing(world, 0.5)
    at = ada.snapshot().recheck_at
    assert at is not None
    world.clock.move_to(at)
    failures = [tries.failures for tries in ada.snapshot().tries.values()]

    def carol() -> None:
        place_hold(world.platform, ada.id, Consequence.COLLECT, "waits", "carol", at + DAY, at)

    with world.meanwhile(boundary, carol):
        recompute(world.platform, world.buckets[0], world.now, 10)
    assert [tries.failures for tries in ada.snapshot().tries.values()] == failures
    world.wait(days=1)
    assert [tries.failures for tries in ada.snapshot().tries.values()] == [failures[0] + 1]
