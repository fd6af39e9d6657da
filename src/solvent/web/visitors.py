"""Visitors: who orders to pay, as far as a connection, our own proxies and the bot check of a page say.

Owns the way from a request to a `Visitor`. Does not own limits (`core.card_testing`), nor what they lead to
(`flows.guarding`).
"""

from collections.abc import Mapping

from solvent.cart_links import CartLinks
from solvent.core.card_testing import counted_as
from solvent.flows.guarding import Visitor
from solvent.web.cors import address_of
from solvent.web.endpoint import Call

BOX = "bot"  # the field of a form that the sandbox's box is
WIDGET = "cf-turnstile-response"  # the one that Turnstile adds


def visitor_of(call: Call, bot_token: str | None) -> Visitor:
    """Who sent a request. Addresses are counted under a digest that nobody can read without our key."""
    address = address_of(call.environ, call.solvent.settings.proxies)
    links = CartLinks(call.solvent.settings, call.solvent.database)
    digest = None if address is None else links.digest(counted_as(address), call.now)
    return Visitor(bot_token=bot_token, address=address, digest=digest)


def digest_of(call: Call, what: str, *, of_address: bool = True) -> bytes:
    """What is counted under: what somebody of this address tries, or (also where no address is known) anybody."""
    address = address_of(call.environ, call.solvent.settings.proxies) if of_address else None
    links = CartLinks(call.solvent.settings, call.solvent.database)
    return links.digest(what if address is None else f"{what} {counted_as(address)}", call.now)


def token_in(sent: Mapping[str, str]) -> str | None:
    """What the bot check's part of a form gave."""
    return sent.get(WIDGET) or sent.get(BOX) or None
