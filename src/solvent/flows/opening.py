"""Opening: step 3, for whatever is planned on-session.

Owns how an attempt is recorded, opened at its provider and confirmed, and what happens when two callers want the
same thing: same key is the same attempt, same plan is joined, another plan for the same claim supersedes. Does not
own planning (handed in) nor what an outcome leads to (`settle`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TypeGuard
from uuid import UUID

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.payment import (
    ActionKind,
    AttemptState,
    Authentication,
    FailureCause,
    Outcome,
    Path,
    Report,
)
from solvent.core.plan import Plan, Refusal
from solvent.core.recurring import paid_for
from solvent.core.request import AddMethod, Change
from solvent.flows.acting import with_action
from solvent.flows.gating import gated, let_through, lets_through
from solvent.flows.platform import Platform, ask, traced
from solvent.flows.routing import Wish, provider_for
from solvent.flows.seats import none_left, take_seats
from solvent.flows.settle import record_opened, settle
from solvent.ports.provider import PaymentRequest, Provider
from solvent.ports.store import AccountView, Transaction

OPEN_TRIES_MAX = 3

Planner = Callable[[AccountView, datetime], Plan | Refusal]


class Contended(RuntimeError):
    """Other callers keep taking what this one wants to open; nothing was opened, and trying again may succeed."""


class Overtaken(Exception):
    """What an attempt would pay is no longer owed as it was planned: nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A caller's request to open something: `key` and `input_hash` make a repetition the same attempt.

    `provider`, `method_kind` and `method_id` choose how to pay; None leaves it to the default and to the confirmation.
    `id` is the attempt's id if this request opens a new one: a caller who draws it can tell that from a repetition.
    """

    account_id: UUID
    key: str
    input_hash: bytes
    request: Change | None = None
    provider: str | None = None
    method_id: UUID | None = None
    method_kind: str | None = None
    return_url: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Another attempt stands in the way; `code` is key_reused or in_flight."""

    code: str
    detail: str
    attempt_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _Busy:
    """What this plan is about is claimed by other attempts; by several only where it would pay several debts."""

    holders: Sequence[Attempt]
    plan: Plan


@traced("open_attempt")
def open_attempt(
    platform: Platform, asked: Asked, planner: Planner, now: datetime
) -> Attempt | Refusal | Conflict:
    """Steps 2 and 3: plan, record, open. Returns the attempt with its next action, or committed if nothing is due."""
    for _ in range(OPEN_TRIES_MAX):
        recorded = _record(platform, asked, planner, now)
        if recorded is None:
            continue
        if isinstance(recorded, _Busy):
            if not _joins(asked, recorded):
                staying = next((h for h in recorded.holders if not stop(platform, h, now)), None)
                if staying is None:
                    continue
                return Conflict(
                    code="in_flight",
                    detail="a payment about the same thing is under way: wait for it to end",
                    attempt_id=staying.id,
                )
            recorded = recorded.holders[0]
        opened = _open(platform, recorded, now) if _unopened(recorded) else recorded
        refused = none_left(opened)
        return refused or (with_action(platform, opened) if isinstance(opened, Attempt) else opened)
    raise Contended(f"account {asked.account_id}: {OPEN_TRIES_MAX} tries met another attempt each time")


@traced("confirm")
def confirm(platform: Platform, attempt_id: UUID, method: str | None, now: datetime) -> Attempt | None:
    """Step 4 on-session: complete the customer's part, with `method` (a provider's token) where one is needed.

    Returns the attempt as it then stands, or None when there is none of that id. Repeating it is harmless.
    """
    attempt = read(platform, attempt_id)
    if attempt is None or not attempt.in_flight or attempt.ref is None or attempt.provider is None:
        return attempt
    provider, ref = platform.providers.get(attempt.provider), attempt.ref
    named = _named(attempt, provider, method)
    report = ask(attempt.id, lambda: provider.confirm(attempt.id, ref, named))
    return settle(platform, [report], now, [attempt]).get(attempt_id, attempt)


def _named(attempt: Attempt, provider: Provider, brought: str | None) -> str | None:
    """The method that a confirmation names. What somebody brings counts only where payers bring one: whoever approves
    at the provider itself names none, and a name that came from a browser could be anybody's method."""
    if brought is not None and ActionKind.CONFIRM in provider.capabilities.actions:
        return brought
    imported = attempt.request.reference if isinstance(attempt.request, AddMethod) else None
    return attempt.method_token or imported


def read(platform: Platform, attempt_id: UUID) -> Attempt | None:
    """The attempt as the journal has it."""
    with platform.store.look() as tx:
        return tx.journal.get(attempt_id)


