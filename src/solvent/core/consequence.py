"""Consequence: what may follow for an account from debt, as one word each.

Owns the words, by which holds keep consequences away and caps count them. Does not own what any of them means
(`ladder`, `dunning`).
"""

from enum import StrEnum


class Consequence(StrEnum):
    """What a hold keeps from happening. A ban is none: it comes with giving up, as one unit. CANCEL ends a subscription
    whose service is over unpaid, under a policy that has no ladder."""

    ALL = "all"
    COLLECT = "collect"
    NOTICE = "notice"
    RESTRICT = "restrict"
    SUSPEND = "suspend"
    DOWNGRADE = "downgrade"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
