"""Comparisons with providers over HTTP: who may read them, pages, and every difference with its evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from solvent.core.difference import Reconciliation
from solvent.flows.reconciliation import reconcile
from tests.web.house import House, walked


def _compared(house: House) -> Reconciliation:
    now = datetime.now(UTC) + timedelta(hours=1)  # as if what has just happened were an hour ago
    report = reconcile(
        house.solvent.platform, "sandbox", now - timedelta(hours=2), now, now, agreed=lambda _: False
    )
    assert report is not None
    return report


def test_a_report_is_read_with_what_moved_and_every_difference(house: House) -> None:
    account = house.account()
    house.buy(account)
    made = _compared(house)
    listed = house.get("/reconciliations?provider=sandbox&limit=1")
    (latest,) = listed["data"]
    assert latest["id"] == f"rec_{made.id.hex}"
    assert (latest["provider"], latest["found"], latest["left"]) == (
        "sandbox",
        len(made.differences),
        len(made.open),
    )
    payments = [row for row in latest["moved"] if row["kind"] == "payment" and row["currency"] == "USD"]
    assert payments[0]["amount"] >= 2_000
    assert payments[0]["amount_text"].endswith(" USD")
    whole = house.get(f"/reconciliations/{latest['id']}")
    assert whole == latest
    found = walked(house, f"/reconciliations/{latest['id']}/differences", 1)
    assert len(found) == latest["found"]
    assert house.get(f"/reconciliations/{latest['id']}/differences?limit=500") == {
        "data": found,
        "next": None,
    }


def test_a_difference_shows_both_sides(house: House) -> None:
    account = house.account()
    house.buy(account)
    with house.solvent.database.pool.connection() as connection:
        connection.execute("set session_replication_role = replica")
        changed = connection.execute(
            "update payment set amount = amount - 1 where account_id = %s returning ref, attempt_id",
            (account.partition("_")[2],),
        ).fetchone()
        connection.execute("set session_replication_role = origin")
    assert changed is not None
    made = _compared(house)
    with house.solvent.database.pool.connection() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update payment set amount = amount + 1 where ref = %s", (changed[0],))
        connection.execute("set session_replication_role = origin")
    path = f"/reconciliations/rec_{made.id.hex}/differences?limit=500"
    (one,) = [each for each in house.get(path)["data"] if each["ref"] == changed[0]]
    for found, matches in (
        ("kind=amount", True),
        ("repair=by_hand&repaired=false", True),
        ("repaired=true", False),
    ):
        assert (one in house.get(f"{path}&{found}")["data"]) is matches
    assert (one["about"], one["kind"], one["repair"], one["repaired"]) == (
        "payment",
        "amount",
        "by_hand",
        False,
    )
    assert one["key"] == f"att_{changed[1].hex}"
    assert one["theirs"]["amount"] - one["ours"]["amount"] == 1
    assert one["theirs"]["movement"]


def test_pages_lead_on_and_what_is_not_there_is_said(house: House) -> None:
    first, second = _compared(house), _compared(house)
    page = house.get("/reconciliations?limit=1")
    assert page["data"][0]["id"] == page["next"] == f"rec_{second.id.hex}"
    following = house.get(f"/reconciliations?limit=1&after={page['next']}")
    assert following["data"][0]["id"] == f"rec_{first.id.hex}"
    missing = house.get(f"/reconciliations/rec_{'0' * 32}", status=404)
    assert missing["title"]
