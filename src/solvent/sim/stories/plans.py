"""Plans: downgrades, cancellations, credit and trials, as customers live through them.

Owns those stories. What costs less waits for the end of the paid period; what was paid and not used becomes credit.
"""

from solvent.core.payment import ActionKind, AttemptState
from solvent.core.request import CancelNow
from solvent.core.subscription import SubscriptionState
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import (
    BUSINESS,
    BUSINESS_COSTS,
    PRO,
    PRO_COSTS,
    PRO_TRIAL,
    VISA,
    switch,
    zone_plan,
)


def downgrade(scene: Scene) -> None:
    """A downgrade waits for the end of the paid period."""
    world, ada = scene.world, scene.world.customer("Ada")
    ada.buy(zone_plan("ada.example", BUSINESS), VISA)
    end = ada.subscription().period.end
    world.wait(days=10)
    attempt = ada.open(switch(ada.subscription(), PRO))
    scene.say(f"Ada asks for Pro instead of Business: {attempt.state}, nothing due")
    scene.prove(ada.has("zone-business"), f"Business stays until {end:%d %b}: it is paid for")
    scene.prove(
        ada.subscription().pending is not None, "the change is a pending one of our own, not the bank's"
    )
    world.until(end)
    scene.prove(
        ada.has("zone-pro") and not ada.has("zone-business"), "at the end of the period Pro took its place"
    )
    scene.prove(
        [i.total for i in ada.invoices()] == [BUSINESS_COSTS, PRO_COSTS], "renewed at the lower price"
    )
    scene.show(ada)


def credit(scene: Scene) -> None:
    """Cancelling with credit, and buying with it."""
    world, ben = scene.world, scene.world.customer("Ben")
    ben.buy(zone_plan("ben.example", BUSINESS), VISA)
    world.wait(days=15, hours=12)
    ben.open(CancelNow(subscription_id=ben.subscription().id, credit=True))
    unused = ben.credit()
    scene.say("in the middle of the month Ben cancels Business at once, with credit for the unused half")
    scene.prove(unused == BUSINESS_COSTS // 2, f"{money(unused)} of credit, nothing to use any more")
    scene.prove(not ben.grants(), "the entitlement ended with the subscription")
    attempt = ben.open(zone_plan("other.example"))
    scene.say("he starts Pro for another zone: the credit pays for it")
    scene.prove(
        attempt.state is AttemptState.COMMITTED and len(ben.charges()) == 1, "committed without a charge"
    )
    scene.prove(ben.credit() == unused - PRO_COSTS, f"{money(ben.credit())} of credit is left")
    world.wait(days=31)
    scene.prove(ben.credit() == unused - 2 * PRO_COSTS, "the next renewal is paid from it as well")
    scene.show(ben)


def redirect(scene: Scene) -> None:
    """The same purchase through a provider that redirects: another next action, the same sequence."""
    world, cleo = scene.world, scene.world.customer("Cleo")
    attempt = cleo.open(zone_plan("cleo.example"), provider="sandpal")
    assert attempt.action is not None
    scene.say(f"Cleo pays by SandPal: {attempt.state}, next action {attempt.action.kind}")
    scene.prove(attempt.action.kind is ActionKind.REDIRECT, "a redirect and 3-D Secure are one state")
    cleo.approve(attempt)
    scene.prove(not cleo.has("zone-pro"), "approved at the provider is not yet paid: nothing is granted")
    attempt = cleo.confirm(attempt)
    scene.prove(
        attempt.state is AttemptState.COMMITTED and cleo.has("zone-pro"), "captured on return: committed"
    )
    world.until(cleo.subscription().period.end)
    scene.prove(len(cleo.charges()) == 2 and not cleo.debt(), "renewed on the agreement, by our own clock")
    scene.show(cleo)


def trial(scene: Scene) -> None:
    """A trial needs a mandate and no money, and turns into a paid subscription by itself."""
    world, dora = scene.world, scene.world.customer("Dora")
    attempt = dora.open(zone_plan("dora.example", PRO_TRIAL))
    scene.say(f"Dora tries Pro: {money(attempt.plan.due)} due, but a card must be confirmed: {attempt.state}")
    attempt = dora.complete(attempt)
    (subscription,) = dora.subscriptions()
    scene.prove(subscription.state is SubscriptionState.TRIALING, "the proof is a confirmed setup: trialing")
    scene.prove(not dora.invoices() and not dora.charges(), "no invoice, no charge")
    world.until(subscription.period.end)
    scene.prove(dora.subscription().state is SubscriptionState.ACTIVE, "after 14 days: active")
    scene.prove([i.total for i in dora.invoices()] == [PRO_COSTS], f"first invoice: {money(PRO_COSTS)}, paid")
    scene.show(dora)
