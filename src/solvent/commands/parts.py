"""Parts: what commands work with, for as long as a block.

Owns the opening and closing of the database and of all parts of Solvent. Does not own the settings (`settings`) nor
where the database is (`place`). What only some commands need is loaded by them: help is fast.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from solvent import logs

if TYPE_CHECKING:
    from solvent.config import Settings
    from solvent.wiring import Solvent


@contextmanager
def opened(*, migrated: bool = True) -> "Iterator[tuple[Settings, str]]":
    """The settings and the database's address; an embedded server runs for as long as the block."""
    from solvent.commands import place, settings  # noqa: PLC0415 - what only some commands need is loaded by them: help is fast

    chosen = settings.load()
    logs.configure(chosen.log_format)
    with place.database(chosen, migrated=migrated) as url:
        yield chosen, url


@contextmanager
def built(*, watched: bool = False) -> "Iterator[Solvent]":
    """All parts of Solvent in this process, on the database; `watched`, it counts what it does."""
    from solvent.wiring import build  # noqa: PLC0415 - as above

    with opened() as (chosen, url), closing(build(chosen, url, watched=watched)) as solvent:
        yield solvent