def payment_request(attempt: Attempt) -> PaymentRequest:
    """The attempt as its provider sees it; the key is the attempt's id, on every try."""
    return PaymentRequest(
        key=attempt.id,
        customer=attempt.account_id,
        amount=attempt.plan.due,
        currency=attempt.plan.currency,
        setup=attempt.plan.needs_setup,
        off_session=attempt.off_session,
        method=attempt.method_token,
        expires_at=attempt.expires_at,
        description=f"Solvent {attempt.plan.intent}",
        kind=attempt.method_kind,
        authentication=Authentication.AUTOMATIC if attempt.off_session else attempt.plan.authentication,
    )


def opening_request(platform: Platform, attempt: Attempt, provider: Provider) -> PaymentRequest:
    """The attempt as it is opened; who copies subscriptions is told of the one that it begins or changes."""
    request = payment_request(attempt)
    if attempt.return_url is not None:
        request = replace(request, return_url=platform.addresses.open(attempt.return_url))
    if not provider.capabilities.copies_subscriptions:
        return request
    needs = [item.price_id for after in attempt.plan.subscriptions for item in after.items]
    return replace(request, recurring=paid_for(attempt.plan, platform.store.catalog(needs)))


def _record(
    platform: Platform, asked: Asked, planner: Planner, now: datetime
) -> Attempt | Refusal | Conflict | _Busy | None:
    """The attempt is in the journal, or somebody else's is; None: it was, until just now.

    A repetition is met in the journal, or on being refused: what was planned at first may since have become impossible.
    """
    with platform.store.look() as tx:
        view = tx.accounts.view(asked.account_id)
    if view is None:
        return Refusal(field="account_id", rule="must be an existing account")
    attempt = _planned(platform, asked, planner, view, now)
    if isinstance(attempt, Refusal):
        return _known(platform, asked) or attempt
    if _added(platform, attempt, view, now):
        return attempt
    known = _known(platform, asked)
    if known is not None:
        return known
    with platform.store.look() as tx:
        holders = tx.journal.in_flight(attempt.plan)
    return _Busy(holders=holders, plan=attempt.plan) if holders else None


def _planned(
    platform: Platform, asked: Asked, planner: Planner, view: AccountView, now: datetime
) -> Attempt | Refusal:
    moment = view.account.moment(now)
    plan = planner(view, moment)
    if isinstance(plan, Refusal):
        return plan
    method = _chosen(view, asked.method_id)
    if isinstance(method, Refusal):
        return method
    refused = gated(platform, view, plan)
    if refused is not None:
        return refused
    wish = Wish(provider=asked.provider, kind=asked.method_kind, method=method)
    provider = provider_for(platform, view.account, plan, wish)
    if isinstance(provider, Refusal):
        return provider
    return _attempt(platform, asked, plan, provider, method, moment)


def _added(platform: Platform, attempt: Attempt, view: AccountView, now: datetime) -> bool:
    """Whether the journal took it; what a soft gate lets through is counted with it."""
    if attempt.plan.settles:
        return _added_for_debts(platform, attempt, view, now)
    plan = attempt.plan  # a cart must stand still between its account's lock and its attempt
    counts = lets_through(platform, view, plan)
    in_one = plan.path is Path.CHANGE or plan.cart is not None or counts
    with platform.store.begin() if in_one else platform.store.single() as tx:
        added = attempt.id in tx.journal.add([attempt])
        if added and counts:
            let_through(tx, view, plan, now)
    return added


def _added_for_debts(platform: Platform, attempt: Attempt, view: AccountView, now: datetime) -> bool:
    """Whether the journal took it.

    It is marked because when an invoice is tried next depends on whether it is being paid.
    """
    with suppress(Overtaken), platform.store.begin() as tx:
        if attempt.id not in tx.journal.add([attempt]):
            return False
        ensure_owed(tx, [attempt])
        tx.queue.mark([attempt.account_id], "opened", now)
        if lets_through(platform, view, attempt.plan):
            let_through(tx, view, attempt.plan, now)
        return True
    return False


def ensure_owed(tx: Transaction, journaled: Sequence[Attempt]) -> None:
    """Raises `Overtaken` unless what these attempts would pay is owed as it was when it was read: since then another
    attempt may have paid it, or a dispute made it more. From here on nobody else can: it is claimed."""
    for debt in chain.from_iterable(attempt.plan.settles for attempt in journaled):
        invoice = tx.accounts.invoice(debt.invoice_id)
        if invoice is None or invoice.version != debt.version:
            raise Overtaken


