"""Drift views: what answers about drift carry, as structs."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.drift_kinds import DriftKind, Remedy, Store
from solvent.web.fields import AccountId, DriftId


class DriftView(Struct, frozen=True, kw_only=True):
    """In what two stores contradict each other about an account: since when, and until when it was seen last."""

    id: DriftId
    account_id: AccountId
    kind: DriftKind
    stores: list[Store]
    means: str
    evidence: str
    done: Remedy
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: Annotated[datetime | None, Meta(description="When it was seen to be no more.")]


class AgesView(Struct, frozen=True, kw_only=True):
    """How many accounts are in drift of one kind now: in all, and by how long."""

    kind: DriftKind
    accounts: int
    oldest_seen_at: datetime
    under_an_hour: int
    under_a_day: int
    under_a_week: int
    longer: int


class LookView(Struct, frozen=True, kw_only=True):
    """How far the daily look has come: in how many of the 256 buckets every account was looked at, and when the one
    that was longest ago was through."""

    buckets: int
    oldest_at: datetime | None


class DriftPage(Struct, frozen=True, kw_only=True):
    """A page of drift; beside it the gauge of all that is not gone, and how far the look has come."""

    data: list[DriftView]
    next: DriftId | None
    ages: list[AgesView]
    look: LookView
