"""Journal: the attempts, all that steps 1–4 leave.

Owns inserting, finding and leasing attempts. Does not own how they end (`writing`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.payment import AttemptState, FailureCause, Outcome, Path, ProviderView
from solvent.core.plan import Plan
from solvent.store import aside, codec
from solvent.store.rows import Column, Statement

COLUMNS = """t.id, t.account_id, t.plan::text, t.state, t.off_session, t.created_at, t.expires_at, t.look_at, t.key,
    t.input_hash, t.request::text, t.provider, t.method_id, t.method_token, t.ref, t.action::text, t.cause, t.tries,
    t.return_url, t.method_kind,
    (select m.kind from method m where m.bucket = t.bucket and m.id = t.method_id), t.said, t.said_cause, t.said_at"""

_ADD = Statement(
    "bucket smallint, id uuid, account_id uuid, path text, intent text, claim text, state text, key text,"
    "input_hash bytea, request json, plan json, fingerprint text, amount bigint, currency text, provider text,"
    "method_id uuid, method_token text, off_session boolean, setup boolean, ref text, action json, cause text,"
    "settles text, tries integer, created_at timestamptz, expires_at timestamptz, look_at timestamptz,"
    "return_url text, method_kind text, about text, items text, bases text, bills_usage boolean, cart_id uuid,"
    "cart_base integer, slots text",
    """
insert into attempt (bucket, id, account_id, path, intent, claim, state, key, input_hash, request, plan, fingerprint,
    amount, currency, provider, method_id, method_token, off_session, setup, ref, action, cause, settles, tries,
    created_at, expires_at, look_at, return_url, method_kind, bills_usage, cart_id, slots)
select v.bucket, v.id, v.account_id, v.path, v.intent, v.claim, v.state, v.key, v.input_hash, v.request::json,
    v.plan::json, v.fingerprint, v.amount, v.currency, v.provider, v.method_id, v.method_token, v.off_session,
    v.setup, v.ref, v.action::json, v.cause, v.settles::uuid[], v.tries, v.created_at, v.expires_at, v.look_at,
    v.return_url, v.method_kind, v.bills_usage, v.cart_id, v.slots::text[]
from {rows}
where (v.settles is null or not exists (
    select from attempt t where t.bucket = v.bucket and t.account_id = v.account_id
      and t.state in ('opening', 'requires_action', 'processing', 'unknown') and t.settles && v.settles::uuid[]))
  and (v.about is null or not exists (
    select from subscription s join attempt t on t.bucket = s.bucket and t.account_id = s.account_id
      and t.state in ('opening', 'requires_action', 'processing', 'unknown')
      and (t.id = s.claimed_by or t.claim = 'sub:' || s.id)
    where s.bucket = v.bucket and s.id = any(v.about::uuid[])))
  and (v.items is null or not exists (
    select from unnest(v.items::uuid[], v.bases::integer[]) w (id, base)
    left join invoice_item n on n.bucket = v.bucket and n.id = w.id
    where n.state is distinct from 'waiting' or n.version <> w.base or exists (
        select from attempt t where t.bucket = n.bucket and t.id = n.claimed_by
          and t.state in ('opening', 'requires_action', 'processing', 'unknown'))))
  and (v.cart_id is null or exists (
    select from cart c where c.bucket = v.bucket and c.id = v.cart_id and c.version = v.cart_base
      and c.canceled_at is null) and not exists (
    select from attempt t where t.bucket = v.bucket and t.cart_id = v.cart_id and t.state = 'committed'))
  and (v.slots is null or not exists (
    select from attempt t where t.bucket = v.bucket and t.account_id = v.account_id
      and t.state in ('opening', 'requires_action', 'processing', 'unknown') and t.slots && v.slots::text[]))
on conflict do nothing returning id""",
)

_GET = f"select {COLUMNS} from attempt t where t.bucket = %s and t.id = %s"
_BY_KEY = f"select {COLUMNS} from attempt t where t.bucket = %s and t.account_id = %s and t.key = %s"
_IN_FLIGHT = f"""
select {COLUMNS} from attempt t
where t.bucket = %s and t.account_id = %s and (t.claim = any(%s) or t.settles && %s::uuid[] or t.slots && %s::text[]
    or t.id = any(select s.claimed_by from subscription s where s.bucket = t.bucket and s.id = any(%s)))
  and t.state in ('opening', 'requires_action', 'processing', 'unknown') order by t.id"""

# A subscription that is renewed together with others is claimed on its own row: the claim names the first alone.
_LOCK_CHANGED = "select from subscription s where s.bucket = %s and s.id = any(%s) order by s.id for share"
_CLAIM_JOINED = Statement(
    "id uuid, attempt_id uuid",
    """
