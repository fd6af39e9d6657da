"""Ordering: money that comes late, plans that are overtaken, payments that take their time.

Owns those stories. Nothing is granted before its money is certain, and no money is lost when its plan is gone.
"""

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.core.request import NewItem, Start
from solvent.sim.customer import Customer
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import (
    BANK_DEBIT,
    BUSINESS,
    BUSINESS_COSTS,
    CHALLENGED,
    DECLINED,
    ODD_STATUS,
    PRO,
    PRO_COSTS,
    VISA,
    switch,
    zone_plan,
)


def abandoned(scene: Scene) -> None:
    """The customer walks away in the middle of 3-D Secure."""
    world, ada = scene.world, scene.world.customer("Ada")
    attempt = ada.confirm(ada.open(zone_plan("ada.example")), CHALLENGED)
    scene.say("Ada sees her bank's 3-D Secure page, and closes the laptop")
    world.wait(minutes=31)
    attempt = ada.attempt(attempt)
    scene.prove(
        attempt.state is AttemptState.FAILED, f"after 30 minutes the attempt is over: {attempt.cause}"
    )
    late = world.banks.by_name["sandbox"].complete_challenge(str(attempt.ref), True, world.now)
    scene.prove(
        late["status"] == "canceled", "it was cancelled at the bank first: passing it now does nothing"
    )
    scene.prove(not ada.charges() and not ada.invoices() and not ada.subscriptions(), "nothing exists")
    scene.prove([e.type for e in ada.events()] == ["account.created"], "and nothing was told")
    scene.show(ada)


def late_but_wanted(scene: Scene) -> None:
    """A success arrives after its attempt was given up, and its plan still applies."""
    ben, attempt = _given_up(scene, "Ben")
    ben.pass_challenge(attempt)
    scene.say("only then Ben passes 3-D Secure, and the bank charges him")
    scene.world.work()
    scene.prove(
        ben.attempt(attempt).state is AttemptState.COMMITTED, "the plan still applies: the money buys it"
    )
    scene.prove(ben.has("zone-pro") and not ben.credit(), "Ben has what he paid for")
    scene.show(ben)


