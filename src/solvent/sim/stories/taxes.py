"""Stories of tax: the same purchase by a company in another country, and by a consumer.

Owns how they are told. Does not own any rule of tax (`core.tax`), nor the example's rates and registrations.
"""

from solvent.core.change import CancelNow
from solvent.core.ledger import TAX_PAYABLE
from solvent.core.tax import Buyer
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import PRO_EUR, VISA, zone_plan


def two_buyers(scene: Scene) -> None:
    """Reverse charge and VAT on one price; a cancellation gives the tax back as it was charged."""
    company = Buyer(country="DE", tax_id="DE136695976")
    inge = scene.world.customer("Inge", currency="EUR", entity="solvent-eu", buyer=company)
    claire = scene.world.customer("Claire", currency="EUR", entity="solvent-eu", country="FR")
    scene.say("Solvent Europe is at home in the Netherlands and registered in the One Stop Shop")
    for customer in (inge, claire):
        plan = customer.quote(zone_plan(f"{customer.name.lower()}.example", PRO_EUR))
        (share,) = plan.lines[0].taxes
        scene.step("plan", f"{customer.name}, {customer.account.country}: {share.explanation}")
        attempt = customer.buy(zone_plan(f"{customer.name.lower()}.example", PRO_EUR), VISA)
        (invoice,) = customer.invoices()
        scene.step("commit", f"{invoice.number} over {money(invoice.total, 'EUR')}: {invoice.state}")
        scene.prove(
            invoice.total == plan.due == attempt.plan.due == sum(x.gross for x in customer.lines(invoice)),
            "quote = invoice = charge, with tax",
        )
    scene.prove(
        [i.tax for c in (inge, claire) for i in c.invoices()] == [0, 380],
        "the company owes the tax itself, the consumer pays 20 % in France",
    )
    scene.world.wait(days=4)
    claire.open(CancelNow(subscription_id=claire.subscription().id, credit=True))
    credit, owed = claire.credit(), -claire.ledger().get((TAX_PAYABLE, "EUR"), 0)
    scene.say(f"Claire cancels after four days and has {money(credit, 'EUR')} of credit, its tax included")
    scene.prove(0 < owed < 380, f"of the tax, {money(owed, 'EUR')} stay owed for the days that were used")
    scene.world.work()
    scene.show(claire)