update subscription s set claimed_by = v.attempt_id from {rows}
where s.bucket = %(bucket)s and s.id = v.id""",
)

# So is what waits for an invoice: who has locked it sees which attempt claimed it before, and how it now is.
_LOCK_ITEMS = """
select from invoice_item n where n.bucket = %(bucket)s and n.id = any(%(items)b) order by n.id for no key update"""
_CLAIM_ITEMS = Statement(
    "id uuid, attempt_id uuid",
    """
update invoice_item n set claimed_by = v.attempt_id from {rows}
where n.bucket = %(bucket)s and n.id = v.id""",
)

# A debt may be one of several that an attempt is about, which no unique index can say, and a cart may have been paid
# or changed. Under this lock the next statement sees every attempt and cart of the account as it was before.
_LOCK_DEBTORS = """
select from account a where a.bucket = %(bucket)s and a.id = any(%(accounts)b) order by a.id for no key update"""

_STATES = "select t.id, t.state from attempt t where t.bucket = %(bucket)s and t.id = any(%(ids)b)"

_CLAIM_LOOKS = f"""
with due as (
    select l.bucket, l.id from attempt l join account a on a.bucket = l.bucket and a.id = l.account_id
    where l.bucket = %(bucket)s and l.look_at <= %(now)s and {{whose}}
    order by l.look_at limit %(limit)s
    for update of l skip locked
)
update attempt t set look_at = %(lease_until)s, stuck_reason = null from due
where t.bucket = due.bucket and t.id = due.id
returning {COLUMNS}"""
_CLAIM_BY_THE_WALL = _CLAIM_LOOKS.format(whose="a.test_now is null")
_CLAIM_OF_ONE = _CLAIM_LOOKS.format(whose="a.id = %(account)s")


class JournalRoom:
    """`ports.store.Journal` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempts: Sequence[Attempt]) -> frozenset[UUID]:
        """Insert; those whose claim, key, debt, place or cart is already taken are left out, and those whose cart is
        another by now. Returns the ids inserted.

        Attempts about debts, several subscriptions, invoice items or carts are of one bucket; these and changes are in
        a transaction.
        """
        if not attempts:
            return frozenset()
        debtors = {t.account_id for t in attempts if t.plan.settles or t.plan.cart is not None}
        if debtors:
            bucket = bucket_of(next(iter(debtors)))
            scalars = {"bucket": bucket, "accounts": Column("uuid", debtors)}
            self._connection.execute(_LOCK_DEBTORS, scalars)
        changed = [(bucket_of(t.id), _about(t.plan)) for t in attempts if t.plan.path is Path.CHANGE]
        for bucket, about in changed:
            self._connection.execute(_LOCK_CHANGED, (bucket, about))
        waited = sorted(x.item_id for t in attempts for x in t.plan.items)
        if waited:
            scalars = {"bucket": bucket_of(waited[0]), "items": Column("uuid", waited)}
            self._connection.execute(_LOCK_ITEMS, scalars)
        # One order for everybody: two batches that wait for each other's claims would end in a deadlock.
        ordered = sorted(attempts, key=lambda t: (bucket_of(t.id), t.account_id.int, t.plan.claim))
        rows = _ADD.run(self._connection, [_row(attempt) for attempt in ordered])
        inserted = frozenset(row[0] for row in rows.fetchall())
        joined = [
            (s.id, t.id)
            for t in ordered
            if t.id in inserted and (t.plan.also or t.plan.cart is not None)
            for s in t.plan.subscriptions
        ]
        if joined:
            _CLAIM_JOINED.run(self._connection, joined, bucket=bucket_of(joined[0][1]))
        claimed = [(x.item_id, t.id) for t in ordered if t.id in inserted for x in t.plan.items]
        if claimed:
            _CLAIM_ITEMS.run(self._connection, claimed, bucket=bucket_of(claimed[0][1]))
        return inserted

    def get(self, attempt_id: UUID) -> Attempt | None:
        """The attempt of that id."""
        return self._one(_GET, bucket_of(attempt_id), attempt_id)

    def by_key(self, account_id: UUID, key: str) -> Attempt | None:
        """The attempt that the account's caller opened under an idempotency key."""
        return self._one(_BY_KEY, bucket_of(account_id), account_id, key)

    def in_flight(self, plan: Plan) -> list[Attempt]:
        """The attempts that may still succeed about what the plan is about: its claim, or one of its debts."""
        after = [each.id for each in plan.subscriptions]
        claims = [plan.claim, *(f"sub:{each}" for each in after)]
        about = (bucket_of(plan.account_id), plan.account_id, claims, _debts(plan), _texts(plan.slots), after)
        return [attempt_of(row) for row in self._connection.execute(_IN_FLIGHT, about, binary=True)]

    def states(self, bucket: int, attempt_ids: Collection[UUID]) -> dict[UUID, AttemptState]:
        """How attempts of one bucket stand; those that are not there are left out."""
        rows = self._connection.execute(_STATES, {"bucket": bucket, "ids": Column("uuid", attempt_ids)})
        return {identifier: AttemptState(state) for identifier, state in rows.fetchall()}

    def claim_looks(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[Attempt]:
        """Lease attempts whose look is due; another caller's lease is skipped. One that cannot be read is put off."""
        query = _CLAIM_BY_THE_WALL if account is None else _CLAIM_OF_ONE
        scalars = {
            "bucket": bucket,
            "now": now,
            "lease_until": lease_until,
            "limit": limit,
            "account": account,
        }
        rows = self._connection.execute(query, scalars, binary=True).fetchall()
        attempts, broken = aside.readable("attempt", rows, attempt_of, lambda row: row[0])
        self.put_off(bucket, broken, now)
        return attempts

    def put_off(self, bucket: int, reasons: Mapping[UUID, str], now: datetime) -> None:
        """Of attempts, by id, why a look came to nothing: they are looked at again after a growing pause."""
        aside.put_off_attempts(self._connection, bucket, reasons, now)

    def _one(self, query: str, *values: object) -> Attempt | None:
        row = self._connection.execute(query, values, binary=True).fetchone()
        return None if row is None else attempt_of(row)


def attempt_of(row: tuple[Any, ...]) -> Attempt:
    """The attempt behind `COLUMNS`."""
    return Attempt(
        id=row[0],
        account_id=row[1],
        plan=codec.decode_plan(row[2]),
        state=AttemptState(row[3]),
        off_session=row[4],
        created_at=row[5],
        expires_at=row[6],
        look_at=row[7],
        key=row[8],
        input_hash=row[9],
        request=None if row[10] is None else codec.decode_change(row[10]),
        provider=row[11],
        method_id=row[12],
        method_token=row[13],
        ref=row[14],
        action=None if row[15] is None else codec.decode_action(row[15]),
        cause=None if row[16] is None else FailureCause(row[16]),
        tries=row[17],
        return_url=row[18],
        method_kind=row[19],
        charged_kind=row[20],
        provider_view=None if row[21] is None else _view(row[21], row[22], row[23]),
    )


def said(view: ProviderView | None) -> tuple[str | None, str | None, datetime | None]:
    """What a provider said as the columns `said`, `said_cause` and `said_at`."""
    return (None, None, None) if view is None else (view.outcome, view.cause, view.at)


def _view(outcome: str, cause: str | None, at: datetime) -> ProviderView:
    return ProviderView(outcome=Outcome(outcome), cause=None if cause is None else FailureCause(cause), at=at)


def _about(plan: Plan) -> list[UUID]:
    """The subscriptions that no unique index guards: those of a plan that renews several, and the one of a change,
    which may be one of several. Who has locked their rows sees every attempt about them that was there before."""
    guarded = plan.path is Path.CHANGE or plan.also
    return [after.id for after in plan.subscriptions] if guarded else []


def _array(ids: Collection[UUID | int]) -> str | None:
    """Ids, or numbers, as the text of an array; None for none."""
    return "{" + ",".join(map(str, ids)) + "}" if ids else None


def _texts(texts: Collection[str]) -> str | None:
    """Texts, whatever is in them, as the text of an array; None for none."""
    spelled = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in spelled) + "}" if texts else None


