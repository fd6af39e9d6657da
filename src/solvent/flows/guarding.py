"""Guarding: what stands between an order to pay and a new attempt: limits against card testing, and the bot check.

Owns that both are asked before anything is opened, whichever page the customer is on, that a check which does not
answer decides as the merchant says, how often names may be looked for, and how often signing in may be tried. Does not
own the limits (`core.card_testing`) nor the check (a port).
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.card_testing import ADDRESS_WINDOW, SEARCH_WINDOW, WINDOW, Tries, too_often
from solvent.core.operator import TRIES_WINDOW
from solvent.core.plan import Refusal
from solvent.flows.opening import Asked
from solvent.flows.platform import Platform
from solvent.ports.bot_check import BotCheckSilent

NOT_A_PERSON = "bot_token"  # the field of a refusal by the bot check

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who orders: the bot check's token, and the address, for the check and as a digest for counting."""

    bot_token: str | None = None
    address: str | None = None
    digest: bytes | None = None


NOBODY = Visitor()


def stopped(
    platform: Platform,
    visitor: Visitor,
    asked: Asked,
    now: datetime,
    cart_id: UUID | None = None,
) -> Refusal | None:
    """The refusal of a new attempt of a customer, of a cart or by itself. A repetition opens none, and is not asked."""
    assert asked.id is not None, "whoever orders has drawn the attempt's id"
    with platform.store.look() as tx:
        known = tx.journal.by_key(asked.account_id, asked.key)
    if known is not None:
        return None
    with platform.store.begin() as tx:
        of_cart, of_account = tx.carts.declines(asked.account_id, cart_id, now - WINDOW)
        seen = 0 if visitor.digest is None else tx.carts.visited(visitor.digest, now, ADDRESS_WINDOW)
    tries = Tries(of_cart=of_cart, of_account=of_account, of_address=seen)
    return too_often(tries, platform.most_tries) or _checked(platform, visitor, asked.id)


def may_search(platform: Platform, digest: bytes, now: datetime) -> bool:
    """Whether a cart may have names looked for once more; counted under a digest, as addresses are."""
    with platform.store.begin() as tx:
        times = tx.carts.visited(digest, now, SEARCH_WINDOW)
    return times <= platform.most_tries.of_searches


def may_try(platform: Platform, digest: bytes, now: datetime, most: int) -> bool:
    """Whether signing in may be tried once more; counted under a digest, as addresses are."""
    with platform.store.begin() as tx:
        return tx.carts.visited(digest, now, TRIES_WINDOW) <= most


def _checked(platform: Platform, visitor: Visitor, key: UUID) -> Refusal | None:
    try:
        person = platform.bot_check.passes(visitor.bot_token, visitor.address, key)
    except BotCheckSilent as silence:
        person = platform.bot_check.lets_silence_pass
        log.warning("the bot check does not answer, which %s: %s", "passes" if person else "refuses", silence)
    if person:
        return None
    return Refusal(field=NOT_A_PERSON, rule="must be a person's: do the check again, and pay then")
