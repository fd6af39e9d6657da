"""Plants: for each kind of drift, how somebody brings it about with SQL.

Owns the contradictions, and how those are taken away again that no flow repairs. Each prepares a customer by honest
means, then writes past every flow; a constraint that forbids it is the subject of `REFUSED`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import psycopg

from solvent.core.drift_kinds import DriftKind
from solvent.core.request import CancelNow, NewItem, Start
from solvent.sim import Customer
from tests.flows.acts import DECLINED_LATER, NO_FUNDS, zone
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

DAY = timedelta(days=1)
Make = Callable[[FragileWorld], Customer]
Values = Mapping[str, object]


def run(world: FragileWorld, query: LiteralString, **values: object) -> None:
    """Write past every flow, and past every trigger."""
    with world.database.pool.connection() as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute(query, values)


def paying(world: FragileWorld) -> Customer:
    """A customer who has a plan and owes nothing."""
    ada = world.customer("Ada")
    ada.buy(zone())
    world.work()
    return ada


def owing(world: FragileWorld, days: float) -> Customer:
    """A customer whose renewal failed so many days ago."""
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end + days * DAY)
    return ada


def record(world: FragileWorld, ada: Customer, standing: str, *measures: Mapping[str, object]) -> None:
    """Set the flags of an account by hand."""
    run(
        world,
        """insert into health (bucket, account_id, standing, debt, measures, evidence, assessed_at)
        values (%(bucket)s, %(id)s, %(standing)s, '{}', %(measures)s, '[]', %(now)s)
        on conflict (bucket, account_id) do update set standing = excluded.standing, measures = excluded.measures""",
        bucket=world.buckets[0],
        id=ada.id,
        standing=standing,
        measures=json.dumps(measures),
        now=world.now,
    )


def measure(world: FragileWorld, name: str, **more: object) -> dict[str, object]:
    """A measure that nobody decided."""
    some = str(world.platform.ids.draw(world.buckets[0]))
    return {"measure": name, "rung": "by hand", "invoice_id": some, "since": world.now.isoformat(), **more}


def _restricted_without_debt(world: FragileWorld) -> Customer:
    ada = paying(world)
    record(world, ada, "restricted", measure(world, "restrict"))
    return ada


def _paid_not_restored(world: FragileWorld) -> Customer:
    ada = paying(world)
    record(world, ada, "suspended")
    return ada


def _given_up_beside_a_year(world: FragileWorld) -> Customer:
    """Given up for a month, with a year that is paid ahead, whose cancellation somebody takes away."""
    ada = world.customer("Ada")
    year = NewItem(price_id=price("zone-pro", period="year"), object="zone:a-year.example")
    ada.buy(Start(items=(year,)), DECLINED_LATER)
    ada.buy(zone("a-month.example"), DECLINED_LATER)
    month = min(ada.subscriptions(), key=lambda s: s.period.end)
    world.until(month.period.end + 31 * DAY)
    run(
        world,
        "update subscription set pending = null where account_id = %(id)s and state <> 'ended'",
        id=ada.id,
    )
    return ada


def _owing_and(query: LiteralString, days: int = 2) -> Make:
    def make(world: FragileWorld) -> Customer:
        ada = owing(world, days)
        run(world, query, id=ada.id, now=world.now)
        return ada

    return make


def _paying_and(query: LiteralString) -> Make:
    def make(world: FragileWorld) -> Customer:
        ada = paying(world)
        run(world, query, id=ada.id, now=world.now)
        return ada

    return make


def _collection_stalled(world: FragileWorld) -> Customer:
    ada = owing(world, 2)
    run(
        world,
        """insert into method (bucket, id, account_id, provider, token, kind, label, fingerprint, off_session,
        priority, state, created_at, usable_since) select bucket, %(new)s, account_id, provider, 'tok_other', kind,
        'another', fingerprint, off_session, 9, 'active', %(now)s, %(now)s from method where account_id = %(id)s""",
        new=world.platform.ids.draw(world.buckets[0]),
        now=world.now,
        id=ada.id,
    )
    return ada


def _flags_by_hand(world: FragileWorld) -> Customer:
    """Somebody restricts who is still in grace, and the next rung would not lift it before all is paid."""
    ada = owing(world, 2)
    record(world, ada, "restricted", measure(world, "restrict"))
    return ada


def _ban_without_giving_up(world: FragileWorld) -> Customer:
    ada = owing(world, 2)
    record(world, ada, "grace", measure(world, "ban"))
    return ada


def _exhausted_not_given_up(world: FragileWorld) -> Customer:
    ada = owing(world, 29)
    run(
        world,
        "update health set recheck_at = %(at)s where account_id = %(id)s",
        at=world.now + 99 * DAY,
        id=ada.id,
    )
    world.clock.move(2 * DAY)
    return ada


def _ended_still_dunned(world: FragileWorld) -> Customer:
    ada = owing(world, 6)
    before = ada.subscription().id
    ada.pay_debt()
    world.work()
    ada.open(CancelNow(subscription_id=before))
    ada.buy(zone("new.example"))
    ada.card_becomes(NO_FUNDS)
    world.until(ada.subscription().period.end + 2 * DAY)
    record(world, ada, "grace", measure(world, "downgrade", subscription_id=str(before)))
    return ada


def _entitlement_unfounded(world: FragileWorld) -> Customer:
    ada = world.customer("Ada")
    ada.buy(zone("gone.example"))
    ada.open(CancelNow(subscription_id=ada.subscription().id))
    ada.buy(zone())
    world.work()
    run(
        world,
        """insert into entitlement select e.bucket, i.id, e.account_id, i.subscription_id, e.product_id, i.object,
        e.quantity, e.features, e.starts_at, e.ends_at, e.proof_id
        from entitlement e join item i on i.account_id = e.account_id and i.ended_at is not null
        where e.account_id = %(id)s""",
        id=ada.id,
    )
    return ada


def _entitled_despite_dunning(world: FragileWorld) -> Customer:
    ada = owing(world, 6)
    with world.database.pool.connection() as connection:
        connection.execute("create table was as select * from entitlement where account_id = %s", (ada.id,))
    world.wait(days=16)
    run(
        world,
        """update entitlement e set product_id = w.product_id, features = w.features, ends_at = w.ends_at from was w
        where w.item_id = e.item_id""",
    )
    with world.database.pool.connection() as connection:
        connection.execute("drop table was")
    return ada


def _renewal_stalled(world: FragileWorld) -> Customer:
    ada = paying(world)
    world.clock.move(40 * DAY)
    return ada


def _merged_account(world: FragileWorld) -> Customer:
    ada, ben = paying(world), world.customer("Ben")
    run(world, "update item set account_id = %(ben)s where account_id = %(id)s", ben=ben.id, id=ada.id)
    return ada


def _payer_shared(world: FragileWorld) -> Customer:
    ada, ben = paying(world), world.customer("Ben")
    for each in (ada, ben):
        run(
            world,
            "insert into payer (bucket, account_id, provider, ref) values (%(bucket)s, %(id)s, 'sandbox', 'cus_1')",
            bucket=world.buckets[0],
            id=each.id,
        )
    return ada


def _method_of_another(world: FragileWorld) -> Customer:
    ada, ben = owing(world, 2), world.customer("Ben")
    ben.buy(zone("ben.example"))
    world.work()
    run(
        world,
        """update attempt set method_id = (select id from method where account_id = %(ben)s)
        where account_id = %(id)s and settles is not null""",
        ben=ben.id,
        id=ada.id,
    )
    return ada


def _provider_last_said_otherwise(world: FragileWorld) -> Customer:
    ada = paying(world)
    run(
        world,
        "update attempt set said = 'failed', said_at = finished_at + interval '2 hours' where account_id = %(id)s",
        id=ada.id,
    )
    return ada


def _proof_of_another(world: FragileWorld) -> Customer:
    ada, ben = paying(world), world.customer("Ben")
    ben.buy(zone("ben.example"))
    world.work()
    run(
        world,
        """update subscription s set proof_id = (select p.id from proof p where p.bucket = s.bucket
        and p.account_id = %(ben)s limit 1) where account_id = %(id)s""",
        ben=ben.id,
        id=ada.id,
    )
    return ada


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One contradiction: how it is made, a part of its evidence, and the SQL that takes away what no flow repairs."""

    make: Make
    evidence: str
    mend: LiteralString | None = None