def _debts(plan: Plan) -> str | None:
    """The invoices that a plan settles, as the text of an array."""
    return _array([debt.invoice_id for debt in plan.settles])


def _row(attempt: Attempt) -> tuple[object, ...]:
    plan = attempt.plan
    return (
        bucket_of(attempt.id),
        attempt.id,
        attempt.account_id,
        plan.path,
        plan.intent,
        plan.claim,
        attempt.state,
        attempt.key,
        attempt.input_hash,
        None if attempt.request is None else codec.encode_change(attempt.request),
        codec.encode(plan),
        plan.fingerprint,
        plan.due,
        plan.currency,
        attempt.provider,
        attempt.method_id,
        attempt.method_token,
        attempt.off_session,
        plan.needs_setup,
        attempt.ref,
        codec.encode_action(attempt.action),
        attempt.cause,
        _debts(plan),
        attempt.tries,
        attempt.created_at,
        attempt.expires_at,
        attempt.look_at,
        attempt.return_url,
        attempt.method_kind,
        _array(_about(plan)),
        _array([x.item_id for x in plan.items]),
        _array([x.base for x in plan.items]),
        plan.bills_usage,
        None if plan.cart is None else plan.cart.cart_id,
        None if plan.cart is None else plan.cart.base,
        _texts(plan.slots),
    )
