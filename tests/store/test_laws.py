"""Each law that a constraint can express, attacked with direct SQL: the database refuses, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from solvent.core.change import NewItem, Start
from solvent.core.payment import ProofKind
from solvent.store.laws import LAWS, STATEMENT_TIMEOUT_S, Law, violations
from tests.store.worlds import BUCKET, NOW, World, draw

REFUSED = (psycopg.errors.IntegrityError, psycopg.errors.GeneratedAlways)

CREDIT_NOTE = (
    "insert into credit_note (bucket, id, account_id, invoice_id, series, number, currency, amount, credited_before,"
    " credited_after, to_debt, to_refund, to_credit, reason, issued_by, key, input_hash, issued_at)"
    " select bucket, {{new}}, account_id, id, 'X', 1, currency, {amount}, {before}, {after}, {amount}, 0, 0, 'r', 'w',"
    " 'k', '', now() from invoice where state = 'open'"
)
REFUND = (
    "insert into refund (bucket, id, account_id, payment_id, amount, currency, refunded_before, reason, state, look_at,"
    " created_at) select bucket, {{new}}, account_id, id, {amount}, currency, {before}, 'r', 'due', now(), now()"
    " from payment"
)

CREDIT_GRANT = (
    "insert into credit_grant (bucket, id, account_id, kind, currency, amount, remaining, priority, reason, cause_id,"
    " granted_at, expires_at) values ({{bucket}}, {{new}}, {{account}}, '{kind}', 'USD', 1, 1, 50, 'r', {{new}}, now(),"
    " {expires})"
)

# (law and what is tried, SQL). `{new}` is a fresh id of the bucket, the others are rows that were properly committed.
ATTACKS = [
    ("L1 invoice without a proof", "update invoice set proof_id = null"),
    ("L1 subscription without a proof", "update subscription set proof_id = null"),
    ("L1 subscription on a proof that is not there", "update subscription set proof_id = {new}"),
    ("L1 entitlement without a proof", "update entitlement set proof_id = null"),
    ("L1 entitlement on a proof that is not there", "update entitlement set proof_id = {new}"),
    (
        "L1 paid invoice without a proof of its payment",
        "update invoice set state = 'paid', paid = total, paid_at = issued_at where state = 'open'",
    ),
    (
        "L1 proof of payment without a payment",
        "insert into proof (bucket, id, account_id, attempt_id, kind, of_plan, amount, currency, recorded_at)"
        " values ({bucket}, {new}, {account}, {attempt}, 'payment', false, 1, 'USD', now())",
    ),
    (
        "L1 grace without an end",
        "insert into proof (bucket, id, account_id, attempt_id, kind, of_plan, amount, currency, recorded_at)"
        " values ({bucket}, {new}, {account}, {attempt}, 'grace', false, 1, 'USD', now())",
    ),
    (
        "L2 a second commit of a plan",
        "insert into proof (bucket, id, account_id, attempt_id, kind, of_plan, amount, currency, recorded_at)"
        " values ({bucket}, {new}, {account}, {attempt}, 'nothing_due', true, 0, 'USD', now())",
    ),
    (
        "L2 a second payment of a debt",
        "insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition,"
        " invoice_id, received_at) select bucket, {new}, account_id, attempt_id, provider, 'another', amount,"
        " currency, disposition, invoice_id, received_at from payment",
    ),
    (
        "L2 a second open attempt about the same thing",
        "insert into attempt (bucket, id, account_id, path, intent, claim, state, key, input_hash, request, plan,"
        " fingerprint, amount, currency, provider, method_id, method_token, return_url, off_session, setup, ref,"
        " action, cause, settles, tries, created_at, expires_at, look_at, finished_at)"
        " select bucket, {new}, account_id, path, intent, claim, state, null, null, request, plan,"
        " fingerprint, amount, currency, provider, method_id, method_token, return_url, off_session, setup, ref,"
        " action, cause, settles, tries, created_at, expires_at, look_at, finished_at"
        " from attempt where state = 'opening'",
    ),
    (
        "L2 a cause booked twice",
        "insert into posting select bucket, cause_id, position, account_id, debit, credit, amount, currency,"
        " invoice_id, booked_at from posting limit 1",
    ),
    (
        "L3 one movement recorded twice",
        "insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition,"
        " reason, received_at) select bucket, {new}, account_id, attempt_id, provider, ref, amount, currency,"
        " 'credited', 'duplicate', received_at from payment",
    ),
    (
        "L1 a proof without an attempt that commits a plan",
        "insert into proof (bucket, id, account_id, kind, of_plan, amount, currency, payment_id, recorded_at)"
        " select {bucket}, {new}, account_id, 'payment', true, 1, 'USD', id, now() from payment",
    ),
    (
        "L1 terms without an attempt",
        "insert into proof (bucket, id, account_id, kind, of_plan, amount, currency, recorded_at)"
        " values ({bucket}, {new}, {account}, 'terms', false, 1, 'USD', now())",
    ),
    (
        "L3 a provider's money without an attempt",
        "insert into payment (bucket, id, account_id, provider, ref, amount, currency, disposition, reason,"
        " received_at) values ({bucket}, {new}, {account}, 'sandbox', 'x', 1, 'USD', 'credited', 'r', now())",
    ),
    (
        "L3 a reference recorded twice",
        "insert into payment (bucket, id, account_id, provider, ref, amount, currency, disposition, reason,"
        " received_at) select {bucket}, i, {account}, 'cheque', '7', 1, 'USD', 'credited', 'r', now()"
        " from (values ({new}), (({account}::text)::uuid)) v (i)",
    ),
    ("L3 a payment changed", "update payment set amount = amount - 1"),
    ("L3 a payment deleted", "delete from payment"),
    (
        "a payment of an invoice that is not there",
        "insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition,"
        " invoice_id, received_at) select bucket, {new}, account_id, attempt_id, provider, 'pi_new', amount, currency,"
        " disposition, {new}, received_at from payment",
    ),
    (
        "grace on an invoice that is not there",
        "update subscription set grace_invoice = {new} where grace_invoice is not null",
    ),
    ("an entitlement of no item", "update entitlement set item_id = {new}"),
    ("an entitlement of no subscription", "update entitlement set subscription_id = {new}"),
    ("L4 a posting that moves nothing", "insert into posting select {posting}, 0, 'USD', null, now()"),
    ("L4 a negative posting", "insert into posting select {posting}, -5, 'USD', null, now()"),
    (
        "L4 a posting to and from one account",
        "insert into posting values ({bucket}, {new}, 1, {account}, 'revenue', 'revenue', 5, 'USD', null, now())",
    ),
    ("L4 a posting updated", "update posting set amount = amount + 1"),
    ("L4 a posting deleted", "delete from posting"),
    ("L4 the ledger emptied", "truncate posting"),
    ("L4 more credit used than there is", "update credit_grant set remaining = -1"),
    (
        "L4 used credit given again",
        "update credit_grant set remaining = remaining + 1 where remaining < amount",
    ),
    ("L4 credit made larger", "update credit_grant set amount = amount + 1, remaining = remaining - 1"),
    ("L4 credit deleted", "delete from credit_grant"),
    (
        "L4 money that is kept expires",
        CREDIT_GRANT.format(kind="returned", expires="now() + interval '1 day'"),
    ),
    ("L4 credit bought by no invoice", CREDIT_GRANT.format(kind="prepaid", expires="null")),
    ("L4 goodwill of nobody", CREDIT_GRANT.format(kind="goodwill", expires="null")),
    ("L4 goodwill under no key", CREDIT_GRANT.format(kind="goodwill", expires="null")),
    (
        "L4 one gift given twice",
        "insert into credit_grant (bucket, id, account_id, kind, currency, amount, remaining, priority, reason,"
        " granted_by, key, input_hash, cause_id, granted_at)"
        " select {bucket}, i, {account}, 'goodwill', 'USD', 1, 1, 50, 'r', 'carol', 'once', '', i, now()"
        " from (values ({new}), ((substr({new}::text, 1, 7) || 'f' || substr({new}::text, 9))::uuid),"
        " ((substr({new}::text, 1, 7) || 'e' || substr({new}::text, 9))::uuid)) v (i)",
    ),
    ("L4 a use of credit rewritten", "update credit_use set amount = 1"),
    (
        "L4 credit used for nothing",
        "insert into credit_use (bucket, cause_id, position, account_id, grant_id, kind, amount, used_at)"
        " select bucket, {new}, 1, account_id, id, 'invoice', 1, now() from credit_grant",
    ),
    ("L7 a debt written by hand", "update invoice set debt = 0"),
    ("L7 more paid than owed", "update invoice set paid = total + 1"),
    ("L7 an invoice made cheaper", "update invoice set total = 1 where state = 'open'"),
    ("L7 a paid invoice touched", "update invoice set version = version + 1 where state = 'paid'"),
    ("L7 a line rewritten", "update invoice_line set amount = 0"),
    (
        "L7 tax without a word of how it comes about",
        "insert into invoice_line (bucket, invoice_id, position, kind,"
        " description, explanation, quantity, amount, tax) select bucket, id, 99, 'manual', '\"\"', '\"\"', 1, 0, 5"
        " from invoice",
    ),
    ("L7 an invoice deleted", "delete from invoice"),
    (
        "L7 a number given twice",
        "update invoice set number = (select min(number) from invoice) where state = 'open'",
    ),
    (
        "L7 a paid invoice owed again",
        "update invoice set state = 'open', paid = 0, paid_at = null, paid_proof_id = null, version = version + 1"
        " where state = 'paid'",
    ),
    (
        "L7 a paid invoice given back without a credit note",
        "update invoice set paid = paid - 1, credited = credited, state = 'resolved', version = version + 1"
        " where state = 'paid'",
    ),
    ("L7 credit taken back", "update invoice set credited = -1, version = version + 1 where state = 'open'"),
    (
        "L7 an open invoice credited in full and still open",
        "update invoice set credited = total, version = version + 1 where state = 'open'",
    ),
    (
        "L7 an invoice resolved without a credit note",
        "update invoice set paid = total, state = 'resolved', paid_at = now(), version = version + 1"
        " where state = 'open'",
    ),
    (
        "L7 an invoice given up and not said when",
        "update invoice set state = 'uncollectible', version = version + 1 where state = 'open'",
    ),
    ("L7 more credited than invoiced", CREDIT_NOTE.format(before=0, after="total + 1", amount="total + 1")),
    ("L7 credited from the middle on", CREDIT_NOTE.format(before=100, after=101, amount=1)),
    ("L7 a credit note that does not add up", CREDIT_NOTE.format(before=0, after=5, amount=4)),
    ("L7 a credit note over nothing", CREDIT_NOTE.format(before=0, after=0, amount=0)),
    ("L3 more given back than came", REFUND.format(amount="amount + 1", before=0)),
    ("L3 given back from the middle on", REFUND.format(amount=1, before=1)),
    ("L9 an event changed", "update event set type = 'nothing.happened'"),
    ("L9 an event deleted", "delete from event"),
    ("L9 an event's number given twice", "insert into event select * from event limit 1"),
    (
        "two live items on one object",
        "insert into item (bucket, id, account_id, subscription_id, price_id, family, object, quantity, position,"
        " booked_price, booked_quantity)"
        " select bucket, {new}, account_id, subscription_id, price_id, family, object, 1, 2, price_id, 1"
        " from item limit 1",
    ),
    (
        "a row in another bucket than its id says",
        "insert into account select 8, id, segment, currency, country, time_zone, email, name, entity, terms_days,"
        " together, test_now, address, region, tax_id, tax_exempt, tax_past, language, profile_past,"
        " created_at from account limit 1",
    ),
    ("a row of an account in another bucket", "update method set bucket = 8"),
    ("a period that ends before it begins", "update subscription set period_end = period_start"),
    ("an ended subscription that is still due", "update subscription set state = 'ended'"),
    ("an attempt that is over and looked at", "update attempt set look_at = now() where state = 'committed'"),
    ("a price changed", "update price set unit_amount = 1"),
    ("a price deleted", "delete from price"),
    ("a product deleted", "delete from product where id = 'seats'"),
    (
        "two versions of a price on sale",
        "insert into price (id, key, version, product_id, currency, scheme, unit_amount, package_size, trial_days,"
        " active) values ('pro@2', 'pro', 2, 'pro', 'USD', 'flat', 1, 1, 0, true)",
    ),
]


@pytest.fixture
def committed(world: World) -> dict[str, str]:
    """A paid subscription, one on grace with an open invoice, one in flight, and one paid by credit; as SQL."""
    account, attempt, _ = world.subscribed()
    graced = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="seats@1"),))))
    world.journal(graced)
    world.settle(graced, ProofKind.GRACE)
    in_flight = Start(items=(NewItem(price_id="pro@1", object="zone:other.org"),))
    world.journal(world.attempt(world.plan(account.id, in_flight)))
    stray = world.attempt(world.plan(account.id, in_flight))
    world.journal(replace(stray, plan=replace(stray.plan, claim="stray", slots=())))
    world.strand(stray, 300)
    by_credit = Start(items=(NewItem(price_id="pro@1", object="zone:credit.org"),))
    using = world.attempt(world.plan(account.id, by_credit))
    world.journal(using)
    world.settle(using)
    posting = f"{BUCKET}, {quoted(draw())}, 1, {quoted(account.id)}, 'cash:x', 'revenue'"
    ids = {"account": account.id, "attempt": attempt.id, "new": draw()}
    return {name: quoted(i) for name, i in ids.items()} | {"bucket": str(BUCKET), "posting": posting}


def quoted(identifier: UUID) -> str:
    return f"'{identifier}'::uuid"


def test_the_database_refuses_every_attack(world: World, committed: dict[str, str]) -> None:
    accepted = []
    for name, attack in ATTACKS:
        with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
            try:
                changed = connection.execute(attack.format(**committed)).rowcount
                connection.execute("set constraints all immediate")
            except REFUSED:
                continue
            accepted.append((name, changed))
    assert accepted == []


def test_the_attacks_are_on_rows_that_are_there(world: World, committed: dict[str, str]) -> None:
    """An update of no row would prove nothing."""
    owned = ("account", "method", "payment", "posting", "entitlement", "event", "item", "invoice_line")
    for table in (*owned, "credit_grant", "credit_use"):
        assert world.rows(f"select count(*) from {table}")[0][0], table
    assert world.rows("select state, count(*) from invoice group by 1 order by 1") == [
        ("open", 1),
        ("paid", 2),
    ]
    assert ("opening", 1) in world.rows("select state, count(*) from attempt group by 1")


def test_a_part_of_a_payment_without_the_others_is_found(world: World, committed: dict[str, str]) -> None:
    (law,) = [law for law in LAWS if "in parts without a gap" in law.says]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query, {"now": NOW}).fetchone() == (0,)
        connection.execute("alter table payment disable trigger payment_is_immutable")
        connection.execute("update payment set part = 2")
        assert connection.execute(law.query, {"now": NOW}).fetchone() == (2,)


def test_credit_notes_over_nothing_stand_beside_the_chain(world: World, committed: dict[str, str]) -> None:
    """As many as there are, for unused time; the others go on from one another, and no two from the same sum."""
    insert = (
        "insert into credit_note (bucket, id, account_id, invoice_id, series, number, currency, amount,"
        " credited_before, credited_after, to_debt, to_refund, to_credit, reason, issued_by, key,"
        " input_hash, issued_at, counted)"
        " select bucket, %(id)s, account_id, id, 'X', %(number)s, currency, %(amount)s, %(before)s, %(after)s,"
        " %(amount)s, 0, 0, 'r', 'w', %(number)s::text, '', now(), 'seconds' from invoice where state = 'open'"
    )
    chain = [(0, 0), (0, 5), (5, 5), (5, 8), (5, 5), (8, 8)]
    wrong = [(0, 3), (5, 6), (6, 6)]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        for number, (before, after) in enumerate(chain + wrong, start=1):
            told = {
                "id": draw(),
                "number": number,
                "amount": after - before,
                "before": before,
                "after": after,
            }
            if number <= len(chain):
                assert connection.execute(insert, told).rowcount == 1
            else:
                with pytest.raises(psycopg.errors.IntegrityError), connection.transaction():
                    connection.execute(insert, told)


def test_credit_that_was_not_told_is_found(world: World, committed: dict[str, str]) -> None:
    (law,) = [law for law in LAWS if "every grant of credit" in law.says]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        before = connection.execute(law.query, {"now": NOW}).fetchone()
        connection.execute(CREDIT_GRANT.format(kind="returned", expires="null").format(**committed))
        after = connection.execute(law.query, {"now": NOW}).fetchone()
    assert (before, after) == ((0,), (1,))


def test_credit_to_spend_whose_purchase_is_owed_again_is_found(
    world: World, committed: dict[str, str]
) -> None:
    (law,) = [law for law in LAWS if "whose purchase is owed again" in law.says]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        connection.execute("set session_replication_role = replica")
        bought = (
            "insert into credit_grant (bucket, id, account_id, kind, currency, amount, remaining, priority, reason,"
            " cause_id, granted_at, invoice_id) select p.bucket, {new}, p.account_id, 'prepaid', 'USD', 1, 1, 50,"
            " 'top_up', {new}, now(), p.invoice_id from payment p where p.invoice_id is not null limit 1"
        )
        back = (
            "insert into chargeback (bucket, dispute_id, payment_id, cause_id, account_id, to_debt, from_credit)"
            " select bucket, {new}, id, {new}, account_id, 1, 0 from payment"
        )
        for statement in (bought, back):
            assert connection.execute(law.query, {"now": NOW}).fetchone() == (0,)
            connection.execute(statement.format(**committed))
        assert connection.execute(law.query, {"now": NOW}).fetchone() == (1,)


def test_a_predicate_reads_whole_tables_as_long_as_that_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Law(
        law="L1", says="", query="select extract(epoch from current_setting('statement_timeout')::interval)"
    )
    helped = Law(law="L1", says="", query="select current_setting('max_parallel_workers_per_gather')")
    monkeypatch.setattr("solvent.store.laws.LAWS", [limit, helped])

    def usual(connection: Connection) -> list[int]:
        return [int(row[0]) for law in (limit, helped) for row in connection.execute(law.query)]

    with world.database.pool.connection() as connection:
        before = usual(connection)
        connection.rollback()
        (_, seconds), (_, helpers) = violations(connection, NOW)
        assert before == usual(connection) == [30, 0]  # as for whatever a customer waits for
        assert seconds == STATEMENT_TIMEOUT_S
        assert helpers > 0
