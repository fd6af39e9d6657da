"""Checks: what must be true of a simulated world, at any moment and at rest.

Owns the judgement over one world: the laws of the database, and what only somebody can see who reads the banks' own
books as well. Each check returns sentences, one for each kind of violation; none means that all is well.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from solvent.audit import fleet
from solvent.core.ids import bucket_of
from solvent.flows.recompute import gather, restless
from solvent.providers.sandbox.records import Status
from solvent.store.codec import decode_plan
from solvent.store.database import Database
from solvent.store.laws import violations
from tests.simulation.fragile import FragileWorld

LATER = "L5"  # an hour of silence is a matter for a world at rest
_OVER = frozenset({Status.FAILED, Status.CANCELED})

_ATTEMPTS = "select id, state from attempt where bucket = any(%s)"
_PAYMENTS = """
select provider, ref, sum(amount) over (partition by bucket, provider, ref)::bigint, currency, disposition, reason
from payment
where bucket = any(%s) and attempt_id is not null"""
_REFUNDS = """
select r.id, r.state, r.amount, p.provider from refund r
join payment p on p.bucket = r.bucket and p.id = r.payment_id where r.bucket = any(%s)"""


def wrong(world: FragileWorld) -> list[str]:
    """What is wrong at this moment, whatever is still under way.

    Where a test puts words into a bank's mouth, the world is not `honest`, and only the books are judged.
    """
    return [*unlawful(world.database, world.now), *wrong_by_itself(world)]


def unlawful(database: Database, now: datetime) -> list[str]:
    """Which laws do not hold in the whole database, whosever worlds are in it."""
    return list(_laws(database, now, at_rest=False))


def wrong_by_itself(world: FragileWorld) -> list[str]:
    """What is wrong with this world at this moment, beside the laws."""
    books = [*_recompute(world), *_entitled(world), *_proven(world), *_quotes(world)]
    return [*books, *_journal(world), *_receipts(world)] if world.honest else books


def wrong_at_rest(world: FragileWorld) -> list[str]:
    """What is wrong although everything has come to an end that needs no customer."""
    found = [*wrong(world), *_laws(world.database, world.now, at_rest=True)]
    found += [f"{f.law} {f.says}: {f.violations}" for f in world.agreement() if f.violations]
    return [*found, *_refunds(world), *_left_over(world)]


def _laws(database: Database, now: datetime, *, at_rest: bool) -> Iterator[str]:
    with database.pool.connection() as connection:
        counted = violations(connection, now)
    for law, count in counted:
        if count and (at_rest or law.law != LATER):
            yield f"{law.law} {law.says}: {count}"


def _recompute(world: FragileWorld) -> Iterator[str]:
    for finding in fleet(world.database, world.platform, world.now, world.buckets):
        if finding.violations:
            yield f"{finding.law} {finding.says}: {finding.violations}"


def _entitled(world: FragileWorld) -> Iterator[str]:
    """L10 without patience: no account waits for a recompute before it has what its facts say."""
    accounts: dict[int, list[UUID]] = {}
    for (account,) in _rows(world, "select id from account where bucket = any(%s)"):
        accounts.setdefault(bucket_of(account), []).append(account)
    for bucket, ids in accounts.items():
        for verdict in gather(world.platform, bucket, ids, world.now):
            if verdict.drifted:
                yield f"L10 the entitlements of {verdict.account_id} are not those of its facts"


def _proven(world: FragileWorld) -> Iterator[str]:
    """Whoever a sweep need not read is at rest."""
    platform, now = world.platform, world.now
    basis = platform.store.basis(platform.store.catalog(), platform.policy)
    for bucket in world.buckets:
        with platform.store.still() as tx:
            unproven = tx.fleet.glance(bucket, basis, now).unproven
        noted = _rows(world, "select account_id from examined where bucket = any(%s)")
        proven = [i for (i,) in noted if bucket_of(i) == bucket and i not in unproven]
        for verdict in gather(platform, bucket, proven, now):
            if restless(verdict):
                yield f"a sweep would not read {verdict.account_id}, for whom something follows"


def _rows(world: FragileWorld, query: str) -> list[tuple[Any, ...]]:
    with world.database.pool.connection() as connection:
        return connection.execute(query, (list(world.buckets),)).fetchall()


def _journal(world: FragileWorld) -> Iterator[str]:
    """The banks were asked only under ids of the journal, and no attempt is given up that may still succeed."""
    attempts = {key.hex: state for key, state in _rows(world, _ATTEMPTS)}
    for name, bank in world.banks.by_name.items():
        for intent in bank._book.by_ref.values():
            if intent.key not in attempts:
                yield f"{name} was asked for {intent.ref} under a key that is not in the journal"
            elif attempts[intent.key] == "failed" and intent.status not in _OVER:
                yield f"attempt {intent.key} is given up, but {name} says {intent.status}"


def _receipts(world: FragileWorld) -> Iterator[str]:
    """No payment is recorded that a bank did not make, and none is stranded without a cause that the world has."""
    charges = {
        (name, row.ref): (row.amount, row.currency)
        for name, bank in world.banks.by_name.items()
        for row in bank.statement()
        if row.kind == "charge"
    }
    for provider, ref, amount, currency, disposition, reason in _rows(world, _PAYMENTS):
        if charges.get((provider, ref)) != (amount, currency):
            yield f"payment {ref} of {amount} {currency} is recorded, {provider} never made it"
        if reason in {"amount", "late"}:
            yield f"payment {ref} is {disposition} as {reason}, which cannot happen here"


# A plan made anew for money that its first plan could not use is not the one in the journal.
_QUOTES = """
select t.id, t.plan::text, v.total, (select array_agg(l.amount order by l.position) from invoice_line l
                                     where l.bucket = v.bucket and l.invoice_id = v.id),
       array(select c.amount from credit_note c where c.bucket = t.bucket and c.account_id = t.account_id
             and c.key like 'change:' || t.id || ':%%' order by c.amount)
