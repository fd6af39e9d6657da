"""Cards that end: looked at ahead of it, renewed by their bank, told to their customer once, and evidence when past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from solvent.commands.policy import SHIPPED
from solvent.core.account import MethodState
from solvent.core.expiry import LOOK_EVERY
from solvent.core.request import AddMethod, CancelAtPeriodEnd
from solvent.flows.expiring import SILENT_PAUSE, look_at_methods
from solvent.flows.recompute import gather
from solvent.flows.settle import record_look
from solvent.providers.sandbox.faults import FaultPlan
from solvent.sim import Customer
from solvent.store import policies, policy_file
from solvent.store.mailbox import Listed, Mailbox
from tests.flows.acts import DECLINED_LATER, EXPIRED, GOOD, zone
from tests.simulation.fragile import FragileWorld

DAY = timedelta(days=1)
SANDBOX = "sandbox"
FRAUD = "4100000000000019"


@pytest.fixture
def governed(world: FragileWorld) -> Iterator[FragileWorld]:
    """A world under the shipped policy of the standard segment, which is taken away again."""
    with world.database.pool.connection() as connection:
        policies.apply(connection, policy_file.parse((SHIPPED / "standard.yaml").read_bytes()), world.now)
    world.database.catalog(["not yet read@1"])
    yield world
    with world.database.pool.connection() as connection:
        connection.execute("alter table policy_edition disable trigger user")
        connection.execute("delete from policy_edition")
        connection.execute("alter table policy_edition enable trigger user")
    world.database.catalog(["not yet read@1"])


def ends_soon(customer: Customer, days: int, *, quietly: bool = False) -> date:
    """The bank says that the customer's card works until the end of the month in so many days."""
    (method,) = customer.snapshot().methods
    world = customer.world
    month = world.now + days * DAY
    bank = world.banks.by_name[SANDBOX]
    bank.renew_card(method.token, f"{month:%Y-%m}", world.now, quietly=quietly)
    if not quietly:
        world.work()
    after = (month.replace(day=1) + 32 * DAY).replace(day=1)
    return (after - DAY).date()


def last_day_of(customer: Customer) -> date | None:
    return customer.snapshot().methods[0].expires_on


def warnings(customer: Customer) -> list[dict[str, object]]:
    return [dict(e.data) for e in customer.events("method.expiring")]


def mails(customer: Customer) -> list[Listed]:
    found = Mailbox(customer.world.database.pool).listed(None, customer.id, None, 100)
    return [one for one in found if one.message.method_id is not None]


