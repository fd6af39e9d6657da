"""Engine: whose consequences are applied, and whose are only written down.

Owns the mode that the merchant has set (off, observe, a share of accounts, on), who is excluded, the caps that go with
it, and which accounts a share holds: stable by account, so that a growing share only adds. Does not own what is
withheld from a decision (`valves`), what a cap is (`caps`), nor how a mode is stored.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from solvent.core import caps
from solvent.core.account import Account, Segment
from solvent.core.caps import NO_CAPS, Caps

SHARES = (5, 10, 25, 50, 100)
EVERYBODY = 100


class Mode(StrEnum):
    """OFF: accounts wait, nothing is looked at. OBSERVE: decisions are written, and not applied. SHARE: applied to some
    accounts, and written of the others. ON: applied to all."""

    OFF = "off"
    OBSERVE = "observe"
    SHARE = "share"
    ON = "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What was set last: by whom, why and when. With SHARE the engine acts on `share` percent of all accounts, and on
    `accounts` beside them. On the excluded it never acts. `caps` bound what begins within a window of time."""

    mode: Mode = Mode.ON
    share: int = 0
    accounts: tuple[UUID, ...] = ()
    excluded_segments: tuple[Segment, ...] = ()
    excluded_accounts: tuple[UUID, ...] = ()
    caps: Caps = NO_CAPS
    by: str = "installation"
    reason: str = "as shipped"
    set_at: datetime | None = None

    def passive(self, account: Account) -> str | None:
        """Why nothing is applied to an account; None: the engine acts on it."""
        if account.segment in self.excluded_segments or account.id in self.excluded_accounts:
            return f"the account is excluded by {self.by}: {self.reason}"
        if self.mode is Mode.ON or (self.mode is Mode.SHARE and self._in_share(account.id)):
            return None
        return "the engine only observes the account"

    def _in_share(self, account_id: UUID) -> bool:
        return account_id in self.accounts or place(account_id) < self.share


def place(account_id: UUID) -> int:
    """Where an account stands between 0 and 99, whatever its bucket and age: a share holds those below it."""
    digest = blake2b(account_id.bytes, digest_size=8, person=b"rollout").digest()
    return int.from_bytes(digest, "big") % EVERYBODY


def broken_rule(engine: Engine) -> tuple[str, str] | None:
    """The field and the rule that a setting breaks; None: it may be set."""
    if engine.mode is Mode.SHARE and not engine.accounts and engine.share not in SHARES:
        return "share", f"must be one of {', '.join(map(str, SHARES))} percent, or accounts must be named"
    if engine.mode is Mode.SHARE and engine.share not in (0, *SHARES):
        return "share", f"must be one of {', '.join(map(str, SHARES))} percent"
    if engine.mode is not Mode.SHARE and (engine.share or engine.accounts):
        return "share", "goes with the mode share alone"
    return caps.broken_rule(engine.caps)
