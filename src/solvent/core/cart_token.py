"""Cart tokens: what the link to a cart carries, and that nobody else can have made it.

Owns what a token is bound to: one cart, and an end in time. It is made anew from the cart, so that none is stored.
Does not own the proof (`sealed`), the key, nor the page.
"""

from datetime import datetime
from uuid import UUID

from solvent.core.cart import READABLE, Cart
from solvent.core.sealed import moment_of, seal, seconds_bytes, unseal

VERSION = 1
_PURPOSE = b"cart"


def cart_token(cart: Cart, key: bytes) -> str:
    """The token of a cart: to be paid until the cart ends, to be read for some days more."""
    return seal(bytes([VERSION]) + cart.id.bytes + seconds_bytes(cart.expires_at + READABLE), _PURPOSE, key)


def read_cart_token(text: str, key: bytes, now: datetime) -> UUID | None:
    """The cart that a token reaches; None: it is forged, or over."""
    content = unseal(text, _PURPOSE, key)
    if content is None or content[0] != VERSION or now >= moment_of(content[17:22]):
        return None
    return UUID(bytes=content[1:17])
