"""Dunning: renewals that are not paid, and what the cause of it leads to.

Owns those stories. One code path asks one table what to do; the cause decides, not the place where it happened.
"""

from datetime import timedelta

from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.snapshot import Standing
from solvent.providers.sandbox import FaultPlan
from solvent.sim.banks import NO_FAULTS
from solvent.sim.customer import Customer
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import (
    BUSINESS,
    CHALLENGED_ALWAYS,
    EXPIRED,
    MASTERCARD,
    NO_FUNDS,
    PRO_COSTS,
    VISA,
    switch,
    zone_plan,
)


def expired_or_empty(scene: Scene) -> None:
    """An expired card is not an empty account: the first asks for another card, the second is tried again."""
    world, ada, ben = scene.world, scene.world.customer("Ada"), scene.world.customer("Ben")
    for customer, fate in ((ada, EXPIRED), (ben, NO_FUNDS)):
        customer.buy(zone_plan(f"{customer.name.lower()}.example"), VISA)
        customer.card_becomes(fate)
    world.until(ada.subscription().period.end)
    world.wait(days=3, minutes=5)
    scene.say("three days after both renewals failed")
    tries_ada, tries_ben = _collections(ada), _collections(ben)
    scene.prove(tries_ada == 0, "Ada's card has expired: permanent, not tried once more")
    scene.prove(
        len(ada.events("method.invalidated")) == 1, "told as method.invalidated: she is asked for another"
    )
    scene.prove(tries_ben == 3, "Ben had insufficient funds: tried again every day")
    ben.card_becomes(VISA)
    ada_paid = ada.pay_debt(MASTERCARD)
    world.wait(days=1)
    scene.say("Ada pays with another card; Ben's salary has arrived")
    scene.prove(
        ada_paid.state is AttemptState.COMMITTED and not ada.debt(), "Ada is settled, her new card on file"
    )
    scene.prove(
        not ben.debt() and ben.standing() is Standing.GOOD, "Ben's fourth retry succeeded without him"
    )
    scene.show(ada)
    scene.show(ben)


def outage(scene: Scene) -> None:
    """The bank is down for an hour, exactly when a renewal is due."""
    world, cleo = scene.world, scene.world.customer("Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    end = cleo.subscription().period.end
    line = world.banks.lines["sandbox"]
    line.plan(FaultPlan(outages=((end - timedelta(minutes=5), end + timedelta(minutes=55)),)))
    world.until(end + timedelta(minutes=50))
    (attempt,) = [a for a in cleo.attempts() if a.path == "renewal"]
    scene.say("the bank cannot be reached from 5 minutes before the renewal on")
    scene.prove(attempt.state == "unknown" and not cleo.debt(), "unknown: no failure, no debt, no grace")
    scene.prove(cleo.has("zone-pro"), "service goes on: this is not the customer's fault")
    world.wait(hours=2)
    line.plan(NO_FAULTS)
    scene.say("an hour later the bank is back")
    scene.prove(cleo.subscription().period.start == end, "renewed, by the same attempt under the same key")
    scene.prove(len(cleo.charges()) == 2 and not cleo.events("grace"), "charged once; nobody was dunned")
    scene.show(cleo)


def challenged_off_session(scene: Scene) -> None:
    """A renewal needs 3-D Secure while the customer is away."""
    world, dora = scene.world, scene.world.customer("Dora")
    dora.buy(zone_plan("dora.example"), CHALLENGED_ALWAYS)
    world.until(dora.subscription().period.end)
    (grace,) = dora.events("grace.granted")
    scene.say(f"the bank wants Dora herself: {grace.data['cause']}")
    scene.prove(
        dora.has("zone-pro") and dora.standing() is Standing.GRACE, "grace: service continues meanwhile"
    )
    world.wait(days=2)
    scene.prove(_collections(dora) == 0, "not charged again behind her back: only she can pass 3-D Secure")
    paid = dora.pay_debt(CHALLENGED_ALWAYS)
    world.work()
    scene.say(f"Dora follows the link, pays and passes 3-D Secure: {paid.state}")
    scene.prove(not dora.debt() and dora.standing() is Standing.GOOD, "paid on-session, grace lifted")
    scene.show(dora)


def unpaid_ends(scene: Scene) -> None:
    """A renewal is never paid: five retries in five days, then the subscription ends, with its debt on record."""
    world, eli = scene.world, scene.world.customer("Eli")
    eli.buy(zone_plan("eli.example"), VISA)
    eli.card_becomes(NO_FUNDS)
    end = eli.subscription().period.end
    world.until(end + timedelta(days=4, hours=23))
    scene.prove(eli.has("zone-pro"), "for five days of grace Eli keeps Pro")
    world.until(end + timedelta(days=5, minutes=5))
    tried = _collections(eli)
    scene.say(f"five days, {tried} retries, no money")
    scene.prove(tried == 5 and not eli.has("zone-pro"), "grace is over, and Pro with it")
    scene.prove(eli.debt() == PRO_COSTS and eli.standing() is Standing.PAST_DUE, f"owed: {money(eli.debt())}")
    answer = eli.ask(zone_plan("other.example"))
    scene.prove(isinstance(answer, Refusal), f"nothing new on credit: {getattr(answer, 'rule', '')}")
    world.until(eli.subscription().period.end)
    (ended,) = eli.past_subscriptions()
    scene.say(f"the unpaid month is over: {ended.state}, {ended.end_reason}")
    world.wait(days=30)
    scene.prove(_collections(eli) == 5 and len(eli.invoices()) == 2, "no further retry, no further invoice")
    scene.show(eli)


def last_method(scene: Scene) -> None:
    """The customer removes the last card while a subscription depends on it."""
    fay = scene.world.customer("Fay")
    fay.buy(zone_plan("fay.example"), VISA)
    (method,) = fay.snapshot().methods
    refusal = fay.remove_method(method.id)
    scene.say("Fay tries to remove her only card while Pro depends on it")
    scene.prove(refusal is not None, f"refused: {refusal.rule if refusal else ''}")
    fay.buy(switch(fay.subscription(), BUSINESS), MASTERCARD)
    scene.prove(fay.remove_method(method.id) is None, "with a second card on file the first may go")
    scene.prove(
        [m.label[-4:] for m in fay.snapshot().methods] == ["4444"], "the second is what is charged next"
    )
    scene.show(fay)


def _collections(customer: Customer) -> int:
    """Tries of an unpaid invoice without the customer that failed or are on their way."""
    return sum(a.path == "collection" for a in customer.attempts())
