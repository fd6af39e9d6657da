"""The five payment paths, each through the six steps: request, plan, open, confirm, commit, reconcile.

Owns how the paths are walked when nothing goes wrong (and, on the fifth, when a renewal is not paid at first).
"""

from collections.abc import Sequence

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import AttemptState
from solvent.core.snapshot import Standing
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import (
    BUSINESS,
    CHALLENGED,
    MASTERCARD,
    NO_FUNDS,
    PRO_COSTS,
    VISA,
    switch,
    zone_plan,
)
from solvent.store.figures import Happened

THREE_D_SECURE = "card 4000 0025 0000 3155: the bank wants 3-D Secure"


def purchase(scene: Scene) -> None:
    """Path 1: a new subscription, confirmed by the customer with 3-D Secure."""
    ada = scene.world.customer("Ada")
    change = zone_plan("ada.example")
    scene.step("request", "Ada asks for Pro on ada.example")
    plan = ada.quote(change)
    scene.step("plan", f"{plan.lines[0].explanation}; due now {money(plan.due)}")
    scene.prove(not ada.attempts(), "planning wrote nothing")
    attempt = ada.open(change)
    scene.step("open", f"one attempt in the journal, an intent at the bank; next action: {_action(attempt)}")
    attempt = ada.confirm(attempt, CHALLENGED)
    part = "her part is on the provider's page" if ada.approves_elsewhere else THREE_D_SECURE
    scene.step("confirm", f"{part}, so: {attempt.state}")
    scene.prove(not ada.has("zone-pro") and not ada.invoices(), "while that is open nothing is granted")
    ada.pass_challenge(attempt)
    attempt = ada.confirm(attempt)
    (invoice,) = ada.invoices()
    scene.step("commit", f"{invoice.number} over {money(invoice.total)}: {invoice.state}, in one transaction")
    scene.prove(
        attempt.state is AttemptState.COMMITTED and ada.has("zone-pro"), "paid, and therefore granted"
    )
    scene.prove(invoice.total == plan.total == plan.due, "the invoice is what was quoted, to the cent")
    scene.world.work()
    scene.step("reconcile", f"recomputed: {ada.standing()}; told: {_told(ada.events())}")
    scene.show(ada)


def upgrade(scene: Scene) -> None:
    """Path 2: an upgrade in the middle of a month, prorated to the second."""
    ben = scene.world.customer("Ben")
    ben.buy(zone_plan("ben.example"), VISA)
    scene.say(f"Ben has Pro for {money(PRO_COSTS)} a month")
    scene.world.wait(days=12, hours=6)
    change = switch(ben.subscription(), BUSINESS)
    scene.step("request", "Ben asks for Business instead, in the middle of the month")
    plan = ben.quote(change)
    for line in plan.lines:
        scene.step("plan", str(line.explanation))
    scene.step("plan", f"{' + '.join(money(line.amount) for line in plan.lines)} = due now {money(plan.due)}")
    attempt = ben.open(change, method=ben.snapshot().methods[0].id)
    scene.step("open", f"one attempt bound to version {ben.subscription().version}, with the card on file")
    attempt = ben.confirm(attempt)
    scene.step("confirm", f"Ben clicks once: {attempt.state}")
    invoice = ben.invoices()[-1]
    scene.step("commit", f"{invoice.number} over {money(invoice.total)}: {invoice.state}; Business at once")
    scene.prove(
        invoice.total == plan.due == sum(line.amount for line in plan.lines), "quote = invoice = charge"
    )
    scene.prove(ben.has("zone-business") and not ben.has("zone-pro"), "one plan replaced the other")
    scene.world.work()
    scene.step("reconcile", f"recomputed: {ben.standing()}; told: {_told(ben.events()[-2:])}")
    scene.show(ben)


