"""Trial balance, ageing and exports on a real database, against the same figures counted row by row in Python."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.change import CancelNow, NewItem, Start
from solvent.core.closing import Moved, TrialBalance, trial_balance
from solvent.core.collection import plan_debt
from solvent.core.ids import bucket_of
from solvent.core.paying import book_debts
from solvent.core.payment import ProofKind
from solvent.core.period import Period
from solvent.core.plan import Plan
from solvent.core.proration import Granularity
from solvent.core.recognition import Deferral, Spread, recognised
from solvent.store import exports
from solvent.store.closing import (
    EVERYBODY,
    Ageing,
    Scope,
    ageing_at,
    balance_at,
    misaged,
    snapshot,
    unbalanced,
)
from solvent.store.database import Database
from solvent.store.laws import violations
from tests.core.funds import whole
from tests.store.worlds import NOW, POLICY, ZONE, World

DAY = timedelta(days=1)
END = datetime(2026, 2, 28, 12, tzinfo=UTC)  # of the first period
FAR = datetime(9999, 1, 1, tzinfo=UTC)
SECOND = Granularity.SECOND


def balances(
    database: Database, at: datetime, scope: Scope = EVERYBODY, granularity: Granularity = SECOND
) -> dict[str, int]:
    """Debits less credits by ledger account; each entity and currency sums to zero."""
    found = trial(database, at, scope, granularity)
    assert set(found.sums().values()) <= {0}
    result: Counter[str] = Counter()
    for balance in found.balances:
        result[balance.account] += balance.amount
    return {name: amount for name, amount in result.items() if amount}


def trial(
    database: Database, at: datetime, scope: Scope = EVERYBODY, granularity: Granularity = SECOND
) -> TrialBalance:
    with snapshot(database.pool) as connection:
        return balance_at(connection, at, granularity, scope)


def ageing(database: Database, at: datetime, scope: Scope = EVERYBODY, **more: object) -> Ageing:
    with snapshot(database.pool) as connection:
        return ageing_at(connection, at, scope, **more)  # type: ignore[arg-type]


def journal(database: Database, start: datetime, end: datetime) -> list[exports.JournalRow]:
    with snapshot(database.pool) as connection:
        return list(exports.journal(connection, start, end, SECOND, EVERYBODY))


def canceled(world: World, account: Account, subscription: UUID, now: datetime) -> Attempt:
    """A subscription ended at once, its unused time credited."""
    attempt = world.attempt(world.plan(account.id, CancelNow(subscription_id=subscription, credit=True), now))
    assert world.journal(attempt)
    world.settle(attempt)
    return attempt


def on_grace(world: World, terms_days: int = 0) -> Account:
    """An account that owes 20.00 for its first period."""
    account = world.account(terms_days=terms_days)
    attempt = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    assert world.journal(attempt)
    world.settle(attempt, None if terms_days else ProofKind.GRACE)
    return account


def pay(world: World, account: Account, now: datetime) -> None:
    """What the account owes, paid at a moment."""
    with world.database.begin() as tx:
        view = tx.accounts.view(account.id)
    assert view is not None
    (invoice,) = view.open_invoices
    plan = plan_debt(view.account, invoice, owed=whole(invoice), credit_grants=(), policy=POLICY, now=now)
    assert isinstance(plan, Plan)
    attempt = world.attempt(plan)
    assert world.journal(attempt)
    with world.database.settlements.begin() as tx:
        live = tx.books.lock(bucket_of(attempt.id), [attempt.id]).live[account.id]
        bookings = book_debts(attempt, world.succeeded(attempt), live, world.desk(attempt))
        tx.books.write(bucket_of(attempt.id), [(booking, now) for booking in bookings])


def test_a_paid_period_moves_from_deferred_to_revenue(world: World) -> None:
    world.subscribed()
    first, half, end = NOW + timedelta(seconds=1), NOW + 14 * DAY, END
    assert balances(world.database, NOW) == {}, "what is booked at the moment itself is not before it"
    assert balances(world.database, first) == {"cash:sandbox-card": 2000, "deferred_revenue": -2000}
    assert balances(world.database, half) == {
        "cash:sandbox-card": 2000,
        "deferred_revenue": -1000,
        "revenue": -1000,
    }
    assert balances(world.database, end) == {"cash:sandbox-card": 2000, "revenue": -2000}
    by_day = balances(world.database, half + timedelta(hours=11), granularity=Granularity.DAY)
    assert by_day["revenue"] == -1000


def test_unused_time_is_credited_out_of_what_is_deferred(world: World) -> None:
    account, _, booking = world.subscribed()
    assert booking.subscription is not None
    before = balances(world.database, NOW + 7 * DAY)
    canceled(world, account, booking.subscription.id, NOW + 7 * DAY)
    assert world.rows("select kind, amount, period_start, period_end from credit_note_line") == [
        ("charge", 1500, NOW + 7 * DAY, END)
    ]
    assert balances(world.database, NOW + 7 * DAY) == before, "what was closed stays as it was"
    after = {"cash:sandbox-card": 2000, "customer_credit": -1500, "revenue": -500}
    for days in (7.5, 14, 20, 28, 400):
        assert balances(world.database, NOW + days * DAY) == after, "nothing more is earned"


def busy(world: World) -> list[datetime]:
    """A few accounts in several buckets whose books have everything in them; the moments worth a look."""
    world.subscribed(bucket=1)
    account, _, booking = world.subscribed([NewItem(price_id="seats@1", quantity=3)], bucket=2)
    assert booking.subscription is not None
    canceled(world, account, booking.subscription.id, NOW + 5 * DAY + timedelta(seconds=7))
    pay(world, on_grace(world), NOW + 3 * DAY)
    on_grace(world, terms_days=30)
    stray = world.account(bucket=3)
    for act in (world.strand, world.refund):
        attempt = world.attempt(world.plan(stray.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
        world.journal(attempt)
        act(attempt, 1234)
    return [
        NOW,
        NOW + timedelta(seconds=1),
        NOW + 3 * DAY,
        NOW + 6 * DAY,
        NOW + 17.3 * DAY,
        END,
        END + DAY,
        FAR,
    ]


def counted(world: World, at: datetime) -> TrialBalance:
    """The trial balance from the raw rows, one by one."""
    with world.database.transaction() as connection:
        postings = connection.execute(
            "select currency, debit, credit, amount, booked_at from posting"
        ).fetchall()
        lines = connection.execute(
            "select l.amount, l.period_start, l.period_end, i.issued_at, null, null, null from invoice_line l"
            " join invoice i on i.id = l.invoice_id where l.period_start is not null"
            " union all select n.tax - n.amount, n.period_start, n.period_end, c.issued_at,"
            " l.amount, l.period_start, l.period_end"
            " from credit_note_line n join credit_note c on c.id = n.credit_note_id"
            " join invoice_line l on (l.invoice_id, l.position) = (n.invoice_id, n.position)"
        ).fetchall()
    moved = [
        Moved(entity="solvent-us", currency=currency, debit=debit, credit=credit, amount=amount)
        for currency, debit, credit, amount, booked_at in postings
        if booked_at < at
    ]
    earned = [
        recognised(
            Deferral(
                amount=a,
                period=Period(start=s, end=e),
                booked_at=b,
                time_zone="UTC",
                after=() if of is None else (Spread(amount=of, period=Period(start=since, end=until)),),
            ),
            at,
            SECOND,
        )
        for a, s, e, b, of, since, until in lines
    ]
    return trial_balance(at, moved, {("solvent-us", "USD"): sum(earned)} if moved else {})


def test_every_moment_is_as_counted_row_by_row(world: World) -> None:
    for at in busy(world):
        assert trial(world.database, at) == counted(world, at)


def test_what_is_earned_and_what_is_deferred_are_the_lines(world: World) -> None:
    moments = busy(world)
    (total,) = world.rows(
        "select (select sum(amount) from invoice_line) - (select sum(amount - tax) from credit_note_line)"
    )[0]
    for at in moments[-4:]:
        found = balances(world.database, at)
        assert -found.get("revenue", 0) - found.get("deferred_revenue", 0) == total
    assert "deferred_revenue" not in balances(world.database, FAR)


def test_the_journal_of_any_window_is_the_difference_of_two_trial_balances(world: World) -> None:
    moments = busy(world)
    windows = [
        *pairwise(moments),
        (moments[0], moments[-2]),
        (moments[2], END + 90 * DAY),
    ]
    for start, end in windows:
        if end == FAR:
            continue
        moved: Counter[str] = Counter()
        for row in journal(world.database, start, end):
            assert start <= row.booked_at < end
            assert row.amount > 0
            moved[row.debit] += row.amount
            moved[row.credit] -= row.amount
        difference = Counter(balances(world.database, end))
        difference.subtract(balances(world.database, start))
        assert {k: v for k, v in moved.items() if v} == {k: v for k, v in difference.items() if v}


def test_the_journal_names_postings_and_what_lines_earn(world: World) -> None:
    _, _, booking = world.subscribed()
    assert booking.invoice is not None
    found = journal(world.database, NOW, END + DAY)
    assert [(r.source, f"{r.booked_at:%m-%d %H:%M:%S}", r.debit, r.credit, r.amount) for r in found] == [
        ("posting", "01-31 12:00:00", "receivable", "deferred_revenue", 2000),
        ("posting", "01-31 12:00:00", "cash:sandbox-card", "receivable", 2000),
        ("recognition", "01-31 23:59:59", "deferred_revenue", "revenue", 36),
        ("recognition", "02-28 11:59:59", "deferred_revenue", "revenue", 1964),
    ]
    assert {r.invoice_id for r in found} == {booking.invoice.id}


def test_receivables_age_from_their_due_date(world: World) -> None:
    owing = on_grace(world)
    later = on_grace(world, terms_days=30)

    def amounts(at: datetime) -> dict[UUID | None, list[int]]:
        return {aged.account_id: list(aged.amounts) for aged in ageing(world.database, at).accounts}

    assert amounts(NOW) == {}
    assert amounts(NOW + timedelta(seconds=1)) == {owing.id: [0, 2000, 0, 0, 0], later.id: [2000, 0, 0, 0, 0]}
    assert amounts(NOW + 30 * DAY) == {owing.id: [0, 2000, 0, 0, 0], later.id: [2000, 0, 0, 0, 0]}
    assert amounts(NOW + 31 * DAY) == {owing.id: [0, 0, 2000, 0, 0], later.id: [0, 2000, 0, 0, 0]}
    assert amounts(NOW + 90 * DAY) == {owing.id: [0, 0, 0, 2000, 0], later.id: [0, 0, 2000, 0, 0]}
    assert amounts(FAR) == {owing.id: [0, 0, 0, 0, 2000], later.id: [0, 0, 0, 0, 2000]}
    (total,) = ageing(world.database, NOW + 90 * DAY).totals
    assert (total.entity, total.currency, total.account_id) == ("solvent-us", "USD", None)
    assert (list(total.amounts), total.total) == ([0, 0, 2000, 2000, 0], 4000)


def test_a_debt_ages_until_the_moment_it_is_paid(world: World) -> None:
    account = on_grace(world)
    pay(world, account, NOW + 40 * DAY)
    assert ageing(world.database, NOW + 40 * DAY).totals[0].amounts == [0, 0, 2000, 0, 0]
    assert ageing(world.database, NOW + 40 * DAY + timedelta(seconds=1)).totals == ()


def test_the_ageing_is_the_receivable_of_the_trial_balance_at_every_moment(world: World) -> None:
    for at in busy(world):
        owed = sum(total.total for total in ageing(world.database, at).totals)
        assert owed == balances(world.database, at).get("receivable", 0)


def test_ageing_in_pages_and_of_one_account(world: World) -> None:
    accounts = [on_grace(world).id for _ in range(3)]
    at = NOW + DAY
    first = ageing(world.database, at, limit=2)
    assert [a.account_id for a in first.accounts] == accounts[:2]
    rest = ageing(world.database, at, limit=2, after=accounts[1])
    assert [a.account_id for a in rest.accounts] == accounts[2:]
    assert rest.totals[0].total == 6000
    alone = ageing(world.database, at, account=accounts[1])
    assert [a.account_id for a in alone.accounts] == [accounts[1]]
    assert alone.totals[0].total == 2000
    assert ageing(world.database, at, currency="EUR").totals == ()
    assert ageing(world.database, at, currency="USD").totals[0].total == 6000


def test_reports_leave_test_clocks_out_unless_asked(world: World) -> None:
    world.subscribed(test_now=NOW)
    at = NOW + DAY
    assert trial(world.database, at, Scope()).balances == ()
    assert trial(world.database, at, EVERYBODY).balances != ()
    assert trial(world.database, at, Scope(entity="solvent-us", test_clocks=True)).balances != ()
    assert trial(world.database, at, Scope(entity="solvent-eu", test_clocks=True)).balances == ()


def test_invoices_and_payments_of_a_window(world: World) -> None:
    account, attempt, booking = world.subscribed()
    owing = on_grace(world)
    assert booking.invoice is not None
    assert booking.payment is not None
    with snapshot(world.database.pool) as connection:
        issued = list(exports.invoices(connection, NOW, NOW + DAY, Scope()))
        came = list(exports.payments(connection, NOW, NOW + DAY, Scope()))
        assert list(exports.invoices(connection, NOW + DAY, END, Scope())) == []
        assert list(exports.payments(connection, NOW - DAY, NOW, Scope())) == []
    assert [(i.number, i.account_id, i.state, i.total, i.paid, i.debt) for i in issued] == [
        ("SOL-07-000001", account.id, "paid", 2000, 2000, 0),
        ("SOL-07-000002", owing.id, "open", 2000, 0, 2000),
    ]
    (payment,) = came
    assert payment == exports.PaymentRow(
        id=booking.payment.id,
        provider="sandbox-card",
        ref=f"pay_{attempt.id.hex}",
        part=1,
        entity="solvent-us",
        account_id=account.id,
        attempt_id=attempt.id,
        invoice_id=booking.invoice.id,
        disposition="applied",
        reason=None,
        currency="USD",
        amount=2000,
        received_at=NOW,
    )


def test_a_snapshot_writes_nothing_and_sees_one_moment(world: World) -> None:
    with snapshot(world.database.pool, timeout_s=60) as connection:
        before = balance_at(connection, END, SECOND)
        world.subscribed()
        assert balance_at(connection, END, SECOND) == before
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from answer")


def broken(world: World) -> dict[str, int]:
    """The laws that are broken, by the first words of what they say."""
    with world.database.pool.connection() as connection:
        found = {law.says: count for law, count in violations(connection, END)}
    with snapshot(world.database.pool) as connection:
        found["trial balance"] = unbalanced(connection, END, SECOND)
        found["ageing"] = misaged(connection)
    return {" ".join(says.split()[:4]): count for says, count in found.items() if count}


def tampered(world: World, *statements: str) -> None:
    """Somebody with all rights writes into the books, past every trigger."""
    with world.database.transaction() as connection:
        connection.execute("set session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)
        connection.execute("set session_replication_role = origin")


def test_honest_books_pass_every_check(world: World) -> None:
    assert broken(world) == {}
    busy(world)
    assert broken(world) == {}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "update posting set amount = amount + 1 where credit = 'deferred_revenue'",
            {"what is recognised and", "trial balance", "ageing"},
        ),
        ("update credit_note_line set amount = amount + 1", {"what is recognised and", "trial balance"}),
        ("delete from credit_note_line", {"what is recognised and", "trial balance"}),
        ("update posting set debit = 'petty_cash' where credit = 'deferred_revenue'", {"trial balance"}),
        ("update posting set account_id = cause_id", {"every posting is in", "trial balance", "ageing"}),
        (
            "update posting set debit = 'bad_debt' where debit = 'receivable' and amount = 2000",
            {"ageing"},
        ),
    ],
)
def test_a_tampered_book_is_found(world: World, statement: str, found: set[str]) -> None:
    busy(world)
    tampered(world, statement)
    assert found <= set(broken(world))
