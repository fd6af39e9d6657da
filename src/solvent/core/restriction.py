"""Restriction: what debt forbids an account beside changes of what it has.

Owns which edits of a profile are refused, and the way out that is named. Does not own whether an account is restricted
(`health`), nor the changes that debt refuses (`offer`).
"""

from collections.abc import Collection

from solvent.core.ladder import Unpaid
from solvent.core.plan import Refusal
from solvent.core.policy import Policy

PAY_FIRST = "must not change while debt restricts the account: pay it first, with pay-debt"


def profile_refusals(fields: Collection[str], policy: Policy, *, restricted: bool) -> tuple[Refusal, ...]:
    """Why these fields of a customer's profile may not change now: one refusal each; empty: they may."""
    if not restricted or policy.profile is Unpaid.ALLOWED:
        return ()
    return tuple(Refusal(field=field, rule=PAY_FIRST) for field in fields)