from attempt t join proof p on p.bucket = t.bucket and p.attempt_id = t.id and p.of_plan
join invoice v on v.bucket = p.bucket and v.proof_id = p.id
where t.bucket = any(%s) and not exists (
    select from payment m join event e on e.bucket = m.bucket and e.account_id = m.account_id
    where m.bucket = t.bucket and m.attempt_id = t.id and e.type = 'payment.stranded'
      and e.data->>'payment_id' = m.id::text and e.data->>'disposition' = 'replanned')"""


def _quotes(world: FragileWorld) -> Iterator[str]:
    """The committed invoice with its credit notes is the plan that was shown, to the cent."""
    for key, text, total, amounts, back in _rows(world, _QUOTES):
        plan = decode_plan(text)
        planned = [line.amount for line in plan.invoiced], sorted(note.amount for note in plan.credit_notes)
        # Where the invoice is of nothing, the plan is below it; in a cart others are charged, beside what goes back.
        whole = total if plan.total >= 0 else total - sum(back)
        if (plan.total, *planned) != (whole, amounts, back):
            yield f"attempt {key} was planned as {planned}, and is invoiced as {amounts}, credited {back}"


def _refunds(world: FragileWorld) -> Iterator[str]:
    """Refunds that are due are made, to the cent."""
    for key, state, amount, provider in _rows(world, _REFUNDS):
        made = world.banks.by_name[str(provider)]._book.refunds.get(key.hex)
        if made is None or made.amount != amount:
            yield f"refund {key} of {amount} is {state}, and {provider} knows {made}"
        elif (state, made.status) not in {
            ("succeeded", Status.SUCCEEDED),
            ("processing", Status.PROCESSING),
            ("failed", Status.FAILED),
        }:
            yield f"refund {key} is {state}, {provider} says {made.status}"


_WAITING = """
select 'recompute' from recompute_queue where bucket = any(%(b)s)
union all select 'notification ' || id from inbox where bucket = any(%(b)s) and state = 'waiting'
union all select 'attempt ' || id || ' ' || state from attempt where bucket = any(%(b)s) and look_at <= %(now)s"""


def _left_over(world: FragileWorld) -> Iterator[str]:
    with world.database.pool.connection() as connection:
        rows = connection.execute(_WAITING, {"b": list(world.buckets), "now": world.now}).fetchall()
    for (what,) in rows:
        yield f"left over at rest: {what}"
