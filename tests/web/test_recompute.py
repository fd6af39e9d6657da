"""Recompute on demand: one account is looked at now, what follows is done, and repeating it changes nothing."""

from __future__ import annotations

import psycopg

from tests.web.house import House, start


def test_what_somebody_took_away_is_given_back(house: House, account: str) -> None:
    house.confirm(house.open(account, start()))
    before = house.get(f"/accounts/{account}/state")
    with psycopg.connect(house.database_url) as connection:
        connection.execute("delete from entitlement where account_id = %s", (account.removeprefix("acc_"),))
    assert house.get(f"/accounts/{account}/state")["entitlements"] == []
    after = house.post(f"/accounts/{account}/recompute", None, 200)
    assert after["entitlements"] == before["entitlements"]
    with house.nothing_written():
        assert house.post(f"/accounts/{account}/recompute", None, 200)["standing"] == "good"


def test_an_account_that_is_not_there(house: House) -> None:
    nobody = "acc_" + "0" * 32
    assert house.post(f"/accounts/{nobody}/recompute", None, 404)["detail"].endswith(nobody)
