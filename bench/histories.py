"""Histories: a fleet of accounts with a past, to measure recompute with.

Owns what the accounts are: how long ago each bought, and which have ended, owe, hold credit, have further items, use
what is metered, or dispute a payment. Its closed invoices, payments and attempts are there as rows, but the plans of
attempts, the ledger and events are not: recompute reads none of them. Does not own the rows (`histories.sql`).
"""

from datetime import datetime
from pathlib import Path

import psycopg

from bench.fleet import PRICE, ZONE
from solvent.core.policy import Policy
from solvent.store import codec

# In percent: 8 ended, 7 owe a renewal, 5 have credit, 20 have seats too, 10 use what is metered, 1 dispute a payment.
_CATALOG = """
insert into legal_entity (id, name, country, series_prefix) values ('main', 'Main Inc.', 'US', 'SOL');
insert into meter (id, name, unit, aggregation) values ('requests', 'Requests', 'request', 'sum');
insert into product (id, name, family, object_kind, features) values
    ('{0.id}', '{0.name}', '{0.family}', '{0.object_kind}', '{1}'),
    ('seats', 'Seats', 'seats', 'zone', '{{"seats": true}}'), ('requests', 'Requests', 'requests', 'zone', '{{}}');
insert into price (id, key, version, product_id, currency, interval_unit, interval_count, scheme, unit_amount,
    meter, package_size, trial_days, active) values
    ('{2.id}', 'zone-pro-usd-month', 1, '{0.id}', 'USD', 'month', 1, 'flat', 2000, null, 1, 0, true),
    ('seats-usd-month@1', 'seats-usd-month', 1, 'seats', 'USD', 'month', 1, 'per_unit', 0, null, 1, 0, true),
    ('requests-usd-month@1', 'requests-usd-month', 1, 'requests', 'USD', 'month', 1, 'per_unit', 1, 'requests', 1, 0,
     true);
update catalog_revision set revision = revision + 1"""

# An id: milliseconds, version, kind of row, variant, running number, bucket. See `core.ids`.
_ID_OF = """
create function pg_temp.id_of(kind integer, n integer, at timestamptz) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '8' || lpad(to_hex(kind), 3, '0') || '8'
            || lpad(to_hex(n), 13, '0') || lpad(to_hex(n % 256), 2, '0'))::uuid $$"""

_PAST = """
create temporary table past as
with who as (
    select n, (n %% 256)::smallint as bucket, 1 + (n * 7919::bigint %% 4)::integer as months, n * 31 %% 100 as lot,
           %(now)s::timestamptz - make_interval(months => (n * 7919::bigint %% 4)::integer)
               - make_interval(secs => 3600 + (n * 104729::bigint) %% 1700000) as first_at
    from generate_series(0, %(accounts)s - 1) n
)
select who.*, lot < 8 as ended, lot between 8 and 14 and months > 1 as owing, lot between 15 and 19 as credit,
       lot between 20 and 39 as seats, lot between 40 and 49 as metered, lot = 50 as disputed,
       pg_temp.id_of(1, n, first_at) as account_id, pg_temp.id_of(2, n, first_at) as method_id,
       pg_temp.id_of(3, n, first_at) as subscription_id, pg_temp.id_of(4, n, first_at) as item_id,
       pg_temp.id_of(5, n, first_at) as seats_id, pg_temp.id_of(6, n, first_at) as requests_id,
       pg_temp.id_of(7, n, first_at) as grant_id, pg_temp.id_of(8, n, first_at) as dispute_id
from who order by n"""

_TURN = """
create temporary table turn as
select p.n, p.bucket, p.account_id, p.method_id, p.subscription_id, p.item_id, m.month,
       m.month = p.months - 1 as latest, p.owing and m.month = p.months - 1 as unpaid,
       p.first_at + make_interval(months => m.month) as starts_at,
       p.first_at + make_interval(months => m.month + 1) as ends_at,
       pg_temp.id_of(16 + m.month, p.n, p.first_at) as attempt_id,
       pg_temp.id_of(32 + m.month, p.n, p.first_at) as payment_id,
       pg_temp.id_of(48 + m.month, p.n, p.first_at) as proof_id,
       pg_temp.id_of(64 + m.month, p.n, p.first_at) as invoice_id
from past p cross join lateral generate_series(0, p.months - 1) m (month) order by m.month, p.n"""

UNCHECKED_FROM = (
    50_000  # accounts: to check each foreign key of millions of rows takes longer than to write them
)


def make_histories(url: str, accounts: int, now: datetime) -> None:
    """Fill an empty database with `accounts` accounts as they stand at `now`."""
    given = {
        "now": now,
        "accounts": accounts,
        "grace": Policy().grace,
        "collecting": Policy().collecting,
    }
    with psycopg.connect(url) as connection:
        connection.execute(_CATALOG.format(ZONE, codec.encode(ZONE.features).decode(), PRICE))
        if accounts >= UNCHECKED_FROM:
            connection.execute("set local session_replication_role = replica")
        connection.execute(_ID_OF)
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(_PAST, given)
        cursor.execute(_TURN)
        cursor.execute("create index on turn (n); analyze past; analyze turn")
        for statement in Path(__file__).with_name("histories.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum (analyze)")