K = DriftKind
PLANTS: dict[DriftKind, Plant] = {
    K.RESTRICTED_WITHOUT_DEBT: Plant(
        make=_restricted_without_debt, evidence="restrict in effect, and no invoice"
    ),
    K.PAID_NOT_RESTORED: Plant(
        make=_paid_not_restored, evidence="recorded as suspended, and no invoice owes"
    ),
    K.DEBT_UNSEEN: Plant(
        make=_owing_and("delete from health where account_id = %(id)s"),
        evidence="2000 USD (minor units) is owed",
    ),
    K.DEBT_MISRECORDED: Plant(
        make=_owing_and("""update health set debt = '{"USD": 1}' where account_id = %(id)s"""),
        evidence="dunning records 1 USD (minor units), the invoices owe 2000 USD",
    ),
    K.STANDING_MISRECORDED: Plant(
        make=_owing_and("update health set standing = 'bad_debt' where account_id = %(id)s"),
        evidence="recorded as bad_debt, by what is owed it is grace",
    ),
    K.DISPUTE_MISRECORDED: Plant(
        make=_owing_and("""update health set disputed = '{"USD": 5}' where account_id = %(id)s"""),
        evidence="dunning records 5 USD (minor units) as contested, the disputes say nothing",
    ),
    K.LOOK_LOST: Plant(
        make=_owing_and("update health set recheck_at = null where account_id = %(id)s"),
        evidence="the next look is recorded for never, and must be 2027-03-",
    ),
    K.NOTICE_UNTOLD: Plant(
        make=_owing_and(
            "with sent as (delete from message where account_id = %(id)s) delete from notice where account_id = %(id)s"
        ),
        evidence="not told of: due",
    ),
    K.COLLECTION_STALLED: Plant(make=_collection_stalled, evidence="to be collected now: "),
    K.FLAGS_BY_HAND: Plant(
        make=_flags_by_hand, evidence="in effect: restrict by 'by hand' since 2027-03-02; decided: nothing"
    ),
    K.BAN_WITHOUT_GIVING_UP: Plant(
        make=_ban_without_giving_up, evidence="banned because of an invoice that was not"
    ),
    K.GIVEN_UP_WITHOUT_BAN: Plant(
        make=_owing_and("update health set measures = '[]' where account_id = %(id)s", days=31),
        evidence="given up without a ban: ",
    ),
    K.CLOSED_STILL_SUBSCRIBED: Plant(
        make=_paying_and("update account set closed_at = %(now)s where id = %(id)s"),
        evidence=", and these go on: sub_",
        mend="update account set closed_at = null where id = %(id)s",
    ),
    K.GIVEN_UP_STILL_SUBSCRIBED: Plant(
        make=_owing_and(
            """update subscription set state = 'active', ended_at = null, end_reason = null, due_at = %(now)s
            where account_id = %(id)s""",
            days=31,
        ),
        evidence=" was given up, and its subscription sub_",
        mend="update subscription set state = 'ended', ended_at = due_at, end_reason = 'unpaid', due_at = null"
        " where account_id = %(id)s",
    ),
    K.GIVEN_UP_NOT_CANCELLED: Plant(
        make=_given_up_beside_a_year,
        evidence=" is not to end on 2028-",
        mend='update subscription set pending = \'{"items": null, "interval": null, "cancel": true}\''
        " where account_id = %(id)s and state <> 'ended'",
    ),
    K.EXHAUSTED_NOT_GIVEN_UP: Plant(
        make=_exhausted_not_given_up, evidence="at the end of the ladder, and still open"
    ),
    K.ENDED_STILL_DUNNED: Plant(make=_ended_still_dunned, evidence="downgrade for sub_"),
    K.ENTITLEMENT_MISSING: Plant(
        make=_paying_and("delete from entitlement where account_id = %(id)s"),
        evidence="not granted: zone-pro on zone:example.com",
    ),
    K.ENTITLEMENT_UNFOUNDED: Plant(
        make=_entitlement_unfounded, evidence="granted by nothing: zone-pro on zone:gone.example"
    ),
    K.ENTITLEMENT_DIFFERS: Plant(
        make=_paying_and("update entitlement set quantity = 7 where account_id = %(id)s"),
        evidence="granted differently: zone-pro on zone:example.com",
    ),
    K.ENTITLED_DESPITE_DUNNING: Plant(
        make=_entitled_despite_dunning, evidence="granted although suspended: zone-pro on zone:example.com"
    ),
    K.GRACE_WITHOUT_DEBT: Plant(
        make=_owing_and(
            """update subscription s set grace_invoice = (select v.id from invoice v where v.bucket = s.bucket
            and v.account_id = s.account_id and v.state = 'paid') where account_id = %(id)s"""
        ),
        evidence=", which is paid",
        mend="update subscription s set grace_invoice = (select v.id from invoice v where v.bucket = s.bucket"
        " and v.account_id = s.account_id and v.state = 'open') where account_id = %(id)s",
    ),
    K.RENEWAL_STALLED: Plant(
        make=_renewal_stalled, evidence=" was to be renewed on 2027-02-28: nobody has taken it up"
    ),
    K.PROOF_OF_ANOTHER: Plant(
        make=_proof_of_another,
        evidence=" stands on a proof of acc_",
        mend="update subscription s set proof_id = (select p.id from proof p where p.bucket = s.bucket"
        " and p.account_id = s.account_id) where account_id = %(id)s",
    ),
    K.ITEM_BY_HAND: Plant(
        make=_paying_and("update item set quantity = 5 where account_id = %(id)s"),
        evidence=" is written as 5 × zone-pro-usd-month@1, and was booked as 1 × zone-pro-usd-month@1",
        mend="update item set quantity = booked_quantity where account_id = %(id)s",
    ),
    K.PERIOD_BY_HAND: Plant(
        make=_paying_and(
            "update subscription set period_end = period_end + interval '1 year' where account_id = %(id)s"
        ),
        evidence=" is written to end on 2028-02-28 12:00, and was booked to end on 2027-02-28 12:00 UTC",
        mend="update subscription set period_end = booked_end where account_id = %(id)s",
    ),
    K.CURRENCY_DIFFERS: Plant(
        make=_paying_and("update account set currency = 'EUR' where id = %(id)s"),
        evidence=" is in USD, the account in EUR",
        mend="update account set currency = 'USD' where id = %(id)s",
    ),
    K.ISSUER_DIFFERS: Plant(
        make=_owing_and("update account set entity = 'solvent-eu' where id = %(id)s"),
        evidence=" was not issued by solvent-eu",
        mend="update account set entity = 'solvent-us' where id = %(id)s",
    ),
    K.MERGED_ACCOUNT: Plant(
        make=_merged_account,
        evidence=" belongs to this account, and what it hangs on to acc_",
        mend="update item i set account_id = %(id)s from subscription s where s.id = i.subscription_id"
        " and s.account_id = %(id)s",
    ),
    K.PAYER_SHARED: Plant(
        make=_payer_shared,
        evidence="at sandbox the account is the same payer as acc_",
        mend="delete from payer where account_id = %(id)s",
    ),
    K.PROVIDER_LAST_SAID_OTHERWISE: Plant(
        make=_provider_last_said_otherwise,
        evidence=" is committed, and sandbox last said failed, on 2027-",
        mend="update attempt set said = 'succeeded', said_cause = null where account_id = %(id)s",
    ),
    K.METHOD_OF_ANOTHER: Plant(
        make=_method_of_another,
        evidence=" charges a method of acc_",
        mend="update attempt set method_id = (select id from method where account_id = %(id)s)"
        " where account_id = %(id)s and settles is not null",
    ),
}

