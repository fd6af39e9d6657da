"""Acts: how the bank decides about a payment, and the only place where money moves.

Owns what a behaviour does to an intent: challenge, decline, wait, succeed; how waiting ends; refunds and disputes
as money. Does not own who may ask (`operations`, `controls`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

from solvent.providers.sandbox.book import Book, ref_of
from solvent.providers.sandbox.cards import (
    REFUND_DAYS,
    RETURN_DAYS,
    Behaviour,
    Challenge,
    RefundManner,
    agreed_number,
    behaviour_of,
    number_in,
)
from solvent.providers.sandbox.records import Dispute, Intent, Movement, Refund, Status, Vaulted

EVIDENCE_DAYS = 14
CARD_YEARS = 4  # for which a new card works
WITHOUT_MONEY = frozenset({"inquiry", "won", "withdrawn"})  # of disputes: the merchant has the money
_DECISIONS = frozenset({"won", "lost", "accepted", "withdrawn"})
DISPUTE_MOVES: Mapping[str, frozenset[str]] = {
    "inquiry": frozenset({"open"}) | _DECISIONS,
    "open": frozenset({"in_review"}) | _DECISIONS,
    "in_review": frozenset({"open"}) | _DECISIONS,
    "lost": frozenset({"won"}),  # the network reversed its decision
    "accepted": frozenset(),
    "won": frozenset(),
    "withdrawn": frozenset(),
}


def present(book: Book, intent: Intent, method: str, now: datetime) -> None:
    """The payer is there and shows a method: challenge them, or act at once."""
    if not _resolve(book, intent, method, now):
        return
    behaviour = behaviour_of(intent.number or "")
    if behaviour.challenge is Challenge.NEVER and not intent.authenticate:
        act(book, intent, now, on_session=True)
    elif intent.status is Status.OPEN:
        book.move(intent, Status.ACTION, now)
    else:
        book.save(intent)


def capture(book: Book, intent: Intent, now: datetime) -> None:
    """Take the money of an approved order, or of one that stands on an agreement."""
    if intent.method is None or _resolve(book, intent, intent.method, now):
        act(book, intent, now, on_session=True)


def take_over(book: Book, intent: Intent, agreement: str, now: datetime) -> None:
    """An agreement that the payer gave long ago becomes the setup's method, without an approval; unless it was revoked,
    or is none."""
    number = agreed_number(agreement)
    if number is None:
        book.move(intent, Status.FAILED, now, "agreement_revoked")
    else:
        intent.method, intent.number = agreement, number
        book.move(intent, Status.APPROVED, now)
        act(book, intent, now, on_session=True)


def charge_stored(book: Book, intent: Intent, method: str | None, now: datetime) -> None:
    """The payer is away: charge the stored method; needing the payer is a failure."""
    if method is None:
        book.move(intent, Status.FAILED, now, "no_such_method")
    elif _resolve(book, intent, method, now):
        if behaviour_of(intent.number or "").challenge is Challenge.ALWAYS:
            book.move(intent, Status.FAILED, now, "authentication_required")
        else:
            act(book, intent, now, on_session=False)


def _resolve(book: Book, intent: Intent, method: str, now: datetime) -> bool:
    """Find the number behind a method; a token that may not be used fails the intent."""
    intent.method = method
    vaulted = book.vault.get(method)
    if vaulted is None:
        intent.number, intent.token = number_in(method), None
        reason = "no_such_method" if intent.number is None else None
    else:
        intent.number, intent.token = vaulted.number, vaulted.token
        reason = _unusable(vaulted, intent.customer)
    if reason is not None:
        book.move(intent, Status.FAILED, now, reason)
    return reason is None


def _unusable(vaulted: Vaulted, customer: str) -> str | None:
    if vaulted.customer != customer or vaulted.state == "detached":
        return "no_such_method"
    return "agreement_revoked" if vaulted.state == "revoked" else None


def act(book: Book, intent: Intent, now: datetime, *, on_session: bool) -> None:
    """Let the behaviour decide about the payment."""
    behaviour = behaviour_of(intent.number or "")
    decline = behaviour.decline if on_session else behaviour.decline_off_session
    if decline is not None:
        book.move(intent, Status.FAILED, now, decline)
        return
    if on_session and intent.token is None:
        _vault(book, intent, behaviour)
    if behaviour.odd_status:
        book.move(intent, Status.REVIEW, now)
    elif behaviour.settle_days and not intent.setup:
        book.wait(intent, now + timedelta(days=behaviour.settle_days), now)
    else:
        succeed(book, intent, behaviour, now)


def succeed(book: Book, intent: Intent, behaviour: Behaviour, now: datetime) -> None:
    """Move the money: once, unless the number asks for the mistake of moving it twice."""
    book.move(intent, Status.SUCCEEDED, now)
    if intent.setup:
        return
    for count in range(1, behaviour.charges + 1):
        charge_again(book, intent, now, count)
    if behaviour.disputed:
        open_dispute(book, book.charges[intent.ref], now)


def charge_again(book: Book, intent: Intent, now: datetime, count: int) -> None:
    """One charge for an intent; the first bears the intent's own ref, a duplicate one of its own."""
    ref = intent.ref if count == 1 else f"{intent.ref}_{count}"
    amount, currency = intent.amount, intent.currency
    fee = book.tariff.of(amount)
    book.post(Movement(ref, intent.ref, intent.key, intent.customer, "charge", amount, currency, now, fee))


