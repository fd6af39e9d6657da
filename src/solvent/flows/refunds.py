"""Refunds: what a provider says of them later, by a notification, a poll or a question.

Owns asking how a refund stands, and settling many such answers bucket by bucket. Does not own asking for the money to
be given back (`reconcile`) nor what an answer leads to (`settle`): one that had succeeded may have come back.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from solvent.core.ids import bucket_of
from solvent.flows.platform import Platform
from solvent.flows.settle import settle_refunds
from solvent.ports.provider import ProviderDown, ProviderSilent, RefundReport


def look_up(platform: Platform, provider: str, ref: str) -> list[RefundReport] | None:
    """How a refund stands, by its provider's name for it; nothing for one that is none of ours. None: no answer."""
    try:
        report = platform.providers.get(provider).get_refund(ref)
    except (ProviderSilent, ProviderDown):
        return None
    return [] if report is None else [report]


def settle_told(platform: Platform, reports: Iterable[RefundReport], now: datetime) -> None:
    """Record what became of refunds; of one that was told of several times, the last word counts."""
    told = {report.key: report for report in reports}
    for bucket, group in groupby(
        sorted(told.values(), key=lambda r: bucket_of(r.key)), lambda r: bucket_of(r.key)
    ):
        settle_refunds(platform, bucket, list(group), now)
