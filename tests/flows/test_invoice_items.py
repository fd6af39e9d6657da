"""What waits for an account's next invoice: kept, changed, removed, and on exactly one invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line
from solvent.core.invoice_item import InvoiceItem, ItemState
from solvent.core.manual import Draft, Particulars
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.request import NewItem, Start
from solvent.flows.invoicing import finalise, issue_draft, keep_draft, preview
from solvent.flows.opening import Asked, Contended
from solvent.flows.renew import renew
from solvent.flows.waiting import NO_ITEM, change_item, keep_item, remove_item
from solvent.sim import Customer
from solvent.store.laws import LAWS
from tests.flows.acts import DEBIT, NO_FUNDS, manual, zone
from tests.flows.conftest import AtOnce
from tests.flows.interleaving import interleaved
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

WITH_ITEMS = Particulars(include_items=True)


@pytest.fixture
def due(ada: Customer) -> Customer:
    """Ada has Pro for a zone, due now."""
    ada.buy(zone())
    ada.world.clock.move_to(ada.subscription().period.end)
    return ada


def waits(customer: Customer) -> list[int]:
    """What still waits, by amounts."""
    return [item.line.amount for item in customer.items(ItemState.WAITING)]


def asked(customer: Customer, key: str = "k") -> Asked:
    return Asked(account_id=customer.id, key=key, input_hash=b"same")


def test_the_next_renewal_takes_it_along_and_no_other(world: FragileWorld, due: Customer) -> None:
    item = due.receive_item(500, product_id="zone-pro")
    assert (due.debt(), due.invoices()[1:]) == (0, []), "until then it owes nobody anything"
    world.work()
    (invoice,) = due.invoices()[1:]
    assert (invoice.total, due.charges()[-1].amount) == (2_500, 2_500)
    (line,) = [x for x in due.lines(invoice) if x.invoice_item_id == item.id]
    assert (line.amount, line.product_id) == (500, "zone-pro")
    (after,) = due.items()
    assert (after.state, after.invoice_id, after.version) == (ItemState.INVOICED, invoice.id, 2)
    world.until(due.subscription().period.end)
    assert [i.total for i in due.invoices()] == [2_000, 2_500, 2_000]


def test_what_falls_due_at_two_instants_shares_what_waits(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("a.example"))
    world.wait(minutes=1)
    ada.buy(zone("b.example"))
    ada.receive_item(500)
    world.clock.move_to(ada.subscriptions()[1].period.end)
    world.work()
    assert [i.total for i in ada.invoices()[2:]] == [2_500, 2_000]


def test_usage_takes_it_along_at_the_end_of_a_period(world: FragileWorld, ada: Customer) -> None:
    ada.buy(Start(items=(NewItem(price_id=price("requests")),)))
    ada.receive_item(500)
    world.until(ada.subscription().period.end + timedelta(hours=1))
    (invoice,) = ada.invoices()
    assert (invoice.total, waits(ada)) == (500, [])


def test_so_many_too_large_deductions_hold_up_none_after_them(world: FragileWorld, due: Customer) -> None:
    """250 of 1,000.00 have waited for longer than a deduction of 5.00, a charge of 3.00 and a deduction of 7.00."""
    first = due.receive_item(-100_000)
    with world.database.pool.connection() as connection:
        connection.execute(
            "insert into invoice_item (bucket, id, account_id, state, version, currency, amount, line, created_at,"
            " changed_at) select bucket, (left(id::text, 30) || to_char(n, 'FM0000') || right(id::text, 2))::uuid,"
            " account_id, state, version, currency, amount, line, created_at, changed_at"
            " from invoice_item, generate_series(1, 249) n where id = %s",
            (first.id,),
        )
    later = [due.receive_item(amount) for amount in (-500, 300, -700)]
    assert min(item.id for item in later) > max(x.id for x in due.items() if x.line.amount == -100_000)
    world.work()
    (invoice,) = due.invoices()[1:]
    assert (invoice.total, [line.amount for line in due.lines(invoice)[1:]]) == (1_100, [-500, 300, -700])
    assert len(waits(due)) == 250


def test_it_is_invoiced_now(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    ada.receive_item(500)
    ada.receive_item(-200)
    done = ada.is_invoiced_what_waits(manual(100))
    assert isinstance(done, Attempt)
    assert (done.state, done.plan.total, waits(ada)) == (AttemptState.COMMITTED, 400, [])
    refused = ada.is_invoiced_what_waits()
    assert refused == Refusal(
        field="include_items", rule="must find an item that waits, where there is no line"
    )


def test_a_draft_previews_what_waits_and_takes_what_waits_then(world: FragileWorld, ada: Customer) -> None:
    ada.receive_item(500)
    draft = keep_draft(world.platform, ada.id, manual(100), WITH_ITEMS, world.now)
    assert isinstance(draft, Draft)
    ada.receive_item(50)
    seen = preview(world.platform, draft, world.now)
    assert isinstance(seen, Plan)
    assert seen.total == 650
    done = issue_draft(world.platform, asked(ada), draft.id, world.now)
    assert isinstance(done, Attempt)
    assert (done.plan.fingerprint, waits(ada)) == (seen.fingerprint, [])


def test_while_it_is_being_invoiced_it_stays_as_it_is_and_no_other_takes_it(
    world: FragileWorld, due: Customer
) -> None:
    item = due.receive_item(500)
    due.card_becomes(DEBIT)
    world.work()
    (held,) = due.items()
    assert (held.state, held.claimed_by is not None) == (ItemState.WAITING, True)
    later = due.receive_item(70)
    for answer in (
        remove_item(world.platform, item.id, world.now),
        change_item(world.platform, item.id, later.line, world.now),
    ):
        assert isinstance(answer, Refusal)
        assert "under way" in answer.rule
    now = due.is_invoiced_what_waits()
    assert isinstance(now, Attempt)
    assert now.plan.total == 70
    world.wait(days=10)
    assert [i.total for i in due.invoices()[1:]] in ([70, 2_500], [2_500, 70])


def test_a_renewal_that_is_declined_owes_it(world: FragileWorld, due: Customer) -> None:
    due.receive_item(500)
    due.card_becomes(NO_FUNDS)
    world.work()
    (invoice,) = due.open_invoices()
    assert (invoice.debt, due.items()[0].invoice_id) == (2_500, invoice.id)


@pytest.mark.unmeasured
@pytest.mark.parametrize("trouble", [Trouble.KILLED, Trouble.REPLY_LOST], ids=str)
@pytest.mark.parametrize("at", range(1, 9, 2))
def test_a_crash_invoices_it_once_or_not_yet(
    world: FragileWorld, due: Customer, trouble: Trouble, at: int
) -> None:
    due.receive_item(500)
    with world.during(Mishap(trouble, at)):
        world.work()
    world.wait(hours=8)
    assert sum(i.total for i in due.invoices()[1:]) == 2_500
    assert waits(due) == []


def test_what_moves_between_the_reading_and_the_journal_is_planned_anew(
    world: FragileWorld, ada: Customer
) -> None:
    item = ada.receive_item(500)

    def changed() -> None:
        assert isinstance(change_item(world.platform, item.id, manual(900)[0], world.now), InvoiceItem)

    done = finalise(interleaved(world.platform, "add", changed), asked(ada), (), world.now, WITH_ITEMS)
    assert isinstance(done, Attempt)
    assert done.plan.total == 900


def test_who_never_meets_it_as_it_was_says_so(world: FragileWorld, ada: Customer) -> None:
    item = ada.receive_item(500)

    def changed(amount: int) -> Callable[[], object]:
        return lambda: change_item(world.platform, item.id, manual(amount)[0], world.now)

    platform = interleaved(world.platform, "add", *map(changed, (900, 901, 902)))
    with pytest.raises(Contended):
        finalise(platform, asked(ada), (), world.now, WITH_ITEMS)
    assert (ada.invoices(), waits(ada)) == ([], [902])


def test_a_renewal_that_met_it_changed_comes_again(world: FragileWorld, due: Customer) -> None:
    item = due.receive_item(500)
    platform = interleaved(
        world.platform, "add", lambda: change_item(world.platform, item.id, manual(900)[0], world.now)
    )
    assert renew(platform, world.buckets[0], world.now, 10) == 0
    assert renew(platform, world.buckets[0], world.now, 10) == 1
    assert due.invoices()[-1].total == 2_900


def test_two_at_once_invoice_it_once(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    ben.buy(zone())
    ben.receive_item(500)
    world.clock.move_to(ben.subscription().period.end)
    at_once(
        lambda: renew(world.platform, world.buckets[0], world.now, 10),
        lambda: finalise(world.platform, asked(ben, "one"), (), world.now, WITH_ITEMS),
        lambda: finalise(world.platform, asked(ben, "two"), (), world.now, WITH_ITEMS),
        lambda: remove_item(world.platform, ben.items()[0].id, world.now),
    )
    world.wait(hours=1)
    (item,) = ben.items()
    lines = [x for i in ben.invoices() for x in ben.lines(i) if x.invoice_item_id == item.id]
    assert len(lines) == (item.state is ItemState.INVOICED)


def test_what_could_not_be_invoiced_is_not_kept(world: FragileWorld, ada: Customer) -> None:
    def refusal(line: Line) -> str:
        answer = keep_item(world.platform, ada.account, line, world.now)
        assert isinstance(answer, Refusal)
        return answer.field

    (line,) = manual(0)
    assert refusal(line) == "amount"
    assert refusal(replace(line, amount=5, product_id="nothing")) == "product_id"
    assert refusal(replace(line, amount=5, tax_category="nothing")) == "tax_category"
    assert ada.items() == []
    assert remove_item(world.platform, uuid4(), world.now) == NO_ITEM
    item = ada.receive_item(5)
    assert isinstance(change_item(world.platform, item.id, line, world.now), Refusal)
    gone = remove_item(world.platform, item.id, world.now)
    assert remove_item(world.platform, item.id, world.now) == gone
    assert waits(ada) == []


@pytest.mark.parametrize(
    "spoiled",
    [
        "update invoice_item set invoice_id = null, state = 'removed' where bucket = %s",
        "update invoice_item set amount = amount + 1 where bucket = %s",
        "update invoice_item set account_id = id where bucket = %s",
        "update invoice_line set amount = amount + 1 where invoice_item_id is not null and bucket = %s",
    ],
)
def test_an_item_that_is_not_on_its_one_invoice_is_found(
    world: FragileWorld, ada: Customer, spoiled: str
) -> None:
    ada.receive_item(500)
    ada.is_invoiced_what_waits()
    (law,) = [law for law in LAWS if "item that was invoiced" in law.says]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query).fetchone() == (0,)
        connection.execute("set session_replication_role = replica")
        connection.execute(spoiled, (world.buckets[0],))
        found = connection.execute(law.query).fetchone()
        assert found is not None
        assert found[0] > 0


def test_one_that_two_attempts_are_about_to_invoice_is_found(world: FragileWorld, due: Customer) -> None:
    due.receive_item(500)
    due.card_becomes(DEBIT)
    world.work()
    (law,) = [law for law in LAWS if "about to be invoiced by two" in law.says]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query).fetchone() == (0,)
        connection.execute(
            "update attempt set state = 'unknown', look_at = now(), finished_at = null,"
            " plan = (select plan from attempt where account_id = %(a)s and state = 'processing')"
            " where account_id = %(a)s and state = 'committed'",
            {"a": due.id},
        )
        assert connection.execute(law.query).fetchone() == (1,)


def test_the_database_refuses_what_becomes_of_no_item(world: FragileWorld, ada: Customer) -> None:
    ada.receive_item(500)
    gone = ada.receive_item(70)
    remove_item(world.platform, gone.id, world.now)
    for attack in (
        "update invoice_item set state = 'waiting', version = version + 1 where id = %(gone)s",
        "update invoice_item set amount = 0, version = version + 1 where state = 'waiting'",
        "update invoice_item set amount = 1 where state = 'waiting'",
        "update invoice_item set currency = 'EUR', version = version + 1 where state = 'waiting'",
        "update invoice_item set state = 'invoiced', version = version + 1 where state = 'waiting'",
        "delete from invoice_item",
    ):
        with world.database.pool.connection() as connection, pytest.raises(psycopg.errors.IntegrityError):
            connection.execute(attack, {"gone": gone.id})
