"""Population: a few customers to look at after the first start.

Owns who they are and what they have bought. They come about through the same flows as everybody else, at the sandbox
bank. Does not own any rule.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from solvent.commands.console import CommandError
from solvent.core.account import Account, Segment
from solvent.core.attempt import Attempt
from solvent.core.request import Change, NewItem, Start
from solvent.flows.change import open_change
from solvent.flows.opening import Asked, confirm
from solvent.wiring import Solvent

VISA = "tok_4242424242424242"
ENTITY = "solvent-us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """One customer; with `own_clock` its time stands still until it is moved over the API."""

    name: str
    items: tuple[tuple[str, str, int], ...]  # price, object, quantity
    own_clock: bool = False


RESIDENTS = (
    Resident(name="Ada Lovelace", items=(("zone-pro-usd-month@1", "zone:ada.example", 1),)),
    Resident(name="Ben Franklin", items=(("zone-pro-trial-usd-month@1", "zone:ben.example", 1),)),
    Resident(
        name="Cleo de Merode",
        items=(("suite-usd-month@1", "account", 1), ("seats-usd-month@1", "account", 5)),
        own_clock=True,
    ),
)


def populate(solvent: Solvent) -> None:
    """Register the residents, and let each buy what it wants."""
    for resident in RESIDENTS:
        now = solvent.clock()
        account = _registered(solvent, resident, now)
        items = tuple(NewItem(price_id=p, object=o, quantity=q) for p, o, q in resident.items)
        _buy(solvent, account.id, Start(items=items), now)


def _registered(solvent: Solvent, resident: Resident, now: datetime) -> Account:
    account = Account(
        id=solvent.platform.ids.account(),
        segment=Segment.STANDARD,
        currency="USD",
        country="US",
        time_zone="UTC",
        email=f"{resident.name.split()[0].lower()}@example.com",
        name=resident.name,
        entity=ENTITY,
        test_now=now if resident.own_clock else None,
    )
    with solvent.platform.store.begin() as tx:
        tx.accounts.add(account, now)
    return account


def _buy(solvent: Solvent, account_id: UUID, change: Change, now: datetime) -> None:
    digest = blake2b(repr(change).encode(), digest_size=16).digest()
    asked = Asked(account_id=account_id, key="first-start", input_hash=digest)
    attempt = open_change(solvent.platform, asked, change, now)
    if not isinstance(attempt, Attempt):
        raise CommandError(f"the example customers cannot buy what the catalog sells: {attempt}")
    confirm(solvent.platform, attempt.id, VISA, now)
