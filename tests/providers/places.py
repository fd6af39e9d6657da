"""Places: what went over the wire, against the places in the rate that were waited for.

Owns the comparison, for any stage of the conformance kit. Does not own the rate.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from solvent.providers.boundary import Boundary, Limits
from solvent.providers.conformance import Card, charge_request, payment_request
from tests.providers.wire import Mishap

BURST = 2  # the place of now, and the one of the second before


class Passing:
    """Time in seconds, which passes only by sleeping."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def every_request_has_had_a_place(stage: Any, met: Sequence[Mishap]) -> None:  # noqa: ANN401 - any stage
    """Some calls of each sort, one request a second."""
    seconds = Passing()
    limits = Limits(calls_per_s=1, wait_max_s=1000)
    boundary = Boundary(stage.provider, limits, clock=seconds, sleep=seconds.sleep)
    request = charge_request(stage, stage.cards[Card.PAYS])
    before = len(met)
    paid = boundary.charge(request)
    opened = boundary.open(payment_request(stage))
    boundary.get(request.key, None)
    boundary.get(uuid4(), None)
    boundary.cancel(opened.key, opened.ref)
    list(boundary.payments_of(paid.key, paid.ref))
    list(boundary.reports_since(stage.now - timedelta(hours=1)))
    list(boundary.movements_since(stage.now - timedelta(hours=1), stage.now))
    assert seconds.now == len(met) - before - BURST >= 8 - BURST
