"""Registering: names that were paid for, from the registrar's answer to its consequence.

Owns the steps after the commit: ask under the registration's id, record what was said, and where the name was refused
for good, credit its line, refund it and end it. Each step is found again by its key, so that a crash anywhere is the
next look. What else was bought stays. Does not own the credit note (`credit`), nor how a subscription ends (`change`).
"""

import logging
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from solvent.core.change import CancelNow, RemoveItem
from solvent.core.crediting import PaidPart, Wish
from solvent.core.plan import Refusal
from solvent.core.registration import Registration, RegistrationState
from solvent.flows.change import open_change
from solvent.flows.credit import Issue, Issued, issue_credit_note
from solvent.flows.opening import Asked, Conflict
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
    """The line is credited and refunded, then what it was for ends; a payment under way about that is waited for."""
    credit_note_id = _credited(platform, registration, now)
    if isinstance(_ended(platform, registration, now), Conflict):
        _put_off(platform, registration, now)
        return
    with platform.store.begin() as tx:
        tx.registrations.returned(registration, credit_note_id, now)


def _credited(platform: Platform, registration: Registration, now: datetime) -> UUID | None:
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
    if isinstance(answer, Refusal):
        log.warning("registration %s: its line is not credited: %s", registration.id, answer.rule)
    return answer.credit_note_id if isinstance(answer, Issued) else None


def _ended(platform: Platform, registration: Registration, now: datetime) -> object:
    """The subscription ends at once; of one with other items, only the name does, with its period."""
    with platform.store.look() as tx:
        view = tx.accounts.view(registration.account_id)
    held = [s for s in view.subscriptions if s.id == registration.subscription_id] if view is not None else []
    alone = not held or len(held[0].items) == 1
    sub, item = registration.subscription_id, registration.item_id
    change = CancelNow(subscription_id=sub) if alone else RemoveItem(subscription_id=sub, item_id=item)
    asked = Asked(
        account_id=registration.account_id,
        key=f"registration:{registration.id}",
        input_hash=registration.id.bytes,
    )
    return open_change(platform, asked, change, now)


def _put_off(platform: Platform, registration: Registration, now: datetime) -> None:
    pause = min(PAUSE_FIRST * 2 ** min(registration.tries, 20), PAUSE_MAX)
    with platform.store.begin() as tx:
        tx.registrations.put_off(registration, now + pause)
