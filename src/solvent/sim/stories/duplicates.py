"""Duplicate money: whatever is clicked, sent or charged twice ends with one charge and one commit.

Owns those stories. Does not own what a lost answer or a crash leads to (`crashes`).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, StaleMoney
from solvent.core.request import AddItem, NewItem
from solvent.sim.customer import Customer
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import (
    BUSINESS,
    CHARGED_TWICE,
    NO_FUNDS,
    PRO,
    PRO_COSTS,
    VISA,
    switch,
    zone_plan,
)


def double_click(scene: Scene) -> None:
    """The same request, and the same confirmation, arrive twice at the same moment."""
    ada, change = scene.world.customer("Ada"), zone_plan("ada.example")
    with ThreadPoolExecutor(2) as browser:
        first, second = browser.map(lambda _: ada.open(change, key="one-click"), range(2))
        scene.say("two requests with one idempotency key reach two servers at once")
        scene.prove(first.id == second.id, "both are answered with the same attempt")
        confirmed = list(browser.map(lambda _: ada.confirm(first, VISA), range(2)))
    scene.say("the confirmation is clicked twice as well")
    scene.prove(all(a.state is AttemptState.COMMITTED for a in confirmed), "both answers say: committed")
    _one_purchase(scene, ada)


def two_tabs(scene: Scene) -> None:
    """Two tabs change the same subscription: the same plan is joined, another plan replaces the older one."""
    ben = scene.world.customer("Ben")
    ben.buy(zone_plan("ben.example"), VISA)
    scene.world.wait(days=10)
    left = ben.open(switch(ben.subscription(), BUSINESS))
    joined = ben.open(switch(ben.subscription(), BUSINESS))
    scene.prove(left.id == joined.id, "the same upgrade in a second tab joins the open attempt")
    another = AddItem(
        subscription_id=ben.subscription().id, item=NewItem(price_id=PRO, object="zone:second.example")
    )
    right = ben.ask(another)
    scene.say("a third tab asks for something else on the same subscription")
    scene.prove(isinstance(right, Attempt), "the newer wish gets the attempt")
    left = ben.attempt(left)
    scene.prove(left.state is AttemptState.FAILED, f"the older one was given up at the bank: {left.cause}")
    assert isinstance(right, Attempt)
    ben.complete(right)
    scene.prove(ben.confirm(left, VISA).state is AttemptState.FAILED, "confirming the old tab moves no money")
    scene.prove(len(ben.charges()) == 2, "the purchase and one change: two charges, no third")
    scene.show(ben)


def notification_thrice(scene: Scene) -> None:
    """Every notification is delivered three times."""
    cleo, post = scene.world.customer("Cleo"), scene.world.banks.post
    post.copies = 3
    cleo.buy(zone_plan("cleo.example"), VISA)
    scene.say("the bank sends each notification three times")
    scene.prove(scene.world.deliver() >= 3, "all of them arrived")
    scene.world.work()
    _one_purchase(scene, cleo)


def notification_first(scene: Scene) -> None:
    """The notification of a success is processed before the reply to the call that caused it."""
    dora, line = scene.world.customer("Dora"), scene.world.banks.lines["sandbox"]
    attempt = dora.open(zone_plan("dora.example"))
    line.before_reply = scene.world.work
    scene.say("the bank has charged; its notification overtakes its own reply")
    attempt = dora.confirm(attempt, VISA)
    scene.prove(
        attempt.state is AttemptState.COMMITTED,
        "committed by whichever came first; the other changed nothing",
    )
    _one_purchase(scene, dora)


def notification_late(scene: Scene) -> None:
    """A notification arrives two days late, when everything is long done."""
    eli, post = scene.world.customer("Eli"), scene.world.banks.post
    post.held = True
    eli.buy(zone_plan("eli.example"), VISA)
    scene.world.wait(days=2)
    before = (eli.ledger(), len(eli.events()))
    post.held = False
    scene.say(f"{len(post.waiting)} notifications arrive two days late")
    scene.world.work()
    scene.prove(
        before == (eli.ledger(), len(eli.events())), "they change nothing: the facts were there already"
    )
    _one_purchase(scene, eli)


def pay_now_beside_retry(scene: Scene) -> None:
    """The customer pays a debt while the clock is about to try it again, and the other way round."""
    world, finn = scene.world, scene.world.customer("Finn")
    finn.buy(zone_plan("finn.example"), VISA)
    finn.card_becomes(NO_FUNDS)
    world.until(finn.subscription().period.end)
    invoice = finn.open_invoices()[0]
    world.wait(hours=23, minutes=50)
    paying = finn.open_debt(invoice.id)
    scene.say("ten minutes before the scheduled retry Finn opens “pay now”")
    world.wait(minutes=15)
    scene.prove(
        isinstance(paying, Attempt) and len(finn.attempts()) == 3, "the retry found the debt taken, and waits"
    )
    world.wait(days=1)
    finn.card_becomes(VISA)
    world.banks.lines["sandbox"].script(charge="lost_reply")
    scene.say("Finn walks away. The next retry charges him, but the bank's reply is lost")
    world.wait(minutes=30)
    world.banks.lines["sandbox"].script()
    scene.prove(not finn.debt() and len(finn.charges()) == 2, "looked up, one charge, one commit")
    scene.show(finn)


def pay_now_while_unknown(scene: Scene) -> None:
    """While nobody knows whether a retry succeeded, nothing else may be charged for the same debt."""
    world, gus = scene.world, scene.world.customer("Gus")
    gus.buy(zone_plan("gus.example"), VISA)
    gus.card_becomes(NO_FUNDS)
    world.until(gus.subscription().period.end)
    gus.card_becomes(VISA)
    line, world.polls = world.banks.lines["sandbox"], False
    line.script(charge="lost_reply", get="timeout timeout timeout")
    world.banks.post.held = True
    world.wait(days=1)
    invoice = gus.open_invoices()[0]
    answer = gus.open_debt(invoice.id)
    scene.say("a retry ended in silence: paid or not? Gus clicks “pay now”")
    scene.prove(
        isinstance(answer, Attempt) and answer.off_session and answer.state is AttemptState.UNKNOWN,
        "he is shown the retry under way; no second attempt is opened",
    )
    world.wait(hours=1)
    scene.prove(
        not gus.debt() and len(gus.charges()) == 2, "the bank was asked until it answered: one charge"
    )
    world.banks.post.held = False
    scene.show(gus)


def charged_twice(scene: Scene) -> None:
    """The bank makes a mistake of its own and charges twice; policy here is to refund such money."""
    world, hana = scene.world, scene.world.customer("Hana")
    policy = replace(world.platform.policy, stale_money=StaleMoney.REFUND)
    world.platform = replace(world.platform, policy=policy)
    hana.buy(zone_plan("hana.example"), CHARGED_TWICE)
    scene.prove(len(hana.charges()) == 2, f"the bank's statement shows {money(PRO_COSTS)} twice")
    world.work()
    stranded = hana.events("payment.stranded")
    scene.prove(len(stranded) == 1, f"the second was found and told: {stranded[0].data['reason']}")
    world.wait(minutes=30)
    returned = [row for row in world.banks.by_name["sandbox"].statement() if row.kind == "refund"]
    scene.prove([row.amount for row in returned] == [-PRO_COSTS], "it was refunded")
    scene.prove(hana.ledger()["cash:sandbox", "USD"] == PRO_COSTS, "the ledger keeps what one plan costs")
    scene.show(hana)


def _one_purchase(scene: Scene, customer: Customer) -> None:
    """One charge at the bank, one invoice, one commit."""
    scene.world.work()
    scene.prove(len(customer.charges()) == 1, f"the bank charged once: {money(customer.charges()[0].amount)}")
    scene.prove(len(customer.invoices()) == 1, f"one invoice: {customer.invoices()[0].number}")
    scene.prove(len(customer.events("subscription.started")) == 1, "one commit, told once")
    scene.show(customer)
