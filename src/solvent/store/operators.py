"""Operators: who of the merchant's may sign in to the dashboard, and who is in.

Owns their rows, their sessions, links that let somebody in once, and sign-ins under way at an identity provider. Of
what a browser or a link carries only a hash is stored. Does not own what a role may do (`core.operator`).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.operator import ENTRANCE, SESSION, Operator, Role
from solvent.ports.world import Ids

TOKEN_BYTES = 32
SIGN_IN = timedelta(minutes=10)  # how long somebody may take at an identity provider
SIGN_INS_MAX = 10_000  # under way there at once
REFERENCE_BUCKET = 0  # operators belong to no account

_PUT = """
insert into operator (id, email, role, active, made_at) values (%(id)s, %(email)s, %(role)s, true, %(now)s)
on conflict (email) do update set role = excluded.role, active = true returning id"""
_REMOVE = "update operator set active = false where email = %s and active returning id"
_END_ALL = "delete from operator_session where operator_id = %s"
_ALL = "select id, email, role, made_at, seen_at from operator where active order by email"
_BY_EMAIL = "select id, email, role from operator where email = %s and active"
_OWNERS = "select email from operator where active and role = 'owner' order by id for update"

_LET_IN = "insert into operator_entrance (hash, operator_id, until) values (%s, %s, %s)"
_UNUSED = "delete from operator_entrance where until <= %s"
_NO_ENTRANCE = "delete from operator_entrance where operator_id = %s"
_ENTER = """
delete from operator_entrance e using operator o
where e.hash = %s and o.id = e.operator_id and o.active and e.until > %s returning o.id, o.email, o.role"""

_BEGIN = """
insert into operator_session (hash, operator_id, form, made_at, ends_at) values (%s, %s, %s, %s, %s)"""
_SEEN = "update operator set seen_at = %s where id = %s"
_SESSION = """
select o.id, o.email, o.role, s.form, s.ends_at from operator_session s join operator o on o.id = s.operator_id
where s.hash = %s and s.ends_at > %s and o.active"""
_END = "delete from operator_session where hash = %s"
_OVER = "delete from operator_session where ends_at <= %s"

_ASK = """
insert into operator_sign_in (hash, nonce, verifier, until) select %s, %s, %s, %s
where (select count(*) from (select from operator_sign_in limit %s) waiting) < %s"""
_ANSWERED = "delete from operator_sign_in where hash = %s returning nonce, verifier, until"
_UNANSWERED = "delete from operator_sign_in where until <= %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is in. `form` is what their forms carry; `token` what their browser does, where it is known."""

    operator: Operator
    form: str
    ends_at: datetime
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An operator as a list shows it."""

    operator: Operator
    made_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What was agreed with somebody's browser before it went to the identity provider."""

    state: str
    nonce: str
    verifier: str


class LastOwner(Exception):
    """Somebody was not shut out, or made less, because nobody else is an owner."""


