"""Cart links: addresses at which a customer sees, changes and pays a cart.

Owns where they lead and which cart a token reaches. Does not own their proof (`core.cart_token`), the page, nor the
payment (`flows.checkout`).
"""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from solvent.config import Settings
from solvent.core.cart import Cart
from solvent.core.cart_token import cart_token, read_cart_token
from solvent.store.database import Database
from solvent.store.link_keys import LinkKeys


class CartLinks:
    """Makes and reads links to the carts of one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.base = settings.base_url
        self._keys = LinkKeys(database.pool, settings.secret_text)

    def token(self, cart: Cart, now: datetime) -> str:
        """The token of a cart, always the same."""
        return cart_token(cart, self._keys.key(now))

    def digest(self, text: str, now: datetime) -> bytes:
        """What stands for a text without saying it: nobody can tell it without our key."""
        return blake2b(text.encode(), key=self._keys.key(now), digest_size=16).digest()

    def url(self, token: str) -> str:
        """The hosted page of a cart."""
        return f"{self.base}/checkout/{token}"

    def read(self, token: str, now: datetime) -> UUID | None:
        """The cart that a token reaches."""
        return read_cart_token(token, self._keys.key(now), now)
