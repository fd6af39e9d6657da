"""Demo cart: a cart of the example customer's, to be paid at the sandbox bank.

Owns what is in it. It comes about through the same flow as every cart; a new one at each start, for the last one may
have been paid. Does not own the customer (`population`), nor the page.
"""

from uuid import UUID

from solvent.cart_links import CartLinks
from solvent.config import Settings
from solvent.core.account import Account
from solvent.core.cart import LASTS, Cart, CartLine
from solvent.core.ids import bucket_of
from solvent.flows.cart import keep
from solvent.wiring import Solvent

WANTED = (
    ("platform-usd-month@1", "account", 1),
    ("seats-usd-month@1", "account", 3),
    ("domain-com-usd-year@1", "domain:ada-lovelace.com", 1),
    ("onboarding-usd@1", "account", 1),
)


def demo_cart(solvent: Solvent, settings: Settings, account: Account) -> str | None:
    """The address of the page of a new cart; None: the customer has bought these things, or cannot."""
    draw, bucket = solvent.platform.ids.draw, bucket_of(account.id)
    now, cart_id = solvent.clock(), draw(bucket)
    cart = Cart(
        id=cart_id,
        account_id=account.id,
        version=1,
        lines=tuple(CartLine(id=draw(bucket), price_id=p, object=o, quantity=q) for p, o, q in WANTED),
        created_at=now,
        expires_at=now + LASTS,
    )
    kept = keep(solvent.platform, cart, f"demo:{cart_id}", UUID(int=0).bytes, now)
    if not isinstance(kept, Cart):
        return None
    links = CartLinks(settings, solvent.database)
    return links.url(links.token(kept, now))