def _known(platform: Platform, asked: Asked) -> Attempt | Conflict | None:
    """What the caller's key stands for already."""
    with platform.store.look() as tx:
        known = tx.journal.by_key(asked.account_id, asked.key)
    return None if known is None else _replayed(known, asked)


def _replayed(known: Attempt, asked: Asked) -> Attempt | Conflict:
    if known.input_hash == asked.input_hash:
        return known
    return Conflict(
        code="key_reused", detail="this idempotency key came with another input before", attempt_id=known.id
    )


def _joins(asked: Asked, busy: _Busy) -> bool:
    """Whether the attempt in flight is what is asked for: the same plan, and the same way to pay or any."""
    holder = busy.holders[0]
    ways = (
        (asked.provider, holder.provider),
        (asked.method_id, holder.method_id),
        (asked.method_kind, holder.method_kind),
    )
    same_way = all(wanted in (None, there) for wanted, there in ways)
    return len(busy.holders) == 1 and same_way and holder.plan.fingerprint == busy.plan.fingerprint


def _chosen(view: AccountView, method_id: UUID | None) -> CollectionMethod | Refusal | None:
    if method_id is None:
        return None
    for method in view.methods:
        if method.id == method_id and method.state is MethodState.ACTIVE:
            return method
    return Refusal(field="method_id", rule="must be an active method of the account")


def _attempt(
    platform: Platform,
    asked: Asked,
    plan: Plan,
    provider: str,
    method: CollectionMethod | None,
    now: datetime,
) -> Attempt:
    return Attempt(
        id=asked.id or platform.ids.draw(bucket_of(asked.account_id)),
        account_id=asked.account_id,
        plan=plan,
        state=AttemptState.OPENING,
        off_session=False,
        created_at=now,
        expires_at=plan.expires_at,
        look_at=now + platform.policy.lease,
        key=asked.key,
        input_hash=asked.input_hash,
        request=asked.request,
        provider=provider,
        method_id=method.id if method else None,
        method_token=method.token if method else None,
        charged_kind=method.kind if method else None,
        method_kind=asked.method_kind,
        return_url=None if asked.return_url is None else platform.addresses.close(asked.return_url),
    )


def _unopened(recorded: Attempt | Refusal | Conflict) -> TypeGuard[Attempt]:
    """Whether it is an on-session attempt of which its provider has not answered: asking again is the same request."""
    return (
        isinstance(recorded, Attempt)
        and recorded.in_flight
        and recorded.ref is None
        and not recorded.off_session
    )


def _open(platform: Platform, attempt: Attempt, now: datetime) -> Attempt:
    """Call the provider for a recorded attempt and record what it says; nothing due commits at once.

    Before anything can be paid, it takes its seats of coupons that are limited; without one it has failed.
    """
    if not take_seats(platform, attempt, now):
        none_left = Report(
            outcome=Outcome.FAILED, key=attempt.id, cause=FailureCause.COUPON_USED_UP, ours=True
        )
        return settle(platform, [none_left], now, [attempt])[attempt.id]
    if not attempt.needs_provider or attempt.provider is None:
        free = Report(outcome=Outcome.SUCCEEDED, key=attempt.id, ours=True)
        return settle(platform, [free], now, [attempt])[attempt.id]
    provider = platform.providers.get(attempt.provider)
    report = ask(attempt.id, lambda: provider.open(opening_request(platform, attempt, provider)))
    opened = record_opened(platform, attempt, report, now)
    if opened.state is AttemptState.FAILED and report.outcome is Outcome.REQUIRES_ACTION:
        # Another attempt took its place while the provider was being called: what that opened must not be paid.
        late = ask(attempt.id, lambda: provider.cancel(attempt.id, report.ref))
        settle(platform, [late] if late is not None else [], now)
    return opened


@traced("stop_attempt")
def stop(platform: Platform, holder: Attempt, now: datetime) -> bool:
    """Make sure that an on-session attempt can no longer succeed; False when it already may have."""
    if holder.off_session or holder.provider is None:
        return False
    provider = platform.providers.get(holder.provider)
    if holder.state is AttemptState.PROCESSING and not provider.capabilities.recorded:
        return False
    report = ask(holder.id, lambda: provider.cancel(holder.id, holder.ref))
    unheard = report is None
    if report is None:
        report = Report(outcome=Outcome.FAILED, key=holder.id, cause=FailureCause.CANCELED, unheard=True)
    left = settle(platform, [report], now, [holder])[holder.id]
    if unheard and left.in_flight:  # it has been opened since: now there is something to cancel
        return stop(platform, left, now)
    return left.state is AttemptState.FAILED
