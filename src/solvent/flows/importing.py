"""Importing: what customers agreed on at a provider, before it was reached through us, as collection methods.

Owns the way from an agreement's name to a method: a setup like any other, confirmed by that name in the customer's
place (decision 0082); and that a second time is the first. Nothing else of the account is touched. Does not own what
a confirmed setup leads to (`settle`), nor files (`commands.importing`).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.payment import CAUSE_CLASS, AttemptState, CauseClass, FailureCause
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod
from solvent.flows.change import open_change
from solvent.flows.opening import Asked, Conflict, confirm
from solvent.flows.platform import Platform, traced

SETUPS_MAX = 20  # of one agreement, one after the other: each was given up before it was confirmed
_OVER = frozenset({CauseClass.OUTAGE, CauseClass.ABANDONED})  # says nothing of the agreement


class ImportState(StrEnum):
    """What became of one agreement."""

    IMPORTED = "imported"
    KNOWN = "known"  # it was imported before, whatever became of the method since
    REFUSED = "refused"
    UNANSWERED = "unanswered"  # nothing is lost or made twice when it is named again


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Whose it is, and the provider's name for it."""

    account_id: UUID
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of an agreement: why not, by the rule that forbids it or the cause that the provider names."""

    agreement: Agreement
    state: ImportState
    attempt_id: UUID | None = None
    cause: FailureCause | None = None
    refusal: Refusal | None = None


def import_methods(
    platform: Platform, provider: str, agreements: Sequence[Agreement], clock: Callable[[], datetime]
) -> Iterator[Imported] | Refusal:
    """In their order, each as it is asked for. While the provider does not answer, none is begun."""
    pattern = _pattern(platform, provider)
    if isinstance(pattern, Refusal):
        return pattern
    owners = defaultdict[str, set[UUID]](set)
    for each in agreements:
        owners[each.reference].add(each.account_id)

    def one(agreement: Agreement) -> Imported:
        refusal = _malformed(agreement, pattern, len(owners[agreement.reference]))
        if refusal is not None:
            return Imported(agreement=agreement, state=ImportState.REFUSED, refusal=refusal)
        if not platform.providers.answers(provider):
            return Imported(agreement=agreement, state=ImportState.UNANSWERED)
        return import_method(platform, provider, agreement, clock())

    return (one(agreement) for agreement in agreements)


@traced("import_method")
def import_method(platform: Platform, provider: str, agreement: Agreement, now: datetime) -> Imported:
    """Open a setup under a key of the agreement's own, and confirm it with its name."""
    opened = _opened(platform, provider, agreement, now)
    if isinstance(opened, Refusal):
        return Imported(agreement=agreement, state=ImportState.REFUSED, refusal=opened)
    attempt, new = opened
    if attempt.in_flight and attempt.ref is not None:
        confirmed = confirm(platform, attempt.id, agreement.reference, now)
        assert confirmed is not None, "it was in the journal"
        attempt, new = confirmed, True
    return Imported(
        agreement=agreement, state=_state(attempt, new=new), attempt_id=attempt.id, cause=attempt.cause
    )


def _pattern(platform: Platform, provider: str) -> str | Refusal:
    """How agreements of that provider are named."""
    names = platform.providers.names()
    there = {name: platform.providers.get(name).capabilities.imports for name in names}
    pattern = there.get(provider)
    if pattern is not None:
        return pattern
    able = ", ".join(name for name, imports in there.items() if imports is not None)
    return Refusal(
        field="provider", rule=f"must be one whose agreements can be imported: {able or 'none is'}"
    )


def _malformed(agreement: Agreement, pattern: str, owners: int) -> Refusal | None:
    if re.fullmatch(pattern, agreement.reference) is None:
        return Refusal(field="reference", rule=f"must be like {pattern}")
    if owners > 1:
        return Refusal(field="reference", rule="must be named for one account")
    return None


def _opened(
    platform: Platform, provider: str, agreement: Agreement, now: datetime
) -> tuple[Attempt, bool] | Refusal:
    """The setup of the agreement, and whether it is new: the one that was begun, or another where that was given up."""
    for number in range(SETUPS_MAX):
        asked = _asked(platform, provider, agreement, number)
        result = open_change(platform, asked, AddMethod(reference=agreement.reference), now)
        if isinstance(result, Conflict):
            return Refusal(field="reference", rule="must not be imported by somebody else at this moment")
        if isinstance(result, Refusal):
            return result
        if result.id == asked.id or not _given_up(result):
            return result, result.id == asked.id
    return Refusal(field="reference", rule=f"must not have been begun {SETUPS_MAX} times without an end")


def _asked(platform: Platform, provider: str, agreement: Agreement, number: int) -> Asked:
    key = f"import {provider} {agreement.reference} {number}"
    return Asked(
        account_id=agreement.account_id,
        key=key,
        input_hash=sha256(key.encode()).digest(),
        provider=provider,
        id=platform.ids.draw(bucket_of(agreement.account_id)),
    )


def _given_up(attempt: Attempt) -> bool:
    return (
        attempt.state is AttemptState.FAILED
        and attempt.cause is not None
        and CAUSE_CLASS[attempt.cause] in _OVER
    )


def _state(attempt: Attempt, *, new: bool) -> ImportState:
    if attempt.state is AttemptState.COMMITTED:
        return ImportState.IMPORTED if new else ImportState.KNOWN
    if attempt.in_flight or _given_up(attempt):
        return ImportState.UNANSWERED
    return ImportState.REFUSED