def fingerprint(number: str) -> str:
    """The same for the same number, whatever token it got."""
    return blake2b(number.encode(), digest_size=8, person=b"fingerprint").hexdigest()


def _vault(book: Book, intent: Intent, behaviour: Behaviour) -> None:
    token = ref_of("vm", intent.key)
    year = intent.changed_at.year + CARD_YEARS
    redirect = book.personality.redirect
    book.vault_in(
        Vaulted(
            token=token,
            customer=intent.customer,
            number=behaviour.number,
            kind="agreement" if redirect else behaviour.kind,
            label=f"SandPal •••• {token[-4:]}" if redirect else behaviour.label,
            fingerprint=fingerprint(intent.customer if redirect else behaviour.number),
            expires=f"{year}-12" if behaviour.kind == "card" and not redirect else None,
        )
    )
    intent.token = token


def settle(book: Book, intent: Intent, now: datetime) -> None:
    """End what time ends: a wait that is over, or an order whose approval came too late."""
    if intent.status is Status.PROCESSING and intent.settles_at is not None and intent.settles_at <= now:
        decide(book, intent, now, late_decline=behaviour_of(intent.number or "").late_decline)
    elif intent.status is Status.ACTION and book.personality.redirect and intent.expires_at <= now:
        book.move(intent, Status.FAILED, now, "expired")


def decide(book: Book, intent: Intent, now: datetime, *, late_decline: str | None) -> None:
    """End a processing or held payment: success, or failure with that code."""
    if late_decline is None:
        succeed(book, intent, behaviour_of(intent.number or ""), now)
    else:
        book.move(intent, Status.FAILED, now, late_decline)


def sweep(book: Book, now: datetime, *, by_bank_time: bool = False) -> None:
    """Settle everything whose wait is over, by the merchant's clock or by the bank's."""
    for waiting in book.ripe_by_bank_time(now) if by_bank_time else book.ripe(now):
        if isinstance(waiting, Intent):
            settle(book, waiting, now)
        else:
            settle_refund(book, waiting, now)


