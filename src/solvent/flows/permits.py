"""Permits: who may go on although a consequence has a cap.

Owns the drawing: for accounts of which something waits for a permit alone, those whose debt is oldest first. A permit
that is drawn and then not needed is used up: the cap is the most that begins, not what does. Does not own the caps
(`core.caps`), nor what is done with a permit (`recompute`, `lapsing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from solvent.core.caps import Caps
from solvent.core.consequence import Consequence
from solvent.flows.platform import Platform

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An account for which these consequences wait, at its own present (UTC), and since when its debt is due."""

    account_id: UUID
    consequences: tuple[Consequence, ...]
    moment: datetime
    oldest_due: datetime | None


def draw(platform: Platform, caps: Caps, waiting: Iterable[Waiting]) -> Mapping[UUID, frozenset[Consequence]]:
    """The permits of those accounts that get any."""
    turns: dict[tuple[Consequence, datetime], list[UUID]] = {}
    for one in sorted(waiting, key=lambda w: (w.oldest_due or _LATEST, w.account_id)):
        for consequence in one.consequences:
            turns.setdefault((consequence, caps.begins_at(one.moment)), []).append(one.account_id)
    permits: dict[UUID, frozenset[Consequence]] = {}
    for (consequence, begins_at), accounts in sorted(turns.items()):
        with platform.store.begin() as tx:
            count = tx.permits.draw(consequence, begins_at, len(accounts), caps.accounts[consequence])
        for account_id in accounts[:count]:
            permits[account_id] = permits.get(account_id, frozenset()) | {consequence}
    return permits
