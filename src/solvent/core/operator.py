"""Operators: who of the merchant's may do what on the dashboard.

Owns the roles and what each may do, and how often signing in may be tried. Does not own how somebody signs in
(`web.dashboard`), the rows (`store.operators`), nor what machines may do (scopes of API keys).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

SESSION = timedelta(hours=12)
ENTRANCE = timedelta(minutes=15)  # of a link that lets somebody in once
REASON_CHARS_MAX = 500
TRIES_WINDOW = timedelta(minutes=10)
SIGN_INS_MAX = 60  # that one address may begin at an identity provider within `TRIES_WINDOW`
REFUSALS_MAX = (
    200  # of sign-ins, within `TRIES_WINDOW`, that are written into the audit log: nobody can fill it
)


class Role(StrEnum):
    """What somebody is to the business."""

    OWNER = "owner"
    ADMIN = "admin"
    BILLING = "billing"
    SUPPORT = "support"
    READ_ONLY = "read_only"


class Ability(StrEnum):
    """What can be done on the dashboard."""

    LOOK = "look"  # at everything but the audit log
    HELP = "help"  # an account: recompute it, hold a consequence, make a link to pay
    CREDIT = "credit"  # give an account credit
    STEER = "steer"  # the engine: whose consequences are applied; try policies on history
    AUDIT = "audit"  # see who did what
    PEOPLE = "people"  # say who may sign in, and as what


ABILITIES: Mapping[Role, frozenset[Ability]] = {
    Role.OWNER: frozenset(Ability),
    Role.ADMIN: frozenset(Ability) - {Ability.CREDIT, Ability.PEOPLE},
    Role.BILLING: frozenset({Ability.LOOK, Ability.HELP, Ability.CREDIT}),
    Role.SUPPORT: frozenset({Ability.LOOK, Ability.HELP}),
    Role.READ_ONLY: frozenset({Ability.LOOK}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who may sign in, known by an e-mail address in small letters."""

    id: UUID
    email: str
    role: Role

    def may(self, ability: Ability) -> bool:
        """Whether the role allows it."""
        return ability in ABILITIES[self.role]


def broken_email_rule(email: str) -> str | None:
    """Which rule an operator's address breaks, if any."""
    name, at, host = email.partition("@")
    is_host = "." in host or host == "localhost"
    if not (name and at and is_host) or any(c.isspace() for c in email):
        return "must be an e-mail address"
    return None if len(email) <= 200 else "must have at most 200 characters"