# What the database refuses, whoever asks: the statement, and the error.
REFUSED: dict[DriftKind, tuple[LiteralString, type[psycopg.Error]]] = {
    K.TWO_WRITERS: (
        "update invoice set paid = paid + credited where account_id = %(id)s",
        psycopg.errors.RestrictViolation,
    ),
    K.CHARGED_TWICE: (
        """insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition,
        invoice_id, received_at) select bucket, %(new)s, account_id, attempt_id, provider, ref || '-again', amount,
        currency, disposition, invoice_id, received_at from payment where account_id = %(id)s""",
        psycopg.errors.UniqueViolation,
    ),
    K.SUBSCRIBED_WITHOUT_PROOF: (
        "update subscription set proof_id = null where account_id = %(id)s",
        psycopg.errors.NotNullViolation,
    ),
    K.ENTITLED_WITHOUT_PROOF: (
        "update entitlement set proof_id = %(new)s where account_id = %(id)s",
        psycopg.errors.ForeignKeyViolation,
    ),
    K.METHOD_WITHOUT_ACCOUNT: (
        "update method set account_id = %(new)s where account_id = %(id)s",
        psycopg.errors.ForeignKeyViolation,
    ),
    K.PAYER_WITHOUT_ACCOUNT: (
        "insert into payer (bucket, account_id, provider, ref) values (%(bucket)s, %(new)s, 'sandbox', 'cus_2')",
        psycopg.errors.ForeignKeyViolation,
    ),
    K.DUNNED_WITHOUT_ACCOUNT: (
        """insert into health (bucket, account_id, standing, debt, evidence, assessed_at)
        values (%(bucket)s, %(new)s, 'suspended', '{}', '[]', now())""",
        psycopg.errors.ForeignKeyViolation,
    ),
}


def new_id(world: FragileWorld) -> UUID:
    """An id that nothing has."""
    return world.platform.ids.draw(world.buckets[0])
