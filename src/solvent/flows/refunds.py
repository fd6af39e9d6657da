"""Refunds: what a provider says of them later, by a notification, a poll or a question.

Owns asking how a refund stands, and settling many such answers bucket by bucket, so that one which cannot be settled
holds up no other. Does not own asking for the money to
be given back (`reconcile`) nor what an answer leads to (`settle`): one that had succeeded may have come back.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from solvent.core.ids import bucket_of
from solvent.flows.apart import Poisoned
from solvent.flows.platform import Platform
from solvent.flows.settle import settle_refunds
from solvent.ports.provider import ProviderDown, ProviderSilent, RefundReport

log = logging.getLogger(__name__)


def look_up(platform: Platform, provider: str, ref: str) -> list[RefundReport] | None:
    """How a refund stands, by its provider's name for it; nothing for one that is none of ours. None: no answer."""
    try:
        report = platform.providers.get(provider).get_refund(ref)
    except (ProviderSilent, ProviderDown):
        return None
    return [] if report is None else [report]


def settle_told(platform: Platform, reports: Iterable[RefundReport], now: datetime) -> Poisoned:
    """Record what became of refunds, and say why others could not be settled, by refund. Of one that was told of
    several times, the last word counts."""
    told = {report.key: report for report in reports}
    poisoned: dict[UUID, str] = {}
    in_order = sorted(told.values(), key=lambda r: bucket_of(r.key))
    for bucket, group in groupby(in_order, lambda r: bucket_of(r.key)):
        poisoned |= _settle(platform, bucket, list(group), now)
    return poisoned


def _settle(platform: Platform, bucket: int, reports: Sequence[RefundReport], now: datetime) -> Poisoned:
    """What fails together is settled one by one. A store that is away is nobody's fault: that raises."""
    try:
        settle_refunds(platform, bucket, reports, now)
    except platform.outages:
        raise
    except Exception as error:  # one poisoned report: logged whole, named, and the others go on
        if len(reports) == 1:
            log.exception("what is reported of refund %s cannot be settled", reports[0].key)
            return {reports[0].key: f"{type(error).__name__}: {error}"}
        log.exception("%d refunds cannot be settled together; they are settled one by one", len(reports))
    else:
        return {}
    poisoned: dict[UUID, str] = {}
    for report in reports:
        poisoned |= _settle(platform, bucket, [report], now)
    return poisoned
