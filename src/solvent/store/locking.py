"""Locking: what settlement looks at, locked in one order: account → attempt → subscription → invoice → usage → invoice
item → credit.

Owns which rows a batch of attempts needs and in which order they are locked. Everybody who changes committed state
locks the account first, so what follows never waits in a circle. Does not own the judgement over them
(`core.settlement`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause
from solvent.core.plan import Intent, Plan
from solvent.core.settlement import Live, Past
from solvent.ports.books import Locked
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

# What nearly every plan is about, in one statement: its parts cost a round trip each. Of an attempt that the caller
# holds, only what moves is read again, which its plan seldom does. What is on file: a customer who is present may pay
# with something that is there already. In which order the parts lock does not matter behind the account's lock.
_FACTS = """
with moved as (
    select t.id, t.account_id, t.state, t.ref, t.tries, t.cause, t.action::text from attempt t
    where t.bucket = %(bucket)s and t.id = any(%(held)b) order by t.id for update
), versions as (
    select s.id, s.account_id, s.version, s.pending is not null as scheduled from subscription s
    where s.bucket = %(bucket)s and s.id = any(%(about)b) order by s.id for no key update
)
select 'moved', id, account_id, state, ref, tries, cause, action, null::boolean from moved
union all select 'version', id, account_id, null, null, version, null, null, scheduled from versions
union all select 'taken', i.subscription_id, i.account_id, i.family, i.object, null, null, null, null from item i
    where i.bucket = %(bucket)s and i.account_id = any(%(adding)b) and i.ended_at is null
