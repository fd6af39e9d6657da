"""Acts: what the customers of these tests ask for, and the cards with which they pay."""

from collections.abc import Callable

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line, LineKind
from solvent.core.request import NewItem, Start, SwitchPrice
from solvent.sim import Customer
from solvent.store.laws import violations
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

GOOD = "4242424242424242"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
EXPIRED = "4000000000000069"
CHALLENGED = "4000002500003155"
DEBIT = "000123456789"
ODD = "4000000000017709"
TWICE = "4000000000018889"
DECLINED_LATER = "4000000000000341"
REFUNDS_LATER = "4000000000007726"
REFUNDS_REFUSED = "4000000000005126"
REFUNDS_RETURNED = "4000000000005159"


def zone(name: str = "example.com", product: str = "zone-pro", currency: str = "USD") -> Start:
    """A plan for a zone, $20.00 a month unless another product or currency is named."""
    return Start(items=(NewItem(price_id=price(product, currency), object=f"zone:{name}"),))


def switch(customer: Customer, product: str) -> SwitchPrice:
    """Another product for the only item of the customer's only subscription."""
    subscription = customer.subscription()
    return SwitchPrice(
        subscription_id=subscription.id, item_id=subscription.items[0].id, price_id=price(product)
    )


def manual(amount: int) -> tuple[Line, ...]:
    """The line of an invoice that the merchant writes."""
    return (Line(kind=LineKind.MANUAL, description="Advice", amount=amount, explanation="as agreed"),)


def rename(world: FragileWorld, customer: Customer, price_id: str) -> None:
    """Somebody writes another price into what the customer's items were booked as, by hand."""
    with world.database.pool.connection() as connection:
        connection.execute("update item set booked_price = %s where account_id = %s", (price_id, customer.id))


def spoil(world: FragileWorld, attempt: Attempt) -> None:
    """Somebody writes a price that nobody knows into an attempt's plan, by hand: it can no longer be settled."""
    _rewrite(world, attempt, price("zone-pro"), "gone@1")


def mend(world: FragileWorld, attempt: Attempt) -> None:
    """The plan is as it was."""
    _rewrite(world, attempt, "gone@1", price("zone-pro"))


def _rewrite(world: FragileWorld, attempt: Attempt, before: str, after: str) -> None:
    query = "update attempt set plan = replace(plan::text, %s, %s)::json where id = %s"
    with world.database.pool.connection() as connection:
        connection.execute(query, (before, after, attempt.id))


def put_off(world: FragileWorld) -> int:
    """How much is put off, as the law counts it."""
    with world.database.pool.connection() as connection:
        return sum(n for law, n in violations(connection, world.now) if "put off" in law.says)


def until_idle(step: Callable[[], int], rounds_max: int = 50) -> None:
    """Take a step again until it finds nothing to do, a bounded number of times."""
    assert any(not step() for _ in range(rounds_max)), (
        f"there is still something to do after {rounds_max} rounds"
    )
