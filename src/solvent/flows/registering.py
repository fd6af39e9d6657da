"""Registering: names that were paid for, from the registrar's answer to its consequence.

Owns the steps after the commit: ask under the registration's id, record what was said, and where the name was refused
for good, credit its line, refund it and end it. The credit note is found again by its key, the end by what the
subscription is, so that a crash anywhere is the next look. What else was bought stays. Does not own the credit note
(`credit`), nor how a subscription ends (`change`).
"""

import logging
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.change import CancelAtPeriodEnd, CancelNow, Change, RemoveItem
from solvent.core.credit_note import NOTHING_LEFT
from solvent.core.crediting import PaidPart, Wish
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.registration import Registration, RegistrationState
from solvent.core.revision import following_items
from solvent.core.subscription import SubscriptionState
from solvent.flows.change import open_change
from solvent.flows.credit import Issue, Issued, KeyReused, issue_credit_note
from solvent.flows.opening import Asked
from solvent.flows.platform import Platform
from solvent.ports.registrar import Registered, RegistrarSilent, Rejected

PAUSE_FIRST, PAUSE_MAX = timedelta(minutes=1), timedelta(hours=6)
ISSUER = "registrar"

log = logging.getLogger(__name__)


def register(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """Take every registration of a bucket that is due one step further; returns how many were."""
    with platform.store.begin() as tx:
        due = tx.registrations.claim(bucket, now, now + platform.policy.lease, limit, account)
    for registration in due:
        if registration.state is RegistrationState.DUE:
            _ask(platform, registration, now)
        else:
            _give_back(platform, registration, now)
    return len(due)


def _ask(platform: Platform, registration: Registration, now: datetime) -> None:
    """No transaction is open while the registrar is asked. Silence decides nothing: the same key is asked again."""
    try:
        answer = platform.registrar.register(registration.id, registration.name)
    except RegistrarSilent as silence:
        log.warning("registration %s: %s", registration.id, silence)
        _put_off(platform, registration, now)
        return
    with platform.store.begin() as tx:
        match answer:
            case Registered():
                tx.registrations.registered(registration, now)
            case Rejected():
                tx.registrations.refused(registration, answer.reason, now)
            case _:
                assert_never(answer)


def _give_back(platform: Platform, registration: Registration, now: datetime) -> None:
    """The line is credited and refunded, then what it was for ends. What forbids one of them may pass (a payment under
    way about the same, a dispute of the money), so that both are tried until they are done."""
    credited = _credited(platform, registration, now)
    if isinstance(credited, Refusal):
        log.warning("registration %s: its line is not credited yet: %s", registration.id, credited.rule)
    if isinstance(credited, Refusal) or not _ended(platform, registration, now):
        _put_off(platform, registration, now)
        return
    with platform.store.begin() as tx:
        tx.registrations.returned(registration, credited, now)


def _credited(platform: Platform, registration: Registration, now: datetime) -> UUID | Refusal | None:
    """The credit note of the line that charged the name; None: it cost nothing, or somebody has credited it."""
    with platform.store.look() as tx:
        charged = tx.registrations.charged(registration)
    if charged is None:
        return None
    invoice_id, position = charged
    wish = Wish(
        paid_part=PaidPart.REFUND,
        reason=f"{registration.name} could not be registered",
        issued_by=ISSUER,
        key=f"registration:{registration.id}",
        input_hash=registration.id.bytes,
    )
    answer = issue_credit_note(platform, Issue(invoice_id=invoice_id, wish=wish, lines={position: None}), now)
    assert not isinstance(answer, KeyReused), (
        f"registration {registration.id}: its key is another credit note's"
    )
    if isinstance(answer, Issued):
        return answer.credit_note_id
    return None if answer == NOTHING_LEFT or answer.field == "lines" else answer  # or nothing of its line


def _ended(platform: Platform, registration: Registration, now: datetime) -> bool:
    """Whether the name has ended, or will with its period: a subscription of its own at once, one of several items when
    its period ends. Each try has a key of its own: one that failed must not be found again."""
    change = _ending(platform, registration)
    if change is None:
        return True
    asked = Asked(
        account_id=registration.account_id,
        key=f"registration:{registration.id}:{registration.tries}",
        input_hash=registration.id.bytes,
    )
    answer = open_change(platform, asked, change, now)
    return isinstance(answer, Attempt) and answer.state is AttemptState.COMMITTED


def _ending(platform: Platform, registration: Registration) -> Change | None:
    """What must change for the name to end; None where it has ended, or will with its period."""
    with platform.store.look() as tx:
        view = tx.accounts.view(registration.account_id)
    sub, item = registration.subscription_id, registration.item_id
    held = next((s for s in view.subscriptions if s.id == sub), None) if view is not None else None
    if held is None or held.state is SubscriptionState.ENDED:
        return None
    following = {each.id for each in following_items(held)}
    if len(held.items) == 1:
        return CancelNow(subscription_id=sub)
    if item not in following or (following == {item} and held.pending is not None and held.pending.cancel):
        return None
    if following == {item}:  # the others leave as well
        return CancelAtPeriodEnd(subscription_id=sub)
    return RemoveItem(subscription_id=sub, item_id=item)


def _put_off(platform: Platform, registration: Registration, now: datetime) -> None:
    pause = min(PAUSE_FIRST * 2 ** min(registration.tries, 20), PAUSE_MAX)
    with platform.store.begin() as tx:
        tx.registrations.put_off(registration, now + pause)
