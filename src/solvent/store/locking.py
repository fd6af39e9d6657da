"""Locking: what settlement looks at, locked in one order: account → attempt → subscription → invoice → credit.

Owns which rows a batch of attempts needs and in which order they are locked. Everybody who changes committed state
locks the account first, so what follows never waits in a circle. Does not own the judgement over them
(`core.settlement`). Statements are sent together wherever one does not need the other's answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause
from solvent.core.plan import Intent
from solvent.core.settlement import Live, Past
from solvent.ports.store import Locked
from solvent.store import codec, journal, shapes
from solvent.store.rows import Column

_ACCOUNTS = f"""
select {shapes.ACCOUNT} from account a
where a.bucket = %(bucket)s and a.id in (
    select t.account_id from attempt t where t.bucket = %(bucket)s and t.id = any(%(ids)b))
order by a.id for no key update of a"""

_ACCOUNTS_ALONE = """
select a.id from account a where a.bucket = %(bucket)s and a.id = any(%(ids)b) order by a.id for no key update"""

_ATTEMPTS = f"""
select {journal.COLUMNS} from attempt t where t.bucket = %(bucket)s and t.id = any(%(ids)b)
order by t.id for update"""

# A plan never changes: of an attempt that the caller holds, only what moves is read again.
_MOVED = """
select t.id, t.state, t.ref, t.tries, t.cause, t.action::text from attempt t
where t.bucket = %(bucket)s and t.id = any(%(ids)b) order by t.id for update"""

_SUBSCRIPTIONS = """
select s.id, s.account_id, s.version, s.pending is not null from subscription s
where s.bucket = %(bucket)s and s.id = any(%(ids)b) order by s.id for no key update"""

_ON_GRACE = f"""
select s.grace_invoice, s.account_id, {shapes.SUBSCRIPTION}::text from subscription s
where s.bucket = %(bucket)s and s.account_id = any(%(accounts)b) and s.grace_invoice = any(%(ids)b)
order by s.id for no key update"""

_INVOICES = f"""
select v.account_id, json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %(bucket)s and v.id = any(%(ids)b) order by v.id for update"""

_CREDIT = """
select c.account_id, c.balance from credit_balance c join account a on a.bucket = c.bucket and a.id = c.account_id
where c.bucket = %(bucket)s and c.account_id = any(%(accounts)b) and c.currency = a.currency
order by c.account_id for update of c"""

_TAKEN = """
select i.account_id, i.family, i.object, i.subscription_id from item i
where i.bucket = %(bucket)s and i.account_id = any(%(accounts)b) and i.ended_at is null"""

# A customer who is present may pay with something that is on file already.
_ON_FILE = """
select m.account_id, m.provider, m.token, m.id from method m
where m.bucket = %(bucket)s and m.account_id = any(%(accounts)b)"""

# What attempts that have ended left behind: the refs of money that came, and the invoice that nobody has paid yet.
_REFS = """
select p.attempt_id, p.ref from payment p
where p.bucket = %(bucket)s and p.account_id = any(%(accounts)b) and p.attempt_id = any(%(ids)b)"""
_ISSUED = """
select p.attempt_id, v.id from invoice v join proof p on p.bucket = v.bucket and p.id = v.proof_id
where v.bucket = %(bucket)s and v.account_id = any(%(accounts)b) and v.state = 'open'
  and p.attempt_id = any(%(ids)b) and p.of_plan"""

Sent = Cursor[tuple[Any, ...]] | None

# Plans that may put an item where the account had none. Renewals may too, when a change of items was scheduled.
_ADDING = frozenset({Intent.START, Intent.MODIFY})


def lock(
    connection: Connection, bucket: int, attempt_ids: Sequence[UUID], known: Mapping[UUID, Attempt]
) -> Locked:
    """Lock and read everything that judging these attempts of one bucket looks at; ids of none are left out."""
    scalars = {"bucket": bucket, "ids": Column("uuid", attempt_ids)}
    accounts = connection.execute(_ACCOUNTS, scalars, binary=True)
    held = [known[i] for i in attempt_ids if i in known]
    moved = _send(connection, _MOVED, bucket, ids=[t.id for t in held])
    rows = _send(connection, _ATTEMPTS, bucket, ids=[i for i in attempt_ids if i not in known])
    live = {row[0]: Live(account=shapes.account_of(row)) for row in accounts.fetchall()}
    attempts = {row[0]: _as_moved(known[row[0]], *row[1:]) for row in _rows(moved)}
    attempts |= {row[0]: journal.attempt_of(row) for row in _rows(rows)}
    ended = [t for t in attempts.values() if not t.in_flight]
    past = _past(connection, bucket, ended) if ended else {}
    _fill(connection, bucket, live, list(attempts.values()), past)
    return Locked(attempts=attempts, live=live, past=past)


def lock_accounts(connection: Connection, bucket: int, account_ids: Sequence[UUID]) -> None:
    """Lock accounts of one bucket, in the same order as everybody."""
    connection.execute(_ACCOUNTS_ALONE, {"bucket": bucket, "ids": Column("uuid", account_ids)})


def _as_moved(
    held: Attempt, state: str, ref: str | None, tries: int, cause: str | None, action: str | None
) -> Attempt:
    """The attempt as it now stands; mostly as it was."""
    if (held.state, held.ref, held.tries) == (state, ref, tries):
        return held
    return replace(
        held,
        state=AttemptState(state),
        ref=ref,
        tries=tries,
        cause=None if cause is None else FailureCause(cause),
        action=None if action is None else codec.decode_action(action),
    )


def _past(connection: Connection, bucket: int, ended: Sequence[Attempt]) -> dict[UUID, Past]:
    scalars = {
        "bucket": bucket,
        "ids": Column("uuid", [t.id for t in ended]),
        "accounts": Column("uuid", {t.account_id for t in ended}),
    }
    paid = connection.execute(_REFS, scalars, binary=True)
    unpaid = connection.execute(_ISSUED, scalars, binary=True)
    refs: dict[UUID, set[str]] = {}
    for attempt_id, ref in paid.fetchall():
        refs.setdefault(attempt_id, set()).add(ref)
    issued: dict[UUID, UUID] = dict(unpaid.fetchall())
    return {t.id: Past(refs=frozenset(refs.get(t.id, ())), issued=issued.get(t.id)) for t in ended}


def _fill(
    connection: Connection,
    bucket: int,
    live: dict[UUID, Live],
    attempts: Sequence[Attempt],
    past: dict[UUID, Past],
) -> None:
    """Read, in one round trip, the subscriptions, invoices, credit and items that the plans are about."""
    plans = [t.plan for t in attempts]
    about = {p.after.id for p in plans if p.after is not None}
    claims = {p.settles for p in plans if p.settles is not None}
    claims |= {p.issued for p in past.values() if p.issued is not None}
    money = {t.account_id for t in attempts if t.plan.credit_used or t.plan.credit_granted or not t.in_flight}
    adding = {p.account_id for p in plans if p.after is not None and p.intent in _ADDING}
    subscriptions = _send(connection, _SUBSCRIPTIONS, bucket, ids=about)
    on_grace = _send(connection, _ON_GRACE, bucket, ids=claims, accounts=live if claims else ())
    invoices = _send(connection, _INVOICES, bucket, ids=claims)
    credit = _send(connection, _CREDIT, bucket, accounts=money)
    taken = _send(connection, _TAKEN, bucket, accounts=adding)
    present = {t.account_id for t in attempts if not t.off_session and t.needs_provider}
    on_file = _send(connection, _ON_FILE, bucket, accounts=present)
    _take_subscriptions(live, subscriptions, on_grace)
    _take_claims(live, invoices, credit)
    _take_items(live, taken)
    for account_id, provider, token, method_id in _rows(on_file):
        live[account_id].methods[provider, token] = method_id
    scheduled = {
        p.account_id for p in plans if p.after is not None and p.after.id in live[p.account_id].scheduled
    }
    _take_items(live, _send(connection, _TAKEN, bucket, accounts=scheduled - adding))


def _send(
    connection: Connection,
    query: str,
    bucket: int,
    ids: Collection[UUID] = (),
    accounts: Collection[UUID] = (),
) -> Sent:
    """Send a query about something; nothing is sent about nothing."""
    if not ids and not accounts:
        return None
    scalars = {"bucket": bucket, "ids": Column("uuid", ids), "accounts": Column("uuid", accounts)}
    return connection.execute(query, scalars, binary=True)


def _rows(sent: Sent) -> list[tuple[Any, ...]]:
    return [] if sent is None else sent.fetchall()


def _take_subscriptions(live: dict[UUID, Live], subscriptions: Sent, on_grace: Sent) -> None:
    for identifier, account_id, version, scheduled in _rows(subscriptions):
        live[account_id].versions[identifier] = version
        if scheduled:
            live[account_id].scheduled.add(identifier)
    for invoice_id, account_id, subscription in _rows(on_grace):
        held = shapes.subscription_of(subscription)
        live[account_id].on_grace[invoice_id] = held
        live[account_id].versions[held.id] = held.version


def _take_claims(live: dict[UUID, Live], invoices: Sent, credit: Sent) -> None:
    for account_id, data in _rows(invoices):
        invoice = shapes.invoice_of(data)
        live[account_id].invoices[invoice.id] = invoice
    for account_id, balance in _rows(credit):
        live[account_id].credit = balance


def _take_items(live: dict[UUID, Live], taken: Sent) -> None:
    for account_id, family, place, subscription_id in _rows(taken):
        live[account_id].taken[family, place] = subscription_id
