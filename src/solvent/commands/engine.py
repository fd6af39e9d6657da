"""Engine: its mode, as the command line shows and sets it.

Owns the words, and the input's check. Does not own what a mode means (`core.engine`).
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.account import Segment
from solvent.core.caps import CAPPED, Caps
from solvent.core.consequence import Consequence
from solvent.core.engine import Engine, Mode, broken_rule
from solvent.core.ids import InvalidId, parse
from solvent.store import engine as stored
from solvent.web.engine_views import EngineHistory
from solvent.web.handlers.engine import cap_view, engine_view
from solvent.wiring import Solvent

HISTORY_MAX = 20


def lines(solvent: Solvent, *, for_programs: bool = False) -> Iterator[str]:
    """What counts now, and what was set before."""
    with solvent.database.transaction() as connection:
        now, history = stored.read(connection), stored.history(connection, HISTORY_MAX)
        caps = stored.used(connection, solvent.clock())
    if for_programs:
        told = [engine_view(one) for one in history]
        yield as_json(EngineHistory(now=engine_view(now), caps=[cap_view(x) for x in caps], history=told))
        return
    yield f"now: {_said(now)}"
    yield from caps_said(caps)
    yield from (f"{one.set_at:%Y-%m-%d %H:%M} UTC: {_said(one)}" for one in history)


def caps_said(caps: Sequence[stored.Used]) -> Iterator[str]:
    """How far each cap is used, and who waits for it."""
    for used in caps:
        since = "" if used.oldest_due is None else f", the oldest owing since {used.oldest_due:%Y-%m-%d}"
        yield (
            f"cap on {used.consequence}: {used.taken} of {used.most} accounts until {used.ends_at:%Y-%m-%d %H:%M} UTC;"
            f" {used.waiting} wait{since}"
        )


def engine_of(  # noqa: PLR0913 - what a command line says, word by word
    mode: str,
    share: int,
    accounts: Sequence[str],
    segments: Sequence[str],
    excluded: Sequence[str],
    caps: Sequence[str] = (),
    cap_hours: int = 24,
    *,
    by: str,
    reason: str,
) -> Engine:
    """The mode behind these words."""
    if mode not in set(Mode):
        raise CommandError(f"MODE: must be one of {', '.join(Mode)}, got {mode!r}", USAGE)
    for segment in segments:
        if segment not in set(Segment):
            raise CommandError(
                f"--exclude-segment: must be one of {', '.join(Segment)}, got {segment!r}", USAGE
            )
    engine = Engine(
        mode=Mode(mode),
        share=share,
        accounts=tuple(_id(account, "--account") for account in accounts),
        excluded_segments=tuple(Segment(segment) for segment in segments),
        excluded_accounts=tuple(_id(account, "--exclude-account") for account in excluded),
        caps=Caps(accounts=dict(_cap(cap) for cap in caps), hours=cap_hours),
        by=by,
        reason=reason,
    )
    broken = broken_rule(engine)
    if broken is not None:
        raise CommandError(f"--{broken[0]}: {broken[1]}", USAGE)
    return engine


def apply(solvent: Solvent, engine: Engine) -> str:
    """Let it count from now on."""
    stored.set_mode(solvent.database.pool, engine, solvent.clock())
    return f"now: {_said(engine)}"


def _said(engine: Engine) -> str:
    what = str(engine.mode)
    if engine.mode is Mode.SHARE:
        what += f" {engine.share} %, {len(engine.accounts)} accounts by name"
    excluded = [*engine.excluded_segments, *(f"{n} accounts" for n in [len(engine.excluded_accounts)] if n)]
    without = f", without {', '.join(excluded)}" if excluded else ""
    named = ", ".join(f"{what} {most}" for what, most in engine.caps.accounts.items())
    capped = f", at most {named} in {engine.caps.hours} hours" if named else ""
    return f"{what}{without}{capped}; by {engine.by}: {engine.reason}"


def _cap(spelled: str) -> tuple[Consequence, int]:
    consequence, _, most = spelled.partition("=")
    if consequence not in CAPPED or not most.isascii() or not most.isdigit():
        raise CommandError(
            f"--cap: must be one of {', '.join(CAPPED)} and a number of accounts, as restrict=100, got {spelled!r}",
            USAGE,
        )
    return Consequence(consequence), int(most)


def _id(spelled: str, option: str) -> UUID:
    try:
        return parse("acc", spelled)
    except InvalidId as error:
        raise CommandError(f"{option}: {error}, got {spelled!r}", USAGE) from None
