"""Steering: whose consequences the engine applies; who may sign in; and who did what.

Owns these three pages and their acts, each written down before it is done. Does not own what a mode means
(`core.engine`), nor what a role may do (`core.operator`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from solvent.core.engine import SHARES, Engine, Mode, broken_rule
from solvent.core.ids import spell
from solvent.core.operator import ABILITIES, Role, broken_email_rule
from solvent.store import engine as stored
from solvent.store.audit_log import NOBODY
from solvent.store.operators import LastOwner, Operators
from solvent.web.dashboard.desk import BASE, MAY, Desk, untorn, when
from solvent.web.endpoint import Reply
from solvent.web.problems import Problem

ENGINE, AUDIT, PEOPLE = f"{BASE}/engine", f"{BASE}/audit", f"{BASE}/people"
HISTORY = 20
ENTRIES = 100


def engine(desk: Desk) -> Reply:
    """Whose consequences are applied, and were."""
    with desk.solvent.database.transaction() as connection:
        now, before = stored.read(connection), stored.history(connection, HISTORY)
        caps = stored.used(connection, desk.now)
    content = {
        "now": _mode(now),
        "history": [_mode(one) for one in before],
        "modes": list(Mode),
        "mode": now.mode,
        "shares": SHARES,
        "caps": [
            (u.consequence.replace("_", " "), u.taken, u.most, u.waiting, when(u.ends_at)) for u in caps
        ],
    }
    return desk.show("dashboard_engine.html", ENGINE, "Engine", content)


def set_engine(desk: Desk) -> Reply:
    """Let a mode count from now on; who is named or excluded stays."""
    reason, operator = desk.reason(), desk.session.operator
    with desk.solvent.database.transaction() as connection:
        now = stored.read(connection)
    try:
        mode = Mode(desk.sent.get("mode", ""))
    except ValueError:
        raise Problem("refused", f"mode: must be one of {', '.join(Mode)}") from None
    share = desk.number("share", 0, 100, 0) if mode is Mode.SHARE else 0
    wanted = replace(now, mode=mode, share=share, by=operator.email, reason=reason, set_at=desk.now)
    broken = broken_rule(wanted)
    if broken is not None:
        raise Problem("refused", f"{broken[0]}: {broken[1]}")
    desk.log.keep(
        operator, "set engine", desk.now, reason=reason, detail=f"{mode} {wanted.share or ''}".strip()
    )
    stored.set_mode(desk.pool, wanted, desk.now)
    return desk.done(ENGINE)


def audit(desk: Desk) -> Reply:
    """Who did what, when and why."""
    entries, older = untorn(desk.log.page(None, desk.moment("before"), ENTRIES + 1), ENTRIES)
    content = {
        "entries": [
            {
                "at": when(one.at),
                "who": one.email if one.role == NOBODY else f"{one.email}, {one.role.replace('_', ' ')}",
                "what": one.action,
                "account": None if one.account_id is None else spell("acc", one.account_id),
                "detail": one.detail,
                "reason": one.reason,
            }
            for one in entries
        ],
        "older": older,
    }
    return desk.show("dashboard_audit.html", AUDIT, "Audit log", content)


def people(desk: Desk) -> Reply:
    """Who may sign in."""
    content = {
        "people": [
            {
                "email": one.operator.email,
                "role": one.operator.role.replace("_", " "),
                "since": when(one.made_at),
                "seen": when(one.seen_at),
            }
            for one in _operators(desk).all()
        ],
        "roles": [
            (role, "; ".join(may for ability, may in MAY.items() if ability in ABILITIES[role]))
            for role in Role
        ],
        "least": Role.READ_ONLY,
    }
    return desk.show("dashboard_people.html", PEOPLE, "People", content)


def put_person(desk: Desk) -> Reply:
    """Let somebody sign in, or as something else."""
    email, reason = desk.text("email", 200).lower(), desk.reason()
    broken = broken_email_rule(email)
    if broken is not None:
        raise Problem("refused", f"email: {broken}")
    try:
        role = Role(desk.sent.get("role", ""))
    except ValueError:
        raise Problem("refused", f"role: must be one of {', '.join(Role)}") from None
    operators = _operators(desk)
    with _keeping_an_owner():
        if role is not Role.OWNER:
            operators.ensure_another_owner(email)
        desk.log.keep(desk.session.operator, "let in", desk.now, reason=reason, detail=f"{email} as {role}")
        operators.put(email, role, desk.now, keep_an_owner=True)
    return desk.done(PEOPLE)


def remove_person(desk: Desk) -> Reply:
    """Let somebody sign in no more."""
    email, reason = desk.text("email", 200).lower(), desk.reason()
    operators = _operators(desk)
    with _keeping_an_owner():
        operators.ensure_another_owner(email)
        desk.log.keep(desk.session.operator, "shut out", desk.now, reason=reason, detail=email)
        operators.remove(email, keep_an_owner=True)  # asked again: two owners may shut out each other at once
    return desk.done(PEOPLE)


@contextmanager
def _keeping_an_owner() -> Iterator[None]:
    try:
        yield
    except LastOwner:
        raise Problem("refused", "email: must not be that of the last owner") from None


def _operators(desk: Desk) -> Operators:
    return Operators(desk.pool, desk.solvent.platform.ids)


def _mode(one: Engine) -> dict[str, str]:
    share = f" {one.share} %" if one.mode is Mode.SHARE else ""
    without = ", ".join(
        [
            *one.excluded_segments,
            *(f"{len(one.excluded_accounts)} accounts" for _ in one.excluded_accounts[:1]),
        ]
    )
    return {
        "mode": f"{one.mode}{share}",
        "without": without or "nobody",
        "by": one.by,
        "reason": one.reason,
        "at": when(one.set_at),
    }