def begin_refund(book: Book, refund: Refund, now: datetime) -> None:
    """Send money back in the manner of the card that paid, as it now is; a refund that has a `reason` is refused."""
    intent = book.by_ref[book.charges[refund.payment].intent]
    vaulted = book.vault.get(intent.token or "")
    manner = behaviour_of((vaulted.number if vaulted is not None else intent.number) or "").refunds
    if manner is RefundManner.REFUSED:
        refund.reason = refund.reason or "refund_refused"
    if refund.reason is not None:
        refund.status = Status.FAILED
    elif manner is RefundManner.LATER:
        refund.settles_at = now + timedelta(days=REFUND_DAYS)
    elif manner is RefundManner.RETURNED:
        refund.settles_at = now + timedelta(days=RETURN_DAYS)
    book.add_refund(refund)
    if refund.reason is None and manner is not RefundManner.LATER:
        _give_back(book, refund, now)
    else:
        book.refund_moved(refund, now)


def settle_refund(book: Book, refund: Refund, now: datetime) -> None:
    """End a refund's wait when its time has come: it succeeds, or comes back."""
    if refund.settles_at is None or refund.settles_at > now:
        return
    refund.settles_at = None
    if refund.status is Status.PROCESSING:
        _give_back(book, refund, now)
    else:
        take_back(book, refund, now)


def take_back(book: Book, refund: Refund, now: datetime) -> None:
    """The payer's bank sends a refund back that had succeeded; any other stays as it is."""
    if refund.status is not Status.SUCCEEDED:
        return
    charge = book.charges[refund.payment]
    refund.status, refund.reason = Status.FAILED, "refund_returned"
    book.refund_moved(refund, now)
    row = charge._replace(ref=refund.ref, kind="refund_returned", amount=refund.amount, at=now, fee=0)
    book.post(row)


def _give_back(book: Book, refund: Refund, now: datetime) -> None:
    charge = book.charges[refund.payment]
    refund.status = Status.SUCCEEDED
    book.refund_moved(refund, now)
    book.post(charge._replace(ref=refund.ref, kind="refund", amount=-refund.amount, at=now, fee=0))


def open_dispute(
    book: Book,
    charge: Movement,
    now: datetime,
    *,
    amount: int | None = None,
    reason: str = "general",
    fee: int = 0,
    inquiry: bool = False,
) -> Dispute:
    """The payer contests a charge: the bank takes the money back until it is decided, unless it is only asked."""
    dispute = Dispute(
        ref=ref_of("dp", charge.ref),
        payment=charge.ref,
        key=charge.key,
        amount=amount or charge.amount,
        currency=charge.currency,
        state="inquiry",
        opened_at=now,
        changed_at=now,
        reason=reason,
        due_by=now + timedelta(days=EVIDENCE_DAYS),
        fee=fee,
    )
    if inquiry:
        book.dispute_moved(dispute)
    else:
        move_dispute(book, dispute, "open", now)
    return dispute


def return_debit(book: Book, charge: Movement, now: datetime) -> Dispute:
    """The payer's bank takes back a debit that had been paid: nobody is asked, and it is final."""
    dispute = open_dispute(book, charge, now, reason="debit_returned", inquiry=True)
    move_dispute(book, dispute, "lost", now)
    return dispute


def move_dispute(book: Book, dispute: Dispute, state: str, now: datetime) -> None:
    """The dispute is in another state, and its money where that state has it; an act that is too late does nothing."""
    if state not in DISPUTE_MOVES[dispute.state]:
        return
    charge = book.charges[dispute.payment]
    took, takes = dispute.state not in WITHOUT_MONEY, state not in WITHOUT_MONEY
    if takes and not took:
        book.post(charge._replace(ref=dispute.ref, kind="dispute", amount=-dispute.amount, at=now, fee=0))
        if dispute.fee:
            row = charge._replace(ref=dispute.ref, kind="dispute_fee", amount=-dispute.fee, at=now, fee=0)
            book.post(row)
            dispute.fee_charged = dispute.fee
    elif took and not takes:
        book.post(charge._replace(ref=dispute.ref, kind="dispute_won", amount=dispute.amount, at=now, fee=0))
    dispute.state, dispute.changed_at = state, now
    book.dispute_moved(dispute)
