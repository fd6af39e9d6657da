"""Apart: settling a batch of which one report cannot be settled.

Owns that such a report holds up no other: what fails together is settled one by one, and what fails alone is named.
Does not own settling (`settle`), nor what becomes of a report that was named (whoever has it is told why).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.payment import Report
from solvent.flows.platform import Platform
from solvent.flows.settle import settle

log = logging.getLogger(__name__)

Poisoned = Mapping[UUID, str]


def settle_apart(
    platform: Platform, reports: Sequence[Report], now: datetime, known: Iterable[Attempt] = ()
) -> tuple[Mapping[UUID, Attempt], Poisoned]:
    """The attempts as they then stand, and why others could not be settled, by attempt.

    A store that is away is nobody's fault: that raises.
    """
    held = list(known)
    try:
        return settle(platform, reports, now, held), {}
    except platform.outages:
        raise
    except Exception as error:  # one poisoned report: logged whole, named, and the others go on
        if len(reports) == 1:
            log.exception("what is reported of attempt %s cannot be settled", reports[0].key)
            return {}, {reports[0].key: f"{type(error).__name__}: {error}"}
        log.exception("%d reports cannot be settled together; they are settled one by one", len(reports))
    settled: dict[UUID, Attempt] = {}
    poisoned: dict[UUID, str] = {}
    for report in reports:
        attempts, why = settle_apart(platform, [report], now, held)
        settled |= attempts
        poisoned |= why
    return settled, poisoned
