"""Operators: who may use the dashboard, as the command line shows and sets it.

Owns the words, and the input's check. Does not own what a role may do (`core.operator`).
"""

from collections.abc import Iterator
from datetime import timedelta

from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import one_of
from solvent.commands.saying import as_json
from solvent.core.operator import Role, broken_email_rule
from solvent.store.operators import Listed, Operators
from solvent.wiring import Solvent

LOCAL = "owner@localhost"  # whoever runs `solvent up`


def operators_of(solvent: Solvent) -> Operators:
    """The operators of its database."""
    return Operators(solvent.database.pool, solvent.platform.ids)


def lines(solvent: Solvent, *, for_programs: bool = False) -> Iterator[str]:
    """Everybody who may sign in."""
    everybody = operators_of(solvent).all()
    if for_programs:
        yield as_json([_shown(one) for one in everybody])
        return
    for one in everybody:
        seen = f"{one.seen_at:%Y-%m-%d %H:%M} UTC" if one.seen_at else "never"
        yield f"{one.operator.email} {one.operator.role}, last here: {seen}"
    if not everybody:
        yield "nobody: `solvent operators add ADDRESS --role owner`"


def _shown(one: Listed) -> dict[str, object]:
    return {
        "email": one.operator.email,
        "role": one.operator.role,
        "created_at": one.made_at,
        "seen_at": one.seen_at,
    }


def add(solvent: Solvent, email: str, role: str) -> str:
    """Let somebody sign in."""
    operator = operators_of(solvent).put(_address(email), one_of(Role, role, "--role"), solvent.clock())
    return f"{operator.email} may sign in as {operator.role}"


def remove(solvent: Solvent, email: str) -> str:
    """Let somebody sign in no more."""
    if not operators_of(solvent).remove(email):
        raise CommandError(f"nobody of that address may sign in: {email}")
    return f"{email.lower()} may sign in no more"


def link(solvent: Solvent, email: str, role: str | None) -> Iterator[str]:
    """A link that lets somebody in once."""
    operators = operators_of(solvent)
    operator = (
        operators.by_email(email)
        if role is None
        else operators.put(_address(email), one_of(Role, role, "--role"), solvent.clock())
    )
    if operator is None:
        raise CommandError(f"nobody of that address may sign in: {email}; say --role for somebody new")
    yield entrance(solvent.settings.base_url, operators.let_in(operator, solvent.clock()))
    yield f"it lets {operator.email} in once, as {operator.role}, within a quarter of an hour"


def local_token(solvent: Solvent) -> str:
    """What lets whoever started Solvent on this machine in, once within a day."""
    operators = operators_of(solvent)
    operator = operators.by_email(LOCAL) or operators.put(LOCAL, Role.OWNER, solvent.clock())
    return operators.let_in(operator, solvent.clock(), timedelta(days=1))


def entrance(base: str, token: str) -> str:
    """The address of what lets somebody in."""
    return f"{base}/dashboard/enter/{token}"


def _address(email: str) -> str:
    broken = broken_email_rule(email.lower())
    if broken is not None:
        raise CommandError(f"EMAIL: {broken}, got {email[:60]!r}", USAGE)
    return email.lower()