def test_what_a_card_says_is_kept_and_what_its_bank_says_later_is_learnt(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    year = world.now.year + 4
    assert last_day_of(ada) == date(year, 12, 31)
    new = ends_soon(ada, 400)
    assert last_day_of(ada) == new
    (told,) = ada.events("method.updated")
    assert told.data["expires_on"] == new.isoformat()
    assert warnings(ada) == [], "no policy says that anybody is told"


def test_the_customer_is_told_once_for_each_last_day(governed: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    last = ends_soon(ada, 50)
    assert warnings(ada) == []
    begins = datetime.combine(last, datetime.min.time(), governed.now.tzinfo) - 29 * DAY
    governed.until(begins - DAY)
    assert warnings(ada) == []
    governed.until(begins + DAY)
    (told,) = warnings(ada)
    assert told["expires_on"] == last.isoformat()
    (mail,) = mails(ada)
    assert mail.message.rung == f"expires {last}"
    governed.until(begins + 20 * DAY)
    assert (len(warnings(ada)), len(mails(ada))) == (1, 1)
    next_last = ends_soon(ada, 31)
    governed.until(governed.now + 40 * DAY)
    assert [w["expires_on"] for w in warnings(ada)] == [last.isoformat(), next_last.isoformat()]


def test_a_last_day_that_comes_back_is_not_told_of_again(governed: FragileWorld, ada: Customer) -> None:
    governed.until(governed.now.replace(year=governed.now.year + 1, month=1, day=31))
    ada.buy(zone())
    january, february = ends_soon(ada, 0), ends_soon(ada, 20)
    assert (february - governed.now.date()).days < 30, "both are told of"
    assert ends_soon(ada, 0) == january == last_day_of(ada)
    assert sorted(mail.message.rung for mail in mails(ada)) == [f"expires {january}", f"expires {february}"]


def test_whom_the_provider_did_not_notify_is_asked_about_before_anybody_is_written_to(
    governed: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    ends_soon(ada, 50)
    renewed = ends_soon(ada, 1500, quietly=True)
    governed.until(governed.now + 60 * DAY)
    assert last_day_of(ada) == renewed
    assert warnings(ada) == []


def test_who_leaves_anyway_is_not_written_to_and_who_stays_after_all_is(
    governed: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    ada.complete(ada.open(CancelAtPeriodEnd(subscription_id=ada.subscription().id)))
    last = ends_soon(ada, 20)
    assert warnings(ada) == []
    ada.buy(zone("other.example"))
    governed.until(governed.now + 20 * DAY)
    assert {w["expires_on"] for w in warnings(ada)} == {last.isoformat()}


def test_a_provider_that_is_silent_is_asked_again_and_nothing_is_made_up(
    governed: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    before, bank = last_day_of(ada), governed.banks.lines[SANDBOX]
    bank.plan(FaultPlan(timeout=1.0))
    ends_soon(ada, 5)
    assert last_day_of(ada) == before
    bank.plan(FaultPlan(down=1.0))
    governed.until(governed.now + SILENT_PAUSE)
    assert last_day_of(ada) == before
    bank.plan(FaultPlan())
    governed.until(governed.now + SILENT_PAUSE)
    assert last_day_of(ada) != before


def test_of_a_method_that_the_provider_forgot_nothing_changes(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    (method,) = ada.snapshot().methods
    record_look(world.platform, method, None, world.now)
    assert ada.snapshot().methods == (method,)
    assert ada.events("method.updated") == []


def test_of_a_method_that_was_removed_meanwhile_nothing_is_written(
    world: FragileWorld, ada: Customer
) -> None:
    ada.complete(ada.open(AddMethod()), GOOD)
    (method,) = ada.snapshot().methods
    assert ada.remove_method(method.id) is None
    record_look(world.platform, method, None, world.now)
    assert ada.snapshot().methods == ()
    assert look_at_methods(world.platform, world.buckets[0], world.now + 9999 * DAY, 10) == 0


def test_a_word_about_a_method_that_is_nobodys_is_done_with(world: FragileWorld, ada: Customer) -> None:
    with world.database.begin() as tx:
        assert not tx.methods.changed(SANDBOX, "vm_of_nobody", world.now)


def test_a_method_is_found_by_its_name_without_the_mandate_behind_it_and_no_other(
    world: FragileWorld, ada: Customer, ben: Customer
) -> None:
    def waits(whose: Customer) -> bool:
        (method,) = whose.snapshot().methods
        with world.database.begin() as tx:
            return method in tx.methods.claim(world.buckets[0], world.now, world.now, 10, None)

    def keeps(whose: Customer, token: str) -> None:
        whose.complete(whose.open(AddMethod()), GOOD)
        with world.database.pool.connection() as connection:
            connection.execute("update method set token = %s where account_id = %s", (token, whose.id))

    keeps(ada, "pm_1/mandate_1")
    keeps(ben, "pm_12/mandate_12")
    for said in ("pm", "pm_", "pm_1/", "pm_1/mandate", "pm_1/mandate_12", "%"):
        with world.database.begin() as tx:
            assert not tx.methods.changed(SANDBOX, said, world.now), said
    assert not waits(ada)
    with world.database.begin() as tx:
        assert tx.methods.changed(SANDBOX, "pm_1", world.now)
    assert (waits(ada), waits(ben)) == (True, False)
    with world.database.begin() as tx:
        assert tx.methods.changed(SANDBOX, "pm_12/mandate_12", world.now)
    assert waits(ben)


def test_an_expired_card_is_evidence_and_is_tried_all_the_same(governed: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    last = ends_soon(ada, 1)
    governed.until(ada.subscription().period.end + 3 * DAY)
    (assessment,) = gather(governed.platform, governed.buckets[0], [ada.id], governed.now)
    (method,) = ada.snapshot().methods
    assert f"{method.label} (sandbox) expired on {last}" in assessment.evidence
    tried = [a for a in ada.attempts() if a.path == "collection"]
    assert tried, "its bank may have renewed it behind the same token"


def test_a_card_that_was_declined_as_expired_is_charged_again_when_its_bank_has_renewed_it(
    governed: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    (method,), bank = ada.snapshot().methods, governed.banks.by_name[SANDBOX]
    last = ends_soon(ada, 20)
    bank.set_behaviour(method.token, EXPIRED)
    governed.until(ada.subscription().period.end + DAY)
    assert (ada.snapshot().methods[0].state, len(ada.snapshot().open_invoices)) == (MethodState.INVALID, 1)
    bank.renew_card(method.token, f"{last:%Y-%m}", governed.now)
    governed.work()
    assert ada.snapshot().methods[0].state is MethodState.INVALID, "told of again, but not renewed"
    bank.set_behaviour(method.token, GOOD)
    renewed = ends_soon(ada, 1500)
    assert [(m.state, m.expires_on) for m in ada.snapshot().methods] == [(MethodState.ACTIVE, renewed)]
    (told,) = ada.events("method.renewed")
    assert told.data["expires_on"] == renewed.isoformat()
    assert ada.snapshot().open_invoices == (), "what is owed is tried at once"


def test_of_a_card_that_was_renewed_without_a_word_its_provider_is_asked(
    governed: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    (method,), bank = ada.snapshot().methods, governed.banks.by_name[SANDBOX]
    ends_soon(ada, 20)
    bank.set_behaviour(method.token, EXPIRED)
    governed.until(ada.subscription().period.end + DAY)
    bank.set_behaviour(method.token, GOOD)
    ends_soon(ada, 1500, quietly=True)
    governed.until(governed.now + LOOK_EVERY)
    assert [m.state for m in ada.snapshot().methods] == [MethodState.ACTIVE]
    assert ada.snapshot().open_invoices == ()
    assert len(mails(ada)) == 1, "nobody is told of the end of a card that is out of use"


def test_what_a_new_card_does_not_cure_stays_out_of_use(governed: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    (method,), bank = ada.snapshot().methods, governed.banks.by_name[SANDBOX]
    bank.set_behaviour(method.token, FRAUD)
    governed.until(ada.subscription().period.end + DAY)
    bank.set_behaviour(method.token, GOOD)
    ends_soon(ada, 4000)
    assert [m.state for m in ada.snapshot().methods] == [MethodState.INVALID]
    assert ada.events("method.renewed") == []
