"""Trying: what another policy would have done with recorded history, compared with the one in effect.

Owns the walk over all accounts and the sums of both. Changes nothing. Does not own the walk of one account
(`core.replay`) nor the reading.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from solvent.core.account import Segment
from solvent.core.free import with_free
from solvent.core.history import Window
from solvent.core.policy import Policy
from solvent.core.policy_book import Edition, PolicyBook
from solvent.core.replay import Sum, Trial, befallen, replay
from solvent.flows.platform import Platform, traced
from solvent.ports.history import Histories

_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An account that would have fared otherwise, in the words of `core.replay`; `tries` before and after."""

    account_id: UUID
    segment: Segment
    before: tuple[str, ...]
    after: tuple[str, ...]
    tries: tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Comparison:
    """The policies in effect (`before`) and those that were tried (`after`); of the accounts that would have fared
    otherwise the number, and the first ones."""

    window: Window
    before: Sum = field(default_factory=Sum)
    after: Sum = field(default_factory=Sum)
    differing: int = 0
    accounts: list[Difference] = field(default_factory=list)


@traced("try_policies")
def try_policies(
    platform: Platform,
    histories: Histories,
    tried: Mapping[Segment, Policy],
    window: Window,
    accounts_max: int,
) -> Comparison:
    """Replay the history of all accounts of these segments; names at most `accounts_max` of those that differ."""
    catalog = platform.store.catalog()
    candidates = PolicyBook(
        editions={s: (Edition(effective_from=_ALWAYS, policy=p),) for s, p in tried.items()}
    )
    in_effect = Trial(policies=catalog.policies, base=platform.policy, window=window)
    other = Trial(policies=with_free(candidates, catalog), base=platform.policy, window=window)
    found = Comparison(window=window)
    for difference in _walk(found, histories, in_effect, other, tried):
        found.differing += 1
        if len(found.accounts) < accounts_max:
            found.accounts.append(difference)
    return found


def _walk(
    found: Comparison, histories: Histories, in_effect: Trial, other: Trial, tried: Mapping[Segment, Policy]
) -> Iterator[Difference]:
    """Add up both courses of every account; those that differ."""
    for history in histories.read(tuple(tried), in_effect.window):
        before, after = replay(history, in_effect), replay(history, other)
        found.before.add(history, before)
        found.after.add(history, after)
        if (befallen(before), before.tries) != (befallen(after), after.tries):
            yield Difference(
                account_id=history.account_id,
                segment=history.segment,
                before=befallen(before),
                after=befallen(after),
                tries=(before.tries, after.tries),
            )
