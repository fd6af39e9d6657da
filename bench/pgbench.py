"""Pgbench: the ceiling of changes, the same rows written by PostgreSQL's own load generator.

Owns the functions that give the script its ids and documents (of the size that real ones have), and the run. Does not
own the statements (`changes.pgbench`).
"""

import os
import re
import subprocess
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from bench.fleet import template
from bench.ground import Ground
from bench.meters import Reading, measured

SCRIPT = Path(__file__).with_name("changes.pgbench")
STOP_TIMEOUT_S = 30
WARM_S = 3

_FUNCTIONS = """
create function bench_id(kind integer, n bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex({ms}), 12, '0') || '8' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 13, '0')
            || lpad(to_hex(n % 256), 2, '0'))::uuid $$;
create table bench_accounts as
    select row_number() over (partition by bucket order by id) * 256 - 256 + bucket as n, id from account;
create unique index on bench_accounts (n) include (id);
vacuum analyze bench_accounts;
create function bench_account(a bigint) returns uuid language sql stable as $$
    select id from bench_accounts where n = a $$;
create function bench_ref(n bigint) returns text language sql immutable as $$
    select 'pi_' || left(md5(n::text), 24) $$;
create function bench_key(n bigint) returns text language sql immutable as $$
    select md5('key') || ':' || md5(n::text) $$;
create function bench_series(b bigint) returns text language sql immutable as $$
    select 'SOL-' || upper(lpad(to_hex(b), 2, '0')) $$;
create function bench_object(n bigint) returns text language sql immutable as $$
    select 'zone:' || md5(n::text) || '.example' $$;
create function bench_goods(n bigint) returns json language sql immutable as $$
    select ('{{"say":"goods","parts":["Zone Pro",1,"' || bench_object(n) || '"]}}')::json $$;
create function bench_price() returns json language sql immutable as $$
    select ('{{"say":"in_advance","parts":[{{"say":"flat","parts":[2000,"USD"]}},1,"month",'
            || '"2026-11-21","2026-12-21"]}}')::json $$;
create function bench_claim(n bigint) returns text language sql immutable as $$
    select 'new:zone@' || bench_object(n) $$;
create function bench_cash() returns text language sql immutable as $$ select 'cash:sandbox' $$;
create function bench_plan() returns json language sql immutable as $$ select {plan}::json $$;
create function bench_request(n bigint) returns json language sql immutable as $$
    select ('{{"type":"Start","body":{{"items":[{{"price_id":"zone-pro-usd-month@1","quantity":1,"object":"zone:'
            || n || '"}}]}}}}')::json $$;
create function bench_action() returns json language sql immutable as $$
    select {action}::json $$;
create function bench_event(n bigint) returns json language sql immutable as $$
    select ('{{"invoice_id":"' || bench_id(8, n) || '","total":2000,"currency":"USD","proof":"payment","payment_id":"'
            || bench_id(4, n) || '"}}')::json $$
"""
_ACTION = (
    '{"provider":"sandbox","attempt_id":"01a0c5c4-bc80-8001-8000-000000000000","kind":"confirm",'
    '"expires_at":"2026-11-21T21:30:00Z","client_secret":null,"url":null}'
)


def ceiling(ground: Ground, fleet: str, clients: int, accounts: int, seconds: float) -> tuple[float, Reading]:
    """Changes per second that pgbench writes into a copy of the fleet, and what they cost."""
    database = ground.clone(fleet, "ceiling")
    _make_functions(ground.url(database))
    words = [str(ground.programs / "pgbench"), "-n", "-M", "prepared", "-f", str(SCRIPT)]
    words += ["-c", str(clients), "-j", "1", "-T", str(WARM_S + max(1, round(seconds))), "-P", "1"]
    words += ["-D", f"accounts={accounts}", "-D", "i=0"]
    environment = {**os.environ, **ground.environment(database)}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=environment, text=True, **pipes) as running:  # type: ignore[call-overload]
        for _ in range(WARM_S):  # each connection still reads the catalog and plans its statements
            _progress(running.stderr)
        with measured({"postgres": ground.pid}, ground.url(database)) as reading:
            rates = list(iter(lambda: _progress(running.stderr), None))
        assert running.wait(STOP_TIMEOUT_S) == 0
    return sum(rates) / len(rates), reading


def _progress(told: IO[str]) -> float | None:
    """Changes per second of the next second; None at the end."""
    for line in told:
        if found := re.match(r"progress: [0-9.]+ s, ([0-9.]+) tps", line):
            return float(found[1])
        assert "ERROR" not in line, line
    return None


def _make_functions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("select (extract(epoch from now()) * 1000)::bigint").fetchone()
        assert row is not None
        values = {
            "ms": sql.Literal(row[0]),
            "plan": sql.Literal(template()["plan"]),
            "action": sql.Literal(_ACTION),
        }
        for statement in _FUNCTIONS.split(";\n"):
            connection.execute(sql.SQL(statement).format(**values))
