"""Fleet: accounts to measure with, made by set-based SQL in the state in which settlement would have left them.

Owns the choice of their ids (the bucket in the last byte, time-ordered by when they bought), the catalog they bought
from, and one real plan that serves as the template of their purchases. Does not own the rows (`fleet.sql`).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import Connection

from solvent.core.account import Account, Segment
from solvent.core.catalog import Catalog
from solvent.core.change import Context, NewItem, Start, plan_change
from solvent.core.ids import BUCKETS
from solvent.core.period import Interval, Unit
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.product import Price, Product, Scheme
from solvent.core.proration import Convention
from solvent.providers.sandbox.book import ref_of
from solvent.store import codec

ZONE = Product(
    id="zone-pro",
    name="Zone Pro",
    family="zone",
    object_kind="zone",
    features={"waf": True, "rules": 25, "support": "chat"},
)
PRICE = Price(
    id="zone-pro-usd-month@1",
    product_id=ZONE.id,
    version=1,
    currency="USD",
    interval=Interval(unit=Unit.MONTH),
    scheme=Scheme.FLAT,
    unit_amount=2000,
)
ACCOUNT, SUBSCRIPTION, ITEM = (UUID(int=n << 8) for n in (1, 2, 3))
OBJECT = "zone:site-of-template.example"

_CATALOG = """
insert into legal_entity (id, name, country, series_prefix) values ('main', 'Main Inc.', 'US', 'SOL');
insert into product (id, name, family, object_kind, features)
values ('{0.id}', '{0.name}', '{0.family}', '{0.object_kind}', '{1}');
insert into price (id, key, version, product_id, currency, interval_unit, interval_count, scheme, unit_amount,
    package_size, trial_days, active)
values ('{2.id}', 'zone-pro-usd-month', 1, '{0.id}', 'USD', 'month', 1, 'flat', {2.unit_amount}, 1, 0, true);
update catalog_revision set revision = revision + 1"""

_TEMPLATE = """
create temporary table template as select %(plan)s::text as plan, %(fingerprint)s::text as fingerprint,
    %(amount)s::bigint as amount, %(account)s::text as account, %(subscription)s::text as subscription,
    %(item)s::text as item, %(object)s::text as object, %(price_id)s::text as price_id, %(family)s::text as family,
    %(product_id)s::text as product_id, %(features)s::jsonb as features, %(description)s::text as description,
    %(explanation)s::text as explanation, %(grace)s::interval as grace"""

# An id: milliseconds of the purchase, version, kind of row, variant, running number, bucket. See `core.ids`.
_ID_OF = """
create function pg_temp.id_of(kind integer, n integer, ms bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex(ms), 12, '0') || '8' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 13, '0')
            || lpad(to_hex(n % 256), 2, '0'))::uuid $$"""

_CHOSEN = """
create temporary table chosen as
with who as (
    select n, n %% 256 as bucket, n / 256 + 1 as place,
           (array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[1 + n / 256 %% 4] as time_zone,
           %(now)s - interval '1 month' - interval '3 hours' - make_interval(secs => (n * 7919::bigint) %% 72000)
               as bought_at
    from generate_series(0, %(accounts)s - 1) n
), id as (
    select who.*, (extract(epoch from %(now)s - interval '2 months') * 1000)::bigint + n / 256 as ms from who
)
select n, bucket::smallint, place, time_zone, 'zone:site-' || n || '.example' as object, bought_at,
       (bought_at at time zone time_zone + interval '1 month') at time zone time_zone as ends_at,
       'SOL-' || upper(lpad(to_hex(bucket), 2, '0')) as series,
       pg_temp.id_of(1, n, ms) as account_id, pg_temp.id_of(2, n, ms) as method_id,
       pg_temp.id_of(3, n, ms) as attempt_id, pg_temp.id_of(4, n, ms) as payment_id,
       pg_temp.id_of(5, n, ms) as proof_id, pg_temp.id_of(6, n, ms) as subscription_id,
       pg_temp.id_of(7, n, ms) as item_id, pg_temp.id_of(8, n, ms) as invoice_id, null::text as token,
       %(terms_days)s::integer as terms_days
from id order by n"""


def make_fleet(url: str, accounts: int, now: datetime, terms_days: int = 0) -> None:
    """Fill an empty database with `accounts` accounts whose subscription is due at `now`. With `terms_days`, what is
    invoiced from then on is due so much later."""
    with psycopg.connect(url) as connection:
        connection.execute(_CATALOG.format(ZONE, codec.encode(ZONE.features).decode(), PRICE))
        connection.execute(_ID_OF)
        connection.execute(_CHOSEN, {"now": now, "accounts": accounts, "terms_days": terms_days})
        _give_tokens(connection)
        connection.execute(_TEMPLATE, template(now))
        connection.execute(Path(__file__).with_name("fleet.sql").read_text(encoding="utf-8"))
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum (analyze)")


def token_of(method_id: UUID) -> str:
    """The token under which the sandbox bank keeps a method that was vaulted with the method's id as key."""
    return ref_of("vm", method_id.hex)


def _give_tokens(connection: Connection) -> None:
    with connection.cursor() as cursor:
        methods = cursor.execute("select n, method_id from chosen").fetchall()
        cursor.execute("create temporary table token (n integer, token text)")
        with cursor.copy("copy token from stdin") as copy:
            for n, method_id in methods:
                copy.write_row((n, token_of(method_id)))
        cursor.execute("update chosen c set token = t.token from token t where t.n = c.n")


def template(now: datetime | None = None) -> dict[str, object]:
    """One real plan of such a purchase; the ids in it are those that `fleet.sql` replaces."""
    plan = _plan((now or present()) - timedelta(days=31))
    (line,) = plan.lines
    return {
        "plan": codec.encode(plan).decode(),
        "fingerprint": plan.fingerprint,
        "amount": plan.due,
        "account": str(ACCOUNT),
        "subscription": str(SUBSCRIPTION),
        "item": str(ITEM),
        "object": OBJECT,
        "price_id": PRICE.id,
        "family": ZONE.family,
        "product_id": ZONE.id,
        "features": codec.encode(ZONE.features).decode(),
        "description": codec.encode(line.description).decode(),
        "explanation": codec.encode(line.explanation).decode(),
        "grace": Policy().grace,
    }


def _plan(now: datetime) -> Plan:
    account = Account(
        id=ACCOUNT,
        segment=Segment.STANDARD,
        currency="USD",
        country="US",
        time_zone="UTC",
        email="billing@site.example",
        name="Site",
        entity="main",
    )
    ids = iter((SUBSCRIPTION, ITEM))
    context = Context(
        account=account,
        subscriptions=(),
        credit_grants=(),
        overdue=False,
        catalog=Catalog.checked([ZONE], [PRICE]),
        convention=Convention(),
        policy=Policy(),
        now=now,
        draw=lambda: next(ids),
    )
    plan = plan_change(Start(items=(NewItem(price_id=PRICE.id, object=OBJECT),)), context)
    assert isinstance(plan, Plan), plan
    return plan


def present() -> datetime:
    """The moment at which a fleet falls due: the last full hour, UTC."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def share_of(worker: int, workers: int) -> list[int]:
    """The buckets that one of several workers serves."""
    return list(range(worker, BUCKETS, workers))
