"""Signing: the keys of entitlement tokens, rotated and listed.

Owns the words. Does not own the keys (`store.signing_keys`) nor which one signs when (`core.signing`).
"""

from rich import box
from rich.table import Table

from solvent.commands.console import CommandError
from solvent.core.signing import published, signer
from solvent.store.signing_keys import KeyWaitsError, SigningKeys
from solvent.wiring import Solvent


def rotate(solvent: Solvent, *, at_once: bool) -> str:
    """Make a further key; returns what became of it."""
    try:
        made = _keys(solvent).rotate(solvent.clock(), at_once=at_once)
    except KeyWaitsError as error:
        raise CommandError(
            f"{error}; --at-once makes a key that signs now and withdraws all others"
        ) from None
    return f"key {made.kid} is published, and signs from {made.signs_from:%Y-%m-%d %H:%M:%S} UTC"


def signing_table(solvent: Solvent) -> Table:
    """All keys that are kept, in the order in which they sign."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for column in ("kid", "made", "signs from", "state", "protected"):
        table.add_column(column, no_wrap=column == "kid")
    now, keys = solvent.clock(), _keys(solvent).all()
    times = [key.times for key in keys]
    signing, about = signer(times, now), published(times, now)
    for key in keys:
        one = key.times
        waits = "next" if one.signs_from > now else "published"
        state = "signs" if one == signing else waits if one in about else "over"
        table.add_row(
            one.kid,
            f"{one.made_at:%Y-%m-%d %H:%M}",
            f"{one.signs_from:%Y-%m-%d %H:%M}",
            state,
            "yes" if key.protected else "[warn]no[/]",
        )
    return table


def _keys(solvent: Solvent) -> SigningKeys:
    secret = solvent.settings.secret
    return SigningKeys(solvent.database.pool, secret.get_secret_value() if secret else None)
