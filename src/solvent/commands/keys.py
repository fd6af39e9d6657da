"""Keys: making, listing and revoking API keys.

Owns the check of the scopes asked for, and the words. Does not own the keys (`store.keys`) nor what a scope allows.
"""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.ids import InvalidId, parse, spell
from solvent.store.keys import Keys
from solvent.web.endpoint import Scope
from solvent.wiring import Solvent


def create(solvent: Solvent, label: str, scopes: Sequence[str]) -> str:
    """A new key; returns its secret, which cannot be shown again."""
    known = [scope.value for scope in Scope]
    for scope in scopes:
        if scope not in known:
            raise CommandError(f"--scope: must be one of {', '.join(known)}, got {scope!r}", USAGE)
    return _keys(solvent).create(label, scopes, solvent.clock())


def revoke(solvent: Solvent, key_id: str) -> None:
    """End a key."""
    try:
        identifier = parse("key", key_id)
    except InvalidId as error:
        raise CommandError(f"KEY_ID: {error}, got {key_id!r}", USAGE) from None
    if not _keys(solvent).revoke(identifier, solvent.clock()):
        raise CommandError(f"no key {key_id} that could be revoked")


def key_list(solvent: Solvent) -> str:
    """The same as `key_table`, for programs."""
    return as_json(
        [
            {
                "id": spell("key", record.key.id),
                "label": record.key.label,
                "scopes": sorted(record.key.scopes),
                "created_at": record.created_at,
                "revoked_at": record.revoked_at,
            }
            for record in _keys(solvent).records()
        ]
    )


def key_table(solvent: Solvent) -> Table:
    """All keys, oldest first, without their secrets."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for column in ("id", "label", "scopes", "created", "revoked"):
        table.add_column(column, no_wrap=column == "id")
    for record in _keys(solvent).records():
        revoked = "" if record.revoked_at is None else f"[warn]{record.revoked_at:%Y-%m-%d %H:%M}[/]"
        scopes = ", ".join(sorted(record.key.scopes))
        created = f"{record.created_at:%Y-%m-%d %H:%M}"
        table.add_row(spell("key", record.key.id), record.key.label, scopes, created, revoked)
    return table


def _keys(solvent: Solvent) -> Keys:
    return Keys(solvent.database.pool, solvent.platform.ids)
