"""The gate as HTTP says it, for each path that somebody can ask for and each mode: on answers 402 with the way out and
writes nothing, soft lets through, warns and counts, off does not look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from solvent.core.gate import OPEN, Gate
from solvent.core.ids import parse
from solvent.core.payment import Path
from solvent.store.gauges import gauges
from solvent.telemetry.watch import watch
from solvent.wiring import build
from tests.web.house import BUSINESS, GOOD, House, Json, problem, start
from tests.web.inside import served
from tests.web.test_pay_page import owing

Ask = Callable[[House, str, int], Json]
WAY_OUT = "POST /v1/accounts/{account_id}/methods"


def purchase(house: House, account: str, status: int) -> Json:
    return house.open(account, start(thing="zone:b.example"), status)


def change(house: House, account: str, status: int) -> Json:
    (owned,) = house.get(f"/subscriptions?account={account}")["data"]
    (item,) = owned["items"]
    switch = {
        "type": "switch_price",
        "subscription_id": owned["id"],
        "item_id": item["id"],
        "price_id": BUSINESS,
    }
    return house.open(account, switch, status)


def collection(house: House, account: str, status: int) -> Json:
    answer: Json = house.post(f"/accounts/{account}/pay-debt", {}, status)
    return answer


def finalisation(house: House, account: str, status: int) -> Json:
    lines = [{"description": "Advice", "amount": 9000}]
    answer: Json = house.post("/invoices", {"account_id": account, "lines": lines}, status)
    return answer


ASKS: dict[Path, Ask] = {
    Path.PURCHASE: purchase,
    Path.CHANGE: change,
    Path.COLLECTION: collection,
    Path.FINALISATION: finalisation,
}


Gated = Callable[[Path, Gate], AbstractContextManager[House]]


@pytest.fixture(scope="module")
def gated(house: House) -> Iterator[Gated]:
    """The house with that gate on that path, and no other."""
    parts = build(house.solvent.settings, house.database_url)

    @contextmanager
    def opened(path: Path, gate: Gate) -> Iterator[House]:
        platform = replace(parts.platform, gates=dict(OPEN) | {path: gate})
        unread = watch(lambda: gauges(parts.database.pool, parts.clock()), traces=False, metrics=False)
        with served(replace(parts, platform=platform, watch=unread)) as url:
            yield replace(house, url=url)

    yield opened
    parts.close()


@pytest.fixture(scope="module")
def bare(house: House) -> Callable[[], str]:
    """Somebody who has a subscription and a debt, and no method any more."""

    def made() -> str:
        account, _ = owing(house)
        house.buy(account)
        with house.solvent.database.pool.connection() as connection:
            connection.execute(
                "update method set state = 'invalid', invalid_by = 'account_closed', look_at = null"
                " where account_id = %s",
                (parse("acc", account),),
            )
        return account

    return made


def counted(house: House, path: Path) -> int:
    every = house.solvent.database.counts.every()
    return sum(c.times for c in every if (c.kind, c.about) == ("gate", path))


@pytest.mark.parametrize("path", ASKS)
def test_each_mode_of_the_gate_on_each_path(
    house: House, gated: Gated, bare: Callable[[], str], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    account, ask, said = bare(), ASKS[path], f"a soft gate lets its {path} through"
    before = counted(house, path)
    with gated(path, Gate.ON) as there, house.nothing_written():
        refused = ask(there, account, 402)
        assert problem(refused)[0] == "payment_method_required"
        assert WAY_OUT in refused["detail"]
    assert (counted(house, path), said in caplog.text) == (before, False)
    with gated(path, Gate.SOFT) as there:
        assert ask(there, account, 201)["state"] in ("requires_action", "committed")
        shown = there.client.get("/metrics").text.splitlines()
        assert f'solvent_gate_passed{{path="{path}"}} {before + 1}.0' in shown
    assert (counted(house, path), said in caplog.text) == (before + 1, True)
    with gated(path, Gate.OFF) as there:
        assert ask(there, bare(), 201)["state"] in ("requires_action", "committed")
    assert counted(house, path) == before + 1


def test_the_way_out_leads_out(gated: Gated, bare: Callable[[], str]) -> None:
    account = bare()
    with gated(Path.PURCHASE, Gate.ON) as there:
        purchase(there, account, 402)
        there.confirm(there.post(f"/accounts/{account}/methods", {}), GOOD)
        assert purchase(there, account, 201)["state"] == "requires_action"


@pytest.mark.parametrize("gate", Gate)
def test_nobody_asks_for_a_renewal_so_it_meets_no_gate(house: House, gated: Gated, gate: Gate) -> None:
    account = house.account(test_clock="2026-01-31T12:00:00Z")
    house.buy(account)
    before = counted(house, Path.RENEWAL)
    with gated(Path.RENEWAL, gate) as there:
        there.post("/clock", {"account_id": account, "now": "2026-04-01T00:00:00Z"}, 200)
        states = [invoice["state"] for invoice in there.get(f"/invoices?account={account}")["data"]]
    assert states == ["paid"] * 3
    assert counted(house, Path.RENEWAL) == before