def late_and_stale(scene: Scene) -> None:
    """A success arrives after its attempt was given up, and the customer has bought the same again meanwhile."""
    cleo, attempt = _given_up(scene, "Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    scene.say("Cleo buys the same again, with another card; then the old 3-D Secure page succeeds")
    cleo.pass_challenge(attempt)
    scene.world.work()
    (stranded,) = cleo.events("payment.stranded")
    scene.prove(
        len(cleo.charges()) == 2 and len(cleo.invoices()) == 1, "two charges, one plan that could use them"
    )
    scene.prove(cleo.credit() == PRO_COSTS, f"the late {money(PRO_COSTS)} is kept as credit")
    scene.prove(
        (stranded.data["reason"], stranded.data["disposition"]) == ("late", "credited"),
        "told as payment.stranded: late, credited",
    )
    scene.show(cleo)


def overtaken(scene: Scene) -> None:
    """Another purchase wants the place that an open plan wanted."""
    dora = scene.world.customer("Dora")
    first = dora.confirm(dora.open(zone_plan("dora.example")), CHALLENGED)
    scene.say("Dora opens Pro for dora.example, and 3-D Secure takes a while")
    both = (
        NewItem(price_id=BUSINESS, object="zone:dora.example"),
        NewItem(price_id=PRO, object="zone:two.example"),
    )
    dora.buy(Start(items=both), VISA)
    scene.say("meanwhile her colleague buys Business for dora.example and Pro for two.example")
    first = dora.confirm(first)
    scene.prove(
        first.state is AttemptState.FAILED,
        "her payment was closed before that one opened: it cannot be made any more",
    )
    scene.prove((len(dora.charges()), dora.credit()) == (1, 0), "one charge, and nothing to give back")
    scene.prove(
        len(dora.subscriptions()) == 1 and dora.has("zone-business"), "one zone, one plan: the one committed"
    )
    scene.show(dora)


def renewal_meets_upgrade(scene: Scene) -> None:
    """The period ends while the customer has an upgrade open."""
    world, eli = scene.world, scene.world.customer("Eli")
    eli.buy(zone_plan("eli.example"), VISA)
    end = eli.subscription().period.end
    world.until(end)
    world.wait(days=27, hours=23, minutes=50)
    end = eli.subscription().period.end
    attempt = eli.confirm(eli.open(switch(eli.subscription(), BUSINESS)), CHALLENGED)
    scene.say(
        f"{int((end - world.now).total_seconds() // 60)} minutes before the period ends Eli opens an upgrade"
    )
    world.wait(minutes=15)
    scene.prove(
        eli.subscription().period.end == end, "the renewal waits: one attempt per subscription at a time"
    )
    eli.pass_challenge(attempt)
    attempt = eli.confirm(attempt)
    world.work()
    invoice = eli.invoices()[-1]
    scene.say(
        f"Eli passes 3-D Secure: {attempt.state}, {money(attempt.plan.due)} for the last minutes; renewed after"
    )
    scene.prove(
        eli.subscription().period.start == end, "then the renewal ran, from the stored end of the period"
    )
    scene.prove(
        invoice.total == BUSINESS_COSTS, f"at the new price: {invoice.number} over {money(invoice.total)}"
    )
    scene.show(eli)


def bank_debit(scene: Scene) -> None:
    """A bank debit is processing for days."""
    world, fay = scene.world, scene.world.customer("Fay")
    attempt = fay.confirm(fay.open(zone_plan("fay.example")), BANK_DEBIT)
    scene.say(f"Fay pays by bank debit: {attempt.state}")
    scene.prove(not fay.has("zone-pro"), "pending: held, not granted")
    world.wait(days=2)
    scene.prove(not fay.invoices() and not fay.has("zone-pro"), "two days later still nothing is committed")
    world.wait(days=1, minutes=5)
    scene.prove(
        fay.attempt(attempt).state is AttemptState.COMMITTED, "on the third day the bank says: succeeded"
    )
    scene.prove(fay.has("zone-pro") and len(fay.charges()) == 1, "granted with the money")
    scene.show(fay)


def odd_status(scene: Scene) -> None:
    """The bank answers with a status that nobody has mapped."""
    world, gus = scene.world, scene.world.customer("Gus")
    attempt = gus.confirm(gus.open(zone_plan("gus.example")), ODD_STATUS)
    scene.say("the bank answers “held_for_review”, a word that our adapter does not know")
    scene.prove(
        attempt.state is AttemptState.UNKNOWN, "what is not explicitly a success or a failure is unknown"
    )
    world.wait(hours=5)
    scene.prove(not gus.has("zone-pro") and not gus.invoices(), "asked again and again, granted never")
    world.banks.by_name["sandbox"].decide(str(attempt.ref), True, world.now)
    world.work()
    gus.card_becomes(VISA)
    scene.prove(
        gus.has("zone-pro") and len(gus.charges()) == 1, "the bank decides: succeeded, committed once"
    )
    scene.show(gus)


def declined_upgrade(scene: Scene) -> None:
    """An upgrade whose payment is declined."""
    hana = scene.world.customer("Hana")
    hana.buy(zone_plan("hana.example"), VISA)
    scene.world.wait(days=5)
    before = (hana.ledger(), hana.subscription(), len(hana.events()))
    attempt = hana.confirm(hana.open(switch(hana.subscription(), BUSINESS)), DECLINED)
    scene.say(f"Hana asks for Business; her bank says no: {attempt.cause}")
    scene.world.work()
    scene.prove(attempt.state is AttemptState.FAILED, "the attempt failed, and that is all that is written")
    scene.prove(
        before == (hana.ledger(), hana.subscription(), len(hana.events())), "not one fact has changed"
    )
    scene.prove(not hana.debt() and hana.has("zone-pro"), "no debt, and Pro goes on: nothing to take back")
    scene.show(hana)


def _given_up(scene: Scene, name: str) -> tuple[Customer, Attempt]:
    """An attempt in 3-D Secure that is given up because the bank's look-up does not know it yet."""
    world, customer = scene.world, scene.world.customer(name)
    line = world.banks.lines["sandbox"]
    attempt = customer.confirm(customer.open(zone_plan(f"{name.lower()}.example")), CHALLENGED)
    line.blind, world.polls = True, False
    world.wait(minutes=31)
    line.blind = False
    attempt = customer.attempt(attempt)
    scene.say(
        f"{name} is slow, and the bank's look-up lags: “never heard of it”, so the attempt {attempt.cause}"
    )
    scene.prove(attempt.state is AttemptState.FAILED, "given up after 30 minutes, nothing committed")
    return customer, attempt
