"""Replay: the ceiling of renewals, the rows that a run wrote, written again as fast as PostgreSQL takes them.

Owns fetching what a run added and changed, staging it beside a fleet that starts alike, and writing it in hand-made
batches of the same size: two transactions a bucket, one statement a table, nothing planned, judged, locked or charged,
and nothing sent by a client. At its end both databases hold the same rows, which is checked.
"""

import threading
import time
from collections.abc import Collection, Iterable, Mapping

import psycopg
from psycopg import Connection, sql

from bench.fleet import share_of

Command = sql.SQL | sql.Composed

# What a run of renewals adds to, and how its rows are told from those of the fleet.
ADDED: Mapping[str, str] = {
    "attempt": "off_session",
    "payment": "received_at >= {now}",
    "proof": "recorded_at >= {now}",
    "invoice": "issued_at >= {now}",
    "invoice_line": "period_end > {now}",
    "posting": "booked_at >= {now}",
    "event": "occurred_at >= {now}",
    "recompute_queue": "true",
}
# What it changes: the columns, and the key. Only rows that a run touched are staged.
CHANGED: Mapping[str, tuple[str, str, str]] = {
    "subscription": (
        "id",
        "state interval_unit interval_count anchor_at time_zone period_index period_start period_end pending "
        "grace_until grace_invoice ended_at end_reason version due_at proof_id booked_end",
        "version > 1",
    ),
    "entitlement": (
        "item_id",
        "subscription_id product_id object quantity features starts_at ends_at proof_id",
        "ends_at > {now} + interval '20 days'",
    ),
    "invoice_series": ("series", "last", "true"),
    "event_head": ("bucket", "last", "true"),
}
_FIRST = ("attempt",)
_SECOND = (
    "payment",
    "proof",
    "subscription",
    "entitlement",
    "invoice",
    "invoice_line",
    "invoice_series",
    "posting",
)
_LAST = ("event_head", "event", "recompute_queue")

_COLUMNS = """
select attname from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum"""

_OPENED = {
    "state": "'opening'",
    "ref": "null",
    "look_at": "created_at + interval '1 minute'",
    "finished_at": "null",
}
_CLOSE = """
update attempt t set state = r.state, look_at = null, action = null, ref = r.ref, cause = r.cause,
    finished_at = r.finished_at
from replay.attempt r where r.bucket = %(bucket)s and t.bucket = r.bucket and t.id = r.id"""


def stage(source: str, target: str, now: str) -> None:
    """Copy what a run wrote from its database into the schema `replay` of the other. `now` is an SQL literal."""
    rules = {**ADDED, **{table: rule for table, (_, _, rule) in CHANGED.items()}}
    with psycopg.connect(source) as reader, psycopg.connect(target) as writer:
        writer.execute("create schema replay")
        for table, rule in rules.items():
            _copy(reader, writer, table, rule.format(now=now))
        writer.commit()
        writer.autocommit = True
        writer.execute("vacuum (analyze)")
        writer.execute("checkpoint")


def _copy(reader: Connection, writer: Connection, table: str, rule: str) -> None:
    name, columns = sql.Identifier(table), _names(_columns(reader, table))
    read: Command = sql.SQL(
        "copy (select {} from {} where {} order by bucket) to stdout (format binary)"
    ).format(columns, name, sql.SQL(rule))
    writer.execute(
        sql.SQL("create unlogged table replay.{0} as select {1} from {0} limit 0").format(name, columns)
    )
    with (
        reader.cursor().copy(read) as out,
        writer.cursor().copy(
            sql.SQL("copy replay.{} ({}) from stdin (format binary)").format(name, columns)
        ) as into,
    ):
        for block in out:
            into.write(block)
    writer.execute(sql.SQL("create index on replay.{} (bucket)").format(name))


def replay(target: str, workers: int, buckets: Collection[int]) -> float:
    """Write what belongs to `buckets`, one after the other, over as many connections as there were workers; returns
    seconds."""
    with psycopg.connect(target) as connection:
        first = [_insert(connection, table, _OPENED) for table in _FIRST]
        second = [sql.SQL(_CLOSE), *(_statement(connection, table) for table in _SECOND + _LAST)]
    failures: list[BaseException] = []
    threads = [
        threading.Thread(
            target=_write,
            args=(target, [b for b in share_of(n, workers) if b in buckets], (first, second), failures),
        )
        for n in range(workers)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.monotonic() - started


def _write(
    target: str,
    buckets: Iterable[int],
    transactions: Iterable[Iterable[Command]],
    failures: list[BaseException],
) -> None:
    try:
        with psycopg.connect(target, prepare_threshold=0) as connection:
            for bucket in buckets:
                for statements in transactions:
                    with connection.pipeline():
                        for statement in statements:
                            connection.execute(statement, {"bucket": bucket})
                        connection.commit()
    except BaseException as failure:  # noqa: BLE001 -- handed to the thread that waits
        failures.append(failure)


def _statement(connection: Connection, table: str) -> Command:
    return _update(table) if table in CHANGED else _insert(connection, table, {})


def _insert(connection: Connection, table: str, instead: Mapping[str, str]) -> Command:
    columns = _columns(connection, table)
    values = sql.SQL(", ").join(sql.SQL(instead[c]) if c in instead else sql.Identifier(c) for c in columns)
    return sql.SQL("insert into {0} ({1}) select {2} from replay.{0} where bucket = %(bucket)s").format(
        sql.Identifier(table), _names(columns), values
    )


def _update(table: str) -> Command:
    key, columns, _ = CHANGED[table]
    sets = sql.SQL(", ").join(sql.SQL("{0} = r.{0}").format(sql.Identifier(c)) for c in columns.split())
    return sql.SQL(
        "update {0} t set {1} from replay.{0} r "
        "where r.bucket = %(bucket)s and t.bucket = %(bucket)s and t.{2} = r.{2}"
    ).format(sql.Identifier(table), sets, sql.Identifier(key))


def differences(one: str, other: str) -> list[str]:
    """The tables whose rows differ between two databases."""
    tables = [*ADDED, *CHANGED]
    return [
        t for t, a, b in zip(tables, _digests(one, tables), _digests(other, tables), strict=True) if a != b
    ]


def _digests(url: str, tables: Iterable[str]) -> list[object]:
    with psycopg.connect(url) as connection:
        query = sql.SQL("select count(*), sum(hashtextextended(t::text, 0)) from {} t")
        return [connection.execute(query.format(sql.Identifier(t))).fetchone() for t in tables]


def _columns(connection: Connection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(_COLUMNS, (table,))]


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(c) for c in columns)
