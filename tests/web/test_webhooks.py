"""Webhook endpoints over HTTP: made, shown, changed, tried, and what they were told."""

from __future__ import annotations

from datetime import timedelta

from solvent.commands.webhooks import webhooks_of
from tests.ports import free_port
from tests.web.house import House, Json, fresh_key, problem

NOBODY = f"http://127.0.0.1:{free_port()}"


def made(house: House, **more: object) -> str:
    return str(house.post("/webhook-endpoints", {"url": NOBODY, **more})["id"])


def patched(house: House, path: str, body: Json, status: int = 200) -> Json:
    headers = {"idempotency-key": fresh_key()}
    answer: Json = house.said(house.client.patch(path, json=body, headers=headers), status)
    return answer


def test_an_endpoint_is_made_shown_changed_and_deleted(house: House) -> None:
    id_ = made(house, types=["invoice.paid", "invoice.paid"], description="The shop")
    shown = house.get(f"/webhook-endpoints/{id_}")
    assert shown["types"] == ["invoice.paid"]
    assert (shown["url"], shown["state"], shown["description"]) == (NOBODY, "enabled", "The shop")
    assert (shown["reason"], shown["failing_since"]) == (None, None)
    assert shown in house.get("/webhook-endpoints")["data"]
    changed = patched(house, f"/webhook-endpoints/{id_}", {"types": []})
    assert changed == shown | {"types": []}
    changed = patched(house, f"/webhook-endpoints/{id_}", {"url": NOBODY + "/x"})
    assert (changed["url"], changed["types"], changed["description"]) == (NOBODY + "/x", [], "The shop")
    key = {"idempotency-key": fresh_key()}
    house.said(house.client.delete(f"/webhook-endpoints/{id_}", headers=key), 204)
    assert problem(house.get(f"/webhook-endpoints/{id_}", 404))[0] == "not_found"
    assert id_ not in [one["id"] for one in house.get("/webhook-endpoints")["data"]]


def test_what_is_no_endpoint_is_refused_by_its_field(house: House) -> None:
    def refused(**body: object) -> list[str]:
        return problem(house.post("/webhook-endpoints", {"url": NOBODY, **body}, 422))[1]

    assert refused(url="ftp://shop.example") == ["url"]
    assert refused(url="https://me:word@shop.example") == ["url"]
    assert refused(types=["invoice.paid", "invoice.eaten"]) == ["types[1]"]
    assert refused(types=["collection.failed", "dunning.changed", "dunning.eaten"]) == ["types[2]"]
    id_ = made(house)
    wrong = patched(house, f"/webhook-endpoints/{id_}", {"types": ["no.such"]}, 422)
    assert problem(wrong)[1] == ["types[0]"]
    assert house.get(f"/webhook-endpoints/{id_}")["types"] == []


def test_only_an_administrator_sees_the_secret(house: House) -> None:
    id_ = made(house)
    for name in ("read", "write"):
        assert house.as_key(name).get(f"/webhook-endpoints/{id_}/secret").status_code == 403
    answer = house.client.get(f"/webhook-endpoints/{id_}/secret")
    assert answer.headers["cache-control"] == "no-store"
    first = answer.json()
    assert first["secret"].startswith("whsec_")
    assert first["retired"] is None
    house.post(f"/webhook-endpoints/{id_}/rotate-secret", None, 204)
    second = house.get(f"/webhook-endpoints/{id_}/secret")
    assert second["retired"] == first["secret"] != second["secret"]


def test_what_it_was_told_is_listed_page_by_page_and_told_once_more(house: House) -> None:
    id_ = made(house, types=["account.created"])
    accounts = [house.account() for _ in range(3)]
    webhooks = webhooks_of(house.solvent)
    assert webhooks.run_once() >= 3
    webhooks.close()
    seen, after = [], ""
    while True:
        page = house.get(f"/webhook-endpoints/{id_}/deliveries?limit=2{after}")
        seen += page["data"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert {one["account_id"] for one in seen} == set(accounts)
    assert [one["created_at"] for one in seen] == sorted((one["created_at"] for one in seen), reverse=True)
    (one,) = house.get(f"/webhook-endpoints/{id_}/deliveries?account={accounts[0]}&state=waiting")["data"]
    assert (one["type"], one["state"], one["tries"], one["ended_at"]) == (
        "account.created",
        "waiting",
        1,
        None,
    )
    assert one["next_try_at"] > one["created_at"]
    (answer,) = one["answers"]
    assert answer["status"] is None
    assert answer["error"].startswith("ConnectError")
    again = f"/webhook-endpoints/{id_}/deliveries/{one['event_id']}/replay"
    assert house.post(again, None, 200) == {"replayed": 0}, "it waits anyway"
    no_event = house.post(f"/webhook-endpoints/{id_}/deliveries/evt_x/replay", None, 404)
    assert problem(no_event)[0] == "not_found"
    hour_ago = (house.solvent.clock() - timedelta(hours=1)).isoformat()
    replay = f"/webhook-endpoints/{id_}/replay"
    assert house.post(replay, {"since": hour_ago, "failed_only": True}, 200) == {"replayed": 0}
    wrong = {"since": hour_ago, "until": hour_ago}
    assert problem(house.post(replay, wrong, 422))[1] == ["since"]
    assert problem(house.post(replay, {"since": hour_ago, "types": ["no.such"]}, 422))[1] == ["types[0]"]


def test_it_is_disabled_and_enabled_by_hand_and_tried(house: House) -> None:
    id_ = made(house)
    disabled = house.post(f"/webhook-endpoints/{id_}/disable", None, 200)
    assert (disabled["state"], disabled["reason"]) == ("disabled", "by hand")
    enabled = house.post(f"/webhook-endpoints/{id_}/enable", None, 200)
    assert (enabled["state"], enabled["reason"]) == ("enabled", None)
    tried = house.post(f"/webhook-endpoints/{id_}/test", None, 200)
    assert tried["status"] is None
    assert tried["error"].startswith("ConnectError")


def test_there_are_not_endlessly_many(house: House) -> None:
    like = made(house).removeprefix("whe_")
    there = len(house.get("/webhook-endpoints")["data"])
    copies = """
        insert into webhook_endpoint (id, url, description, types, state, made_at, secret, sealed)
        select gen_random_uuid(), url, description, types, 'enabled', made_at, secret, sealed
        from webhook_endpoint, generate_series(1, %s) where id = %s returning id"""
    with house.solvent.database.transaction() as connection:
        ids = [row[0] for row in connection.execute(copies, (50 - there, like)).fetchall()]
    try:
        assert problem(house.post("/webhook-endpoints", {"url": NOBODY}, 422))[1] == ["url"]
    finally:
        with house.solvent.database.transaction() as connection:
            connection.execute("delete from webhook_endpoint where id = any(%s)", (ids,))
