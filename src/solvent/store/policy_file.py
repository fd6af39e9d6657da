"""Policy file: what the merchant decides for a segment's accounts, in YAML.

Owns the format, its errors, which name the field by its path, and the form in which editions are stored. Durations are
text (``"5d"``, ``"12h"``, ``"10m"``), amounts text in major units. Does not own the rules of a policy
(`core.policy_rules`) nor what applying it does (`policies`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from solvent.core.account import Segment
from solvent.core.catalog import CatalogError
from solvent.core.expiry import ExpiryNotice
from solvent.core.ladder import (
    Channel,
    Ends,
    Fate,
    Ladder,
    Lift,
    Measure,
    Rung,
    Schedule,
    Scope,
    Trouble,
    Unpaid,
)
from solvent.core.money import Money
from solvent.core.payment import CauseClass, FailureCause
from solvent.core.policy import OUTAGE_MAX, Policy, promised
from solvent.store import yaml_file

_DURATION = re.compile(r"([0-9]{1,5})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class _Rung(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    after: str
    measures: tuple[Measure, ...] = ()
    notify: tuple[Channel, ...] = ()


class _Ladder(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    rungs: tuple[_Rung, ...]
    scope: Scope = Scope.ACCOUNT
    causes: tuple[Trouble, ...] = ()
    products: tuple[str, ...] = ()
    at_least: dict[str, str] = {}
    below: dict[str, str] = {}
    ends: Ends | None = None


class _Schedule(msgspec.Struct, forbid_unknown_fields=True):
    causes: tuple[str, ...]
    waits: tuple[str, ...]
    providers: tuple[str, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    paydays: tuple[int, ...] = ()
    hour: int = 9


class _Expiry(msgspec.Struct, forbid_unknown_fields=True):
    ahead: str
    notify: tuple[Channel, ...]


class _Segment(msgspec.Struct, forbid_unknown_fields=True):
    grace: str
    retries: dict[CauseClass, tuple[str, ...]]
    ladders: tuple[_Ladder, ...]
    service: str | None = None
    schedules: tuple[_Schedule, ...] = ()
    backups: bool = True
    method_order: tuple[str, ...] = ()
    lift: Lift = Lift.ALL
    upgrades: Unpaid = Unpaid.REFUSED
    profile: Unpaid = Unpaid.REFUSED
    fate: Fate = Fate.OWED
    free: tuple[str, ...] | None = None
    threshold_suspends: bool = False
    expiry: _Expiry | None = None
    outage_max: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    segments: Annotated[dict[Segment, _Segment], msgspec.Meta(min_length=1)]
    effective_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What a policy file says: a policy for each of its segments, from `effective_from` (UTC; None: at once) on.

    `stored` is each segment's policy in the form of `restored`.
    """

    name: str
    effective_from: datetime | None
    policies: Mapping[Segment, Policy]
    stored: Mapping[Segment, bytes]


def parse(text: str | bytes) -> PolicyFile:
    """Read a policy file. Raises `CatalogError` with the path of the field and the rule."""
    file = yaml_file.decode(text, _File)
    since = file.effective_from
    return PolicyFile(
        name=file.name,
        effective_from=None if since is None else since.astimezone(UTC),
        policies={s: _policy(p, file.name, f"segments.{s}") for s, p in file.segments.items()},
        stored={s: msgspec.json.encode(p) for s, p in file.segments.items()},
    )


def restored(name: str, stored: str) -> Policy:
    """A segment's policy as it was stored."""
    return _policy(msgspec.json.decode(stored, type=_Segment), name, "segment")


def _policy(segment: _Segment, name: str, path: str) -> Policy:
    policy = _without_outages(segment, name, path)
    given = segment.outage_max
    bound = min(OUTAGE_MAX, *promised(policy)) if given is None else _duration(given, f"{path}.outage_max")
    return replace(policy, outage_max=bound)


def _without_outages(segment: _Segment, name: str, path: str) -> Policy:
    return Policy(
        name=name,
        grace=_duration(segment.grace, f"{path}.grace"),
        service=None if segment.service is None else _duration(segment.service, f"{path}.service"),
        retries={c: _waits(w, f"{path}.retries.{c}") for c, w in segment.retries.items()},
        schedules=tuple(_schedule(s, f"{path}.schedules[{n}]") for n, s in enumerate(segment.schedules)),
        backups=segment.backups,
        method_order=segment.method_order,
        ladders=tuple(_ladder(x, f"{path}.ladders[{n}]") for n, x in enumerate(segment.ladders)),
        lift=segment.lift,
        upgrades=segment.upgrades,
        profile=segment.profile,
        fate=segment.fate,
        free=segment.free,
        threshold_suspends=segment.threshold_suspends,
        expiry=None
        if segment.expiry is None
        else ExpiryNotice(
            ahead=_duration(segment.expiry.ahead, f"{path}.expiry.ahead"), notify=segment.expiry.notify
        ),
    )


def _ladder(ladder: _Ladder, path: str) -> Ladder:
    return Ladder(
        id=ladder.id,
        scope=ladder.scope,
        causes=frozenset(ladder.causes),
        products=frozenset(ladder.products),
        at_least=_amounts(ladder.at_least, f"{path}.at_least"),
        below=_amounts(ladder.below, f"{path}.below"),
        ends=ladder.ends,
        rungs=tuple(
            Rung(
                id=rung.id,
                after=_duration(rung.after, f"{path}.rungs[{n}].after"),
                measures=frozenset(rung.measures),
                notify=rung.notify,
            )
            for n, rung in enumerate(ladder.rungs)
        ),
    )


def _schedule(schedule: _Schedule, path: str) -> Schedule:
    return Schedule(
        causes=frozenset(_cause(c, f"{path}.causes[{n}]") for n, c in enumerate(schedule.causes)),
        waits=_waits(schedule.waits, f"{path}.waits"),
        providers=frozenset(schedule.providers),
        weekdays=frozenset(tuple(Weekday).index(day) for day in schedule.weekdays),
        paydays=frozenset(schedule.paydays),
        hour=schedule.hour,
    )


def _cause(text: str, path: str) -> CauseClass | FailureCause:
    for kind in (CauseClass, FailureCause):
        if text in tuple(kind):
            return kind(text)
    known = ", ".join([*CauseClass, *FailureCause])
    raise CatalogError(path, f"must be a class of causes or a cause ({known}), got {text!r}")


def _amounts(amounts: Mapping[str, str], path: str) -> dict[str, int]:
    found = {}
    for currency, text in amounts.items():
        try:
            found[currency] = Money.parse(text, currency).minor
        except ValueError as error:
            raise CatalogError(f"{path}.{currency}", str(error)) from None
    return found


def _waits(waits: tuple[str, ...], path: str) -> tuple[timedelta, ...]:
    return tuple(_duration(wait, f"{path}[{n}]") for n, wait in enumerate(waits))


def _duration(text: str, path: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise CatalogError(path, f'must be a whole number of days, hours or minutes, e.g. "5d", got {text!r}')
    return int(found[1]) * _UNITS[found[2]]
