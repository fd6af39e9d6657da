"""The bot check: whether whoever pays is a person, asked before an attempt is opened.

Owns what a check must be able to say. Does not own what follows from it (`flows.guarding`).
"""

from typing import Protocol
from uuid import UUID


class BotCheckSilent(Exception):
    """No answer, or none about the token: whoever asks decides what that means."""


class BotCheck(Protocol):
    """One bot check. `kind` says which part the page shows, `site_key` with which key."""

    @property
    def kind(self) -> str: ...

    @property
    def site_key(self) -> str | None: ...

    @property
    def lets_silence_pass(self) -> bool:
        """What no answer means: the merchant's decision."""
        ...

    def passes(self, token: str | None, address: str | None, key: UUID) -> bool:
        """Whether the token of the page's part is a person's. The same key may be asked again; raises
        `BotCheckSilent`."""
        ...