union all select 'method', m.id, m.account_id, m.provider, m.token, null, null, null, null from method m
    where m.bucket = %(bucket)s and m.account_id = any(%(present)b)"""

_ON_GRACE = f"""
select s.grace_invoice, s.account_id, {shapes.SUBSCRIPTION}::text from subscription s
where s.bucket = %(bucket)s and s.account_id = any(%(accounts)b) and s.grace_invoice = any(%(ids)b)
order by s.id for no key update"""

_INVOICES = f"""
select v.account_id, json_build_object({shapes.INVOICE})::text from invoice v
where v.bucket = %(bucket)s and v.id = any(%(ids)b) order by v.id for update"""

_CREDITED = """
select v.account_id, v.id, n.position, sum(n.amount)::bigint from credit_note_line n
join invoice v on v.bucket = n.bucket and v.id = n.invoice_id
where n.bucket = %(bucket)s and n.invoice_id = any(%(ids)b) group by v.account_id, v.id, n.position"""

_USAGE = """
select u.account_id, u.item_id, u.starts_at, u.version from usage_period u
where u.bucket = %(bucket)s and u.item_id = any(%(ids)b) order by u.item_id, u.starts_at for no key update"""

_ITEMS = """
select n.account_id, n.id, n.version from invoice_item n
where n.bucket = %(bucket)s and n.id = any(%(ids)b) and n.state = 'waiting' order by n.id for no key update"""

_PAID_CARTS = """
select t.account_id, t.cart_id from attempt t
where t.bucket = %(bucket)s and t.cart_id = any(%(ids)b) and t.state = 'committed'"""

_CREDIT = f"""
select c.account_id, {shapes.CREDIT_GRANT}::text from credit_grant c
join account a on a.bucket = c.bucket and a.id = c.account_id
where c.bucket = %(bucket)s and c.account_id = any(%(accounts)b) and c.currency = a.currency and c.remaining > 0
order by c.id for no key update of c"""

_TAKEN = """
select i.account_id, i.family, i.object, i.subscription_id from item i
where i.bucket = %(bucket)s and i.account_id = any(%(accounts)b) and i.ended_at is null"""

# What attempts that have ended left behind: the refs of money that came, and the invoice that nobody has paid yet.
_REFS = """
select p.attempt_id, p.ref from payment p
where p.bucket = %(bucket)s and p.account_id = any(%(accounts)b) and p.attempt_id = any(%(ids)b)"""
_ISSUED = """
select p.attempt_id, v.id from invoice v join proof p on p.bucket = v.bucket and p.id = v.proof_id
where v.bucket = %(bucket)s and v.account_id = any(%(accounts)b) and v.state in ('open', 'uncollectible')
  and p.attempt_id = any(%(ids)b) and p.of_plan"""

Sent = Cursor[tuple[Any, ...]] | None


def lock(
    connection: Connection, bucket: int, attempt_ids: Sequence[UUID], known: Mapping[UUID, Attempt]
) -> Locked:
    """Lock and read everything that judging these attempts of one bucket looks at; ids of none are left out."""
    scalars = {"bucket": bucket, "ids": Column("uuid", attempt_ids)}
    accounts = connection.execute(_ACCOUNTS, scalars, binary=True)
    live = {row[0]: Live(account=shapes.account_of(row)) for row in accounts.fetchall()}
    rows = _send(connection, _ATTEMPTS, bucket, ids=[i for i in attempt_ids if i not in known])
    attempts = {row[0]: journal.attempt_of(row) for row in _rows(rows)}
    _take_facts(connection, bucket, live, attempts, {i: known[i] for i in attempt_ids if i in known})
    # A plan is made anew only in a look that counts: of an attempt that was looked at meanwhile all is read.
    looked_at = [i for i, t in attempts.items() if i in known and known[i].tries != t.tries]
    again = _send(connection, _ATTEMPTS, bucket, ids=looked_at)
    attempts |= {row[0]: journal.attempt_of(row) for row in _rows(again)}
    ended = [t for t in attempts.values() if not t.in_flight]
    past = _past(connection, bucket, ended) if ended else {}
    _fill(connection, bucket, live, list(attempts.values()), past)
    return Locked(attempts=attempts, live=live, past=past)


def lock_accounts(connection: Connection, bucket: int, account_ids: Sequence[UUID]) -> None:
    """Lock accounts of one bucket, in the same order as everybody."""
    connection.execute(_ACCOUNTS_ALONE, {"bucket": bucket, "ids": Column("uuid", account_ids)})


def _take_facts(
    connection: Connection,
    bucket: int,
    live: dict[UUID, Live],
    attempts: dict[UUID, Attempt],
    held: Mapping[UUID, Attempt],
) -> None:
    """Read what the plans are about into `live`, and the `held` attempts as they now stand into `attempts`."""
    everything = [*attempts.values(), *held.values()]
    plans = [t.plan for t in everything]
    scalars = {
        "bucket": bucket,
        "held": Column("uuid", held),
        "about": Column("uuid", {after.id for p in plans for after in p.subscriptions}),
        "adding": Column("uuid", {p.account_id for p in plans if _adds(p)}),
        "present": Column(
            "uuid", {t.account_id for t in everything if not t.off_session and t.needs_provider}
        ),
    }
    for row in connection.execute(_FACTS, scalars, binary=True).fetchall():
        kind, identifier, account_id, one, other, number, cause, action, scheduled = row
        match kind:
            case "moved":
                attempts[identifier] = _as_moved(held[identifier], one, other, number, cause, action)
            case "version":
                live[account_id].versions[identifier] = number
                if scheduled:
                    live[account_id].scheduled.add(identifier)
            case "taken":
                live[account_id].taken[one, other] = identifier
            case _:
                live[account_id].methods[one, other] = identifier


def _adds(plan: Plan) -> bool:
    """Whether it may put an item where the account had none. Renewals may too, when a change of items was scheduled."""
    return plan.after is not None and plan.intent in (Intent.START, Intent.MODIFY, Intent.CART)


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
    """Read the invoices and the credit that the plans are about, and what scheduled changes of items meet."""
    plans = [t.plan for t in attempts]
    claims = {debt.invoice_id for p in plans for debt in p.settles}
    claims |= {p.issued for p in past.values() if p.issued is not None}
    claims |= {note.invoice_id for p in plans for note in p.credit_notes}
    claims |= {counted.invoice_id for p in plans for counted in p.returned.counted}
    money = {t.account_id for t in attempts if t.plan.draws or not t.in_flight}
    on_grace = _send(connection, _ON_GRACE, bucket, ids=claims, accounts=live if claims else ())
    invoices = _send(connection, _INVOICES, bucket, ids=claims)
    usage = _send(connection, _USAGE, bucket, ids={x.item_id for p in plans for x in p.usage})
    items = _send(connection, _ITEMS, bucket, ids={x.item_id for p in plans for x in p.items})
    carts = _send(connection, _PAID_CARTS, bucket, ids={p.cart.cart_id for p in plans if p.cart is not None})
    credit = _send(connection, _CREDIT, bucket, accounts=money)
    _take_claims(live, on_grace, invoices, credit)
    counted = {x.invoice_id for p in plans for x in p.returned.counted}
    for account_id, invoice_id, position, amount in _rows(_send(connection, _CREDITED, bucket, ids=counted)):
        taken = live[account_id].credited.get(invoice_id, {})
        live[account_id].credited[invoice_id] = {**taken, position: amount}
    for account_id, item_id, starts_at, version in _rows(usage):
        live[account_id].usage[item_id, starts_at] = version
    for account_id, item_id, version in _rows(items):
        live[account_id].items[item_id] = version
    for account_id, cart_id in _rows(carts):
        live[account_id].carts.add(cart_id)
    scheduled = {
        p.account_id
        for p in plans
        if not _adds(p) and any(after.id in live[p.account_id].scheduled for after in p.subscriptions)
    }
    for account_id, family, place, subscription_id in _rows(
        _send(connection, _TAKEN, bucket, accounts=scheduled)
    ):
        live[account_id].taken[family, place] = subscription_id


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


def _take_claims(live: dict[UUID, Live], on_grace: Sent, invoices: Sent, credit: Sent) -> None:
    for invoice_id, account_id, subscription in _rows(on_grace):
        held = shapes.subscription_of(subscription)
        others = live[account_id].on_grace.get(invoice_id, ())
        live[account_id].on_grace[invoice_id] = (*others, held)
        live[account_id].versions[held.id] = held.version
    for account_id, data in _rows(invoices):
        invoice = shapes.invoice_of(data)
        live[account_id].invoices[invoice.id] = invoice
    for account_id, data in _rows(credit):
        grant = shapes.credit_grant_of(data)
        live[account_id].credit_grants[grant.id] = grant
