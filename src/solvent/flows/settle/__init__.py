"""Settle: steps 5 and 6, and the only writer of committed state.

Owns every transaction in which something becomes a fact: the outcome of an attempt (`outcomes`), what was decided
without one (`decided`), verdicts about accounts (`verdicts`), the end of refunds (`refunds`), what providers kept
(`fees`) and how methods are (`methods`). Nothing outside this package reaches the functions of the store that write
committed state. Does not own any decision: that is the core's.
"""

from solvent.flows.settle.decided import (
    Number,
    detach_method,
    order_methods,
    record,
    record_credit,
    record_credit_refund,
    record_dispute,
    record_for_account,
    record_surrender,
)
from solvent.flows.settle.fees import record_fees
from solvent.flows.settle.methods import record_look
from solvent.flows.settle.outcomes import record_opened, settle
from solvent.flows.settle.refunds import claim_refunds, settle_refunds
from solvent.flows.settle.verdicts import record_assessments

__all__ = [
    "Number",
    "claim_refunds",
    "detach_method",
    "order_methods",
    "record",
    "record_assessments",
    "record_credit",
    "record_credit_refund",
    "record_dispute",
    "record_fees",
    "record_for_account",
    "record_look",
    "record_opened",
    "record_surrender",
    "settle",
    "settle_refunds",
]
