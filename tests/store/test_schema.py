"""The schema's own rules, read from the catalog tables of PostgreSQL: sharding by bucket, and migrations.

DESIGN §3 *scale-out*: every owned row carries its account's bucket first in its primary, unique and foreign keys, no
key and no claim spans buckets, and no id is drawn by the database.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import threading
from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory

from solvent import store
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from solvent.store.rows import Statement
from solvent.store.schema import MIGRATIONS, current, migrate, newest

# Small, the same on every shard, and written rarely: the catalog, and what belongs to no account.
REFERENCE_TABLES = {
    "engine_mode",
    "alembic_version",
    "api_key",
    "catalog_revision",
    "counter",
    "coupon",
    "feature",
    "kpi_day",
    "legal_entity",
    "legal_entity_version",
    "link_key",
    "meter",
    "operator",
    "operator_entrance",
    "operator_session",
    "operator_sign_in",
    "policy_edition",
    "poll_try",
    "price",
    "product",
    "reconciliation",
    "segment_terms",
    "signing_key",
    "sweep",
    "tax_rate",
    "tax_registration",
    "webhook_endpoint",
    "worker",
}
# The claim of buckets themselves is the one that cannot name a bucket.
BUCKETS_CLAIMED_IN = "solvent.store.schedule"


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url) as opened:
        yield opened


def names(connection: psycopg.Connection, query: str) -> set[str]:
    return {row[0] for row in connection.execute(query)}


def test_every_table_is_owned_by_a_bucket_or_listed_as_a_reference(connection: psycopg.Connection) -> None:
    tables = names(
        connection,
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
    )
    owned = names(
        connection,
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
        " and a.attname = 'bucket' and a.atttypid = 'int2'::regtype and a.attnotnull",
    )
    assert tables - owned == REFERENCE_TABLES
    assert len(owned) > 15


def test_the_bucket_comes_first_in_every_primary_and_unique_key(connection: psycopg.Connection) -> None:
    keys = connection.execute(
        "select t.relname, i.indexrelid::regclass::text, a.attname from pg_index i"
        " join pg_class t on t.oid = i.indrelid"
        " left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]"
        " where i.indisunique and t.relnamespace = 'public'::regnamespace"
    ).fetchall()
    wrong = [
        (table, key) for table, key, first in keys if table not in REFERENCE_TABLES and first != "bucket"
    ]
    assert wrong == []
    assert len(keys) > 30


def test_every_other_index_begins_with_the_bucket_too(connection: psycopg.Connection) -> None:
    first = "split_part(split_part(pg_get_indexdef(i.indexrelid), '(', 2), ',', 1)"
    indexes = connection.execute(
        f"select t.relname, i.indexrelid::regclass::text, trim(')' from {first}) from pg_index i"
        " join pg_class t on t.oid = i.indrelid where t.relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert [x for x in indexes if x[0] not in REFERENCE_TABLES and x[2] != "bucket"] == []


def test_foreign_keys_join_bucket_to_bucket(connection: psycopg.Connection) -> None:
    keys = connection.execute(
        "select t.relname, k.conname, a.attname, b.attname from pg_constraint k"
        " join pg_class t on t.oid = k.conrelid"
        " join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
        " join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1] where k.contype = 'f'"
    ).fetchall()
    assert [k for k in keys if k[0] not in REFERENCE_TABLES and k[2:] != ("bucket", "bucket")] == []
    assert len(keys) > 10


def test_the_database_draws_no_ids(connection: psycopg.Connection) -> None:
    assert names(connection, "select relname from pg_class where relkind = 'S'") == set()
    assert names(connection, "select attname from pg_attribute where attidentity <> ''") == set()
    defaults = names(
        connection,
        "select pg_get_expr(adbin, adrelid) from pg_attrdef d join pg_class t on t.oid = d.adrelid"
        " where t.relnamespace = 'public'::regnamespace",
    )
    assert not [text for text in defaults if "nextval" in text or "uuid" in text]


def test_every_id_of_an_owned_row_says_its_bucket(connection: psycopg.Connection) -> None:
    unchecked = names(
        connection,
        "select t.relname from pg_class t join pg_attribute a on a.attrelid = t.oid"
        " where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace"
        " and a.attname = 'id' and a.atttypid = 'uuid'::regtype and not exists ("
        "   select from pg_constraint k where k.conrelid = t.oid and k.contype = 'c'"
        "   and pg_get_constraintdef(k.oid) like '%bucket = get_byte(uuid_send(id), 15)%')",
    )
    assert unchecked == {"api_key", "operator", "reconciliation", "webhook_endpoint", "worker"}


def statements() -> dict[str, str]:
    """Every SQL text of the store by the name it is found under, as it is sent."""
    found = {}
    for module in pkgutil.iter_modules(store.__path__, "solvent.store."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Statement):
                found[f"{module.name}.{name}"] = value.sql
            elif isinstance(value, str) and re.search(r"\b(select|insert|update|delete)\b", value):
                found[f"{module.name}.{name}"] = value
    return found


def test_every_claim_names_its_bucket() -> None:
    claims = {name: sql for name, sql in statements().items() if "skip locked" in sql.lower()}
    spanning = [
        name
        for name, sql in claims.items()
        if not name.startswith(BUCKETS_CLAIMED_IN) and not re.search(r"\bbucket = %(\(bucket\))?s", sql)
    ]
    assert spanning == []
    assert len(claims) >= 5


def test_a_migrated_database_is_at_the_newest_version(database_url: str) -> None:
    steps = ScriptDirectory(str(MIGRATIONS))
    assert current(database_url) == newest() == steps.get_current_head()
    migrate(database_url)
    assert current(database_url) == newest()


def test_two_processes_may_migrate_at_once(postgres: EmbeddedServer) -> None:
    postgres.ensure_database("migrated_by_many")
    url = postgres.url("migrated_by_many")
    assert current(url) is None
    failures: list[BaseException] = []

    def run() -> None:
        try:
            migrate(url)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert current(url) == newest()


def test_sessions_speak_utc_and_are_bounded(database: Database) -> None:
    with database.pool.connection() as connection:
        settings = {
            name: connection.execute("select current_setting(%s)", (name,)).fetchone()
            for name in (
                "TimeZone",
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
            )
        }
    assert settings == {
        "TimeZone": ("UTC",),
        "statement_timeout": ("30s",),
        "lock_timeout": ("10s",),
        "idle_in_transaction_session_timeout": ("1min",),
    }


# Why these have no foreign key is written at the head of the migration.
NO_KEY = {
    "audit.operator_id",
    "attempt.method_id",
    "cart_line.price_id",
    "chargeback.cause_id",
    "coupon_redemption.coupon_id",
    "coupon_seat.attempt_id",
    "credit_grant.cause_id",
    "credit_use.account_id",
    "credit_use.cause_id",
    "entitlement.account_id",
    "entitlement.product_id",
    "event.account_id",
    "examined.account_id",
    "invoice.subscription_id",
    "invoice_line.coupon_id",
    "invoice_line.invoice_item_id",
    "invoice_line.item_id",
    "invoice_line.price_id",
    "invoice_line.product_id",
    "item.account_id",
    "item.price_id",
    "payment.account_id",
    "posting.account_id",
    "posting.cause_id",
    "posting.invoice_id",
    "proof.account_id",
    "recompute_queue.account_id",
    "refund.account_id",
    "transfer.account_id",
    "usage_event.account_id",
    "usage_member.account_id",
    "usage_period.price_id",
    "usage_tally.account_id",
    "usage_tally.last_id",
    "webhook_delivery.account_id",
    "webhook_delivery.endpoint_id",
}


def test_every_name_of_another_row_is_a_foreign_key_or_says_why_not(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        """
        select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0
          and a.attname like '%\\_id'
          and exists (select from pg_attribute b where b.attrelid = c.oid and b.attname = 'bucket')
          and c.relname <> 'bucket_lease' and a.attname <> 'tax_id'
          and not exists (select from pg_constraint k
                          where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any(k.conkey))"""
    ).fetchall()
    assert {row[0] for row in rows} == NO_KEY
