"""What goes wrong on our side: faults of the code, of the database, and the end of the process."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys

import httpx
import psycopg
import pytest

from solvent.store.schema import newest
from solvent.web.api import Api
from solvent.web.endpoint import Call, Endpoint, Reply
from tests.patience import PATIENCE_S, eventually
from tests.ports import free_port
from tests.web.house import BANK_KEY, SERVE, House, problem, process


def _broken(_call: Call) -> Reply:
    raise ZeroDivisionError("a secret of the implementation")


def test_a_fault_gives_an_incident_and_is_logged_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    broken = Endpoint(
        method="GET", path="/v1/x", name="x", summary="x", tag="x", scope=None, answers={}, run=_broken
    )
    api = Api(house.solvent, [broken])
    with caplog.at_level(logging.ERROR):
        sent = api.handle("GET", "/v1/x", {}, io.BytesIO())
    code, _ = problem(json.loads(sent.body))
    assert (sent.status, code) == (500, "internal")
    assert b"secret" not in sent.body
    (record,) = caplog.records
    incident = json.loads(sent.body)["detail"].rpartition(" ")[2]
    assert incident in record.getMessage()
    assert record.exc_info is not None


def test_a_fault_behind_a_link_logs_no_link(house: House, caplog: pytest.LogCaptureFixture) -> None:
    broken = Endpoint(
        method="GET", path="/pay/{token}", name="x", summary="x", tag="x", scope=None, answers={}, run=_broken
    )
    with caplog.at_level(logging.ERROR):
        Api(house.solvent, [broken]).handle("GET", "/pay/AQAB", {}, io.BytesIO())
    (record,) = caplog.records
    assert record.getMessage().endswith(": GET /pay/{token}")


def test_without_the_database_it_says_so_and_recovers(house: House) -> None:
    name = psycopg.conninfo.conninfo_to_dict(house.database_url)["dbname"]
    admin = psycopg.conninfo.make_conninfo(house.database_url, dbname="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'alter database "{name}" allow_connections false')
        try:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
            ready = house.client.get("/readyz")
            assert problem(house.said(ready, 503))[0] == "unavailable"
            assert ready.headers["retry-after"] == "1"
            assert house.get("/healthz") == {"status": "ok"}
        finally:
            connection.execute(f'alter database "{name}" allow_connections true')
    for path in ("/readyz", "/accounts"):
        eventually(lambda path=path: house.client.get(path).is_success, f"{path} does not recover")  # type: ignore[misc]
    house.solvent.database.pool.check()  # the test's own connections were ended too


def test_a_database_without_the_schema_is_not_ready(house: House) -> None:
    with psycopg.connect(house.database_url, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = 'another'")
        try:
            assert "another" in house.get("/readyz", 503)["detail"]
        finally:
            connection.execute("update alembic_version set version_num = %s", [newest()])
    house.get("/readyz")


def test_it_ends_on_sigterm_and_refuses_a_taken_port(house: House) -> None:
    port = free_port()
    environment = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}/v1/healthz"
    command = [sys.executable, "-c", SERVE, house.database_url]
    with process(command, environment, url) as child:
        assert httpx.get(url, timeout=PATIENCE_S, verify=False).status_code == 200
        second = os.spawnve(os.P_WAIT, sys.executable, command, os.environ | environment)
        assert second == 1
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_S) == 0
        with pytest.raises(httpx.TransportError):
            httpx.get(url, timeout=PATIENCE_S, verify=False)