class Operators:
    """The operators of one database. Every act is one short transaction of its own."""

    def __init__(self, pool: ConnectionPool[Connection], ids: Ids) -> None:
        self._pool = pool
        self._ids = ids

    def put(self, email: str, role: Role, now: datetime, *, keep_an_owner: bool = False) -> Operator:
        """Let somebody sign in from now on, as that. Raises `LastOwner`, if an owner is to be kept."""
        columns = {"id": self._ids.draw(REFERENCE_BUCKET), "email": email.lower(), "role": role, "now": now}
        with self._pool.connection() as connection:
            if keep_an_owner and role is not Role.OWNER:
                _ensure_another_owner(connection, email)
            row = connection.execute(_PUT, columns).fetchone()
        assert row is not None, "it was put"
        return Operator(id=row[0], email=email.lower(), role=role)

    def remove(self, email: str, *, keep_an_owner: bool = False) -> bool:
        """Let somebody sign in no more, end their sessions and links; False: there is nobody of that address. Raises
        `LastOwner`, if an owner is to be kept."""
        with self._pool.connection() as connection:
            if keep_an_owner:
                _ensure_another_owner(connection, email)
            row = connection.execute(_REMOVE, (email.lower(),)).fetchone()
            if row is not None:
                connection.execute(_END_ALL, row)
                connection.execute(_NO_ENTRANCE, row)
        return row is not None

    def all(self) -> list[Listed]:
        """Everybody who may sign in."""
        with self._pool.connection() as connection:
            rows = connection.execute(_ALL).fetchall()
        return [
            Listed(operator=Operator(id=r[0], email=r[1], role=Role(r[2])), made_at=r[3], seen_at=r[4])
            for r in rows
        ]

    def ensure_another_owner(self, email: str) -> None:
        """Raises `LastOwner` if that is the address of the only one."""
        with self._pool.connection() as connection:
            _ensure_another_owner(connection, email)

    def by_email(self, email: str) -> Operator | None:
        """Whoever may sign in with that address."""
        with self._pool.connection() as connection:
            row = connection.execute(_BY_EMAIL, (email.lower(),)).fetchone()
        return None if row is None else Operator(id=row[0], email=row[1], role=Role(row[2]))

    def let_in(self, operator: Operator, now: datetime, lasts: timedelta = ENTRANCE) -> str:
        """What lets that operator in once, until a moment."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._pool.connection() as connection:
            connection.execute(_UNUSED, (now,))
            connection.execute(_LET_IN, (_hash(token), operator.id, now + lasts))
        return token

    def enter(self, token: str, now: datetime) -> Operator | None:
        """Whom something lets in, which it does once; None: it does not, or has done so before."""
        with self._pool.connection() as connection:
            row = connection.execute(_ENTER, (_hash(token), now)).fetchone()
        return None if row is None else Operator(id=row[0], email=row[1], role=Role(row[2]))

    def begin(self, operator: Operator, now: datetime) -> Session:
        """Somebody is in from now on."""
        token, form = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        with self._pool.connection() as connection:
            connection.execute(_OVER, (now,))
            connection.execute(_BEGIN, (_hash(token), operator.id, form, now, now + SESSION))
            connection.execute(_SEEN, (now, operator.id))
        return Session(operator=operator, form=form, ends_at=now + SESSION, token=token)

    def session(self, token: str, now: datetime) -> Session | None:
        """Who a browser is."""
        with self._pool.connection() as connection:
            row = connection.execute(_SESSION, (_hash(token), now)).fetchone()
        if row is None:
            return None
        operator = Operator(id=row[0], email=row[1], role=Role(row[2]))
        return Session(operator=operator, form=row[3], ends_at=row[4], token=token)

    def end(self, session: Session) -> None:
        """Somebody signed out."""
        with self._pool.connection() as connection:
            connection.execute(_END, (_hash(session.token),))

    def ask(self, sign_in: SignIn, now: datetime, most: int = SIGN_INS_MAX) -> bool:
        """Somebody goes to the identity provider; False: so many are under way there that nobody else goes now."""
        with self._pool.connection() as connection:
            connection.execute(_UNANSWERED, (now,))
            row = (_hash(sign_in.state), sign_in.nonce, sign_in.verifier, now + SIGN_IN, most, most)
            return connection.execute(_ASK, row).rowcount == 1

    def answered(self, state: str, now: datetime) -> SignIn | None:
        """Somebody comes back from it, once; None: nobody who went."""
        with self._pool.connection() as connection:
            row = connection.execute(_ANSWERED, (_hash(state),)).fetchone()
        if row is None or row[2] <= now:
            return None
        return SignIn(state=state, nonce=row[0], verifier=row[1])


def _ensure_another_owner(connection: Connection, email: str) -> None:
    """Until the transaction ends nobody else is shut out of those who are owners now."""
    if [row[0] for row in connection.execute(_OWNERS).fetchall()] == [email.lower()]:
        raise LastOwner


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