def renewal(scene: Scene) -> None:
    """Path 3: a renewal, off-session: the period advances because its payment succeeded."""
    cleo = scene.world.customer("Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    before = cleo.subscription()
    scene.say(f"Cleo has Pro until {before.period.end:%d %b %H:%M}; nobody needs to click for what follows")
    scene.world.until(before.period.end)
    after, invoice, attempt = cleo.subscription(), cleo.invoices()[-1], cleo.attempts()[-1]
    scene.step("request", "our own billing clock finds the period over; there is no schedule at the bank")
    scene.step("plan", str(cleo.lines(invoice)[0].explanation))
    scene.step("open", f"an attempt over {money(attempt.amount)} in the journal, path {attempt.path}")
    scene.step("confirm", "the stored card, on the strength of the mandate from the purchase")
    scene.step("commit", f"{invoice.number} {invoice.state}; period {before.index} → {after.index}")
    scene.step("reconcile", f"recomputed: {cleo.standing()}; told: {_told(cleo.events()[-2:])}")
    scene.prove(after.period.start == before.period.end, "the periods meet without a gap")
    scene.prove(len(cleo.charges()) == 2 and not cleo.debt(), "two periods, two charges, nothing owed")
    scene.show(cleo)


def manual_invoice(scene: Scene) -> None:
    """Path 4: an invoice that the merchant writes, collected without the customer."""
    dora = scene.world.customer("Dora")
    dora.buy(zone_plan("dora.example"), VISA)
    scene.world.wait(days=3)
    line = Line(
        kind=LineKind.MANUAL,
        description="Migration of 40 zones",
        amount=120_000,
        explanation="3 days × 400.00 USD",
    )
    scene.step("request", f"the merchant writes: {line.description}, {line.explanation}")
    attempt = dora.receive_invoice((line,))
    invoice = dora.invoices()[-1]
    scene.step("plan", f"total {money(attempt.plan.total)}, credit used {money(attempt.plan.credit_used)}")
    scene.step("open", f"one attempt over {money(attempt.plan.due)}, path {attempt.plan.path}")
    scene.step("confirm", "the stored card, off-session")
    scene.step("commit", f"{invoice.number} over {money(invoice.total)}: {invoice.state}")
    scene.world.work()
    scene.step("reconcile", f"recomputed: {dora.standing()}; told: {_told(dora.events()[-1:])}")
    scene.prove(invoice.total == 120_000 and not dora.debt(), "one document, paid in full")
    scene.show(dora)


def collection(scene: Scene) -> None:
    """Path 5: a renewal that fails, grace, retries by the clock, and pay-now by the customer."""
    eli = scene.world.customer("Eli")
    eli.buy(zone_plan("eli.example"), VISA)
    eli.card_becomes(NO_FUNDS)
    scene.say("Eli's account at the bank is empty when the month ends")
    scene.world.until(eli.subscription().period.end)
    scene.prove(
        eli.standing() is Standing.GRACE and eli.has("zone-pro"), "not paid: grace, service continues"
    )
    scene.prove(eli.debt() == PRO_COSTS, f"{eli.invoices()[-1].number} stays open over {money(eli.debt())}")
    scene.world.wait(days=2, hours=1)
    failed = [x for x in eli.attempts() if x.state == "failed"]
    scene.say(f"our clock tried again after one day, and after two: {failed[-1].cause}")
    scene.prove(len(failed) == 2 and len(eli.charges()) == 1, "two scheduled retries, no money moved")
    answer = eli.pay_debt(MASTERCARD)
    scene.step("request", "Eli opens “pay now”")
    scene.step("plan", f"all that is owed: {money(answer.plan.due)}")
    scene.step("open", f"one on-session attempt, path {answer.plan.path}; the retries stand aside")
    scene.step("confirm", "with another card")
    scene.step(
        "commit", f"{eli.invoices()[-1].number} {eli.invoices()[-1].state}; {eli.events('grace')[-1].type}"
    )
    scene.world.work()
    scene.step("reconcile", f"recomputed: {eli.standing()}, the new card is on file for the next renewal")
    scene.prove(eli.standing() is Standing.GOOD and not eli.debt(), "paying lifted everything, at once")
    scene.prove(len(eli.charges()) == 2, "two periods, two charges")
    scene.show(eli)


def _action(attempt: Attempt) -> str:
    return "none" if attempt.action is None else str(attempt.action.kind)


def _told(events: Sequence[Happened]) -> str:
    return ", ".join(event.type for event in events)
