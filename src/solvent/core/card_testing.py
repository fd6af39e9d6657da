"""Card testing: how often somebody may try before trying looks like guessing.

Owns the limits, what counts as one address, what an order to pay is refused for, and how long one waits then. Does not
own the counting (the journal, and addresses).
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from solvent.core.plan import Refusal

WINDOW = timedelta(hours=1)
ADDRESS_WINDOW = timedelta(minutes=10)
SEARCH_WINDOW = timedelta(minutes=1)
TOO_OFTEN = "attempts"  # the field of a refusal for trying too often
FROM_ADDRESS = Refusal(field=TOO_OFTEN, rule="too many from this address: wait ten minutes and try again")
DECLINED = Refusal(
    field=TOO_OFTEN, rule="too many payments were declined: wait an hour, or ask for an invoice"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Declines of a cart, where there is one, and of its account within `WINDOW`; orders of an address within
    `ADDRESS_WINDOW`."""

    of_cart: int
    of_account: int
    of_address: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """How many there may be; `of_searches`: for names, by one cart within `SEARCH_WINDOW`."""

    of_cart: int = 10
    of_account: int = 20
    of_address: int = 60
    of_searches: int = 60


MOST = Most()
NETWORK_BITS = 64  # of IPv6: what one connection is given, so whoever has one has 2^64 addresses


def counted_as(address: str) -> str:
    """What orders of an address are counted under: of IPv6 its network; what is no address stands for itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, NETWORK_BITS), strict=False))


def too_often(tries: Tries, most: Most) -> Refusal | None:
    """The refusal of one more, with the way out."""
    if tries.of_address > most.of_address:
        return FROM_ADDRESS
    if tries.of_cart >= most.of_cart or tries.of_account >= most.of_account:
        return DECLINED
    return None


def wait(refusal: Refusal) -> timedelta:
    """After how long whoever was refused so can try again for certain."""
    return ADDRESS_WINDOW if refusal == FROM_ADDRESS else WINDOW
