"""Usage laws: what must be true of events and of what they come to, one query and one count each.

Owns these predicates of L7. Does not own that what was billed of usage is on invoices (`laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law
from solvent.store.tallies import COUNTED, MEMBERS

_TALLY = (
    "bucket, account_id, meter, object, slot, events, first_at, last_at, total, largest, last_id, last_value"
)
_MEMBER = "bucket, account_id, meter, object, slot, member"

_COUNTED, _LISTED = COUNTED.format(source="usage_event"), MEMBERS.format(source="usage_event")

USAGE_LAWS: Sequence[Law] = (
    Law(
        law="L7",
        says="the running totals of usage are what its events come to, and list their members",
        query=f"""
        select (select count(*) from (
                    (select {_TALLY} from usage_tally except {_COUNTED})
                    union all ({_COUNTED} except select {_TALLY} from usage_tally)) wrong)
             + (select count(*) from (
                    (select {_MEMBER} from usage_member except {_LISTED})
                    union all ({_LISTED} except select {_MEMBER} from usage_member)) odd)""",
    ),
)
