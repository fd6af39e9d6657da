"""Controls: what the payer, and the bank's own staff, do at the bank.

Owns the payer's part (3-D Secure, approval, revocation) and the levers of tests and demos (behaviour, disputes,
decisions, a duplicate charge). Does not own what a merchant may ask (`operations`).

Each returns an answer like an operation; an act that is too late changes nothing and says how things stand.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from solvent.providers.sandbox import acts, render
from solvent.providers.sandbox.book import Book, ref_of
from solvent.providers.sandbox.cards import BEHAVIOURS, SUCCEEDS, behaviour_of
from solvent.providers.sandbox.records import Status, Tariff
from solvent.providers.sandbox.render import Answer, error


def complete_challenge(book: Book, now: datetime, *, ref: str, passed: bool) -> Answer:
    """The payer passes or fails 3-D Secure; a pass lets the bank act at once."""
    intent = book.by_ref.get(ref)
    if intent is None:
        return error("not_found", "no such payment")
    if intent.status is Status.ACTION and not book.personality.redirect:
        if passed and not behaviour_of(intent.number or "").challenge_fails:
            acts.act(book, intent, now, on_session=True)
        else:
            book.move(intent, Status.FAILED, now, "authentication_failed")
    return render.payment(book, intent)


def approve(book: Book, now: datetime, *, ref: str, number: str = SUCCEEDS) -> Answer:
    """The payer approves an order and funds it with that number; the merchant must still capture it."""
    intent = book.by_ref.get(ref)
    if intent is None:
        return error("not_found", "no such order")
    acts.settle(book, intent, now)
    if intent.status is Status.ACTION and book.personality.redirect:
        intent.number = number
        book.move(intent, Status.APPROVED, now)
    return render.payment(book, intent)


def refuse(book: Book, now: datetime, *, ref: str) -> Answer:
    """The payer refuses an order."""
    intent = book.by_ref.get(ref)
    if intent is None:
        return error("not_found", "no such order")
    acts.settle(book, intent, now)
    if intent.status is Status.ACTION and book.personality.redirect:
        book.move(intent, Status.CANCELED, now, "payer_refused")
    return render.payment(book, intent)


def revoke(book: Book, now: datetime, *, token: str) -> Answer:  # noqa: ARG001 - one signature for all controls
    """The payer ends an agreement: later charges with it fail."""
    vaulted = book.vault.get(token)
    if vaulted is None:
        return error("not_found", "no such method")
    vaulted.state = "revoked"
    book.vault_in(vaulted)
    return {}


def set_tariff(book: Book, now: datetime, *, ppm: int, fixed: int) -> Answer:  # noqa: ARG001 - as above
    """From now on the bank keeps that much of each charge, for as long as it runs."""
    book.tariff = Tariff(ppm, fixed)
    return {}


def set_taking(book: Book, now: datetime, *, taking: bool) -> Answer:  # noqa: ARG001 - as above
    """From now on the merchant may take payments, or none, for as long as the bank runs."""
    book.taking = taking
    return {}


def set_behaviour(book: Book, now: datetime, *, token: str, number: str) -> Answer:  # noqa: ARG001 - as above
    """From now on a vaulted method behaves like that number ("the card expires in March")."""
    vaulted = book.vault.get(token)
    if vaulted is None or number not in BEHAVIOURS:
        return error("not_found", "no such method, or a number that is not in the table")
    vaulted.number = number
    book.vault_in(vaulted)
    return {}


def renew_card(book: Book, now: datetime, *, token: str, expires: str, quietly: bool = False) -> Answer:
    """The payer's bank says until which month a card works, and tells the merchant, unless `quietly`."""
    vaulted = book.vault.get(token)
    if vaulted is None:
        return error("not_found", "no such method")
    vaulted.expires = expires
    vaulted.changes += 1
    book.vault_in(vaulted)
    if not quietly:
        book.tell_of_method(vaulted, now)
    return render.method(vaulted)


def decide(book: Book, now: datetime, *, ref: str, succeeded: bool) -> Answer:
    """The bank ends a payment that is processing or under review, before its time."""
    intent = book.by_ref.get(ref)
    if intent is None:
        return error("not_found", "no such payment")
    if intent.status in (Status.PROCESSING, Status.REVIEW):
        acts.decide(book, intent, now, late_decline=None if succeeded else "generic_decline")
    return render.payment(book, intent)


def charge_twice(book: Book, now: datetime, *, ref: str) -> Answer:
    """The bank makes a mistake: it charges a succeeded payment once more."""
    intent = book.by_ref.get(ref)
    if intent is None or intent.ref not in book.charges:
        return error("not_found", "nothing was charged under that reference")
    acts.charge_again(book, intent, now, len(book.charges_of(intent)) + 1)
    book.announce(intent, "charged_again", now)
    return render.payment(book, intent)


def return_refund(book: Book, now: datetime, *, ref: str) -> Answer:
    """The payer's bank sends back a refund that had succeeded."""
    key = book.refund_keys.get(ref)
    if key is None:
        return error("not_found", "no such refund")
    acts.take_back(book, book.refunds[key], now)
    return render.refund(book, book.refunds[key])


def open_dispute(
    book: Book,
    now: datetime,
    *,
    ref: str,
    amount: int | None = None,
    reason: str = "general",
    fee: int = 0,
    inquiry: bool = False,
) -> Answer:
    """The payer contests a charge, or `amount` of it; once per payment. An inquiry only asks, and takes no money."""
    charge = book.charges.get(ref)
    if charge is None:
        return error("not_found", "nothing was charged under that reference")
    known = book.disputes.get(ref_of("dp", charge.ref))
    if known is not None:
        return render.dispute(known)
    opened = acts.open_dispute(book, charge, now, amount=amount, reason=reason, fee=fee, inquiry=inquiry)
    return render.dispute(opened)


def return_debit(book: Book, now: datetime, *, ref: str) -> Answer:
    """The payer's bank takes back a debit, weeks after it was paid; once per payment."""
    charge = book.charges.get(ref)
    if charge is None:
        return error("not_found", "nothing was charged under that reference")
    known = book.disputes.get(ref_of("dp", charge.ref))
    return render.dispute(known or acts.return_debit(book, charge, now))


def escalate_dispute(book: Book, now: datetime, *, ref: str) -> Answer:
    """An inquiry becomes a dispute, or the bank asks once more for evidence."""
    return _moved(book, now, ref, "open")


def close_dispute(book: Book, now: datetime, *, ref: str, won: bool) -> Answer:
    """The bank decides a dispute: won gives the merchant the money back, even after it was lost."""
    return _moved(book, now, ref, "won" if won else "lost")


def withdraw_dispute(book: Book, now: datetime, *, ref: str) -> Answer:
    """The payer gives up a dispute or an inquiry."""
    return _moved(book, now, ref, "withdrawn")


def _moved(book: Book, now: datetime, ref: str, state: str) -> Answer:
    dispute = book.disputes.get(ref)
    if dispute is None:
        return error("not_found", "no such dispute")
    acts.move_dispute(book, dispute, state, now)
    return render.dispute(dispute)


Control = Callable[..., Answer]
CONTROLS: Mapping[str, Control] = {
    "complete_challenge": complete_challenge,
    "approve": approve,
    "refuse": refuse,
    "revoke": revoke,
    "set_behaviour": set_behaviour,
    "renew_card": renew_card,
    "set_tariff": set_tariff,
    "set_taking": set_taking,
    "decide": decide,
    "charge_twice": charge_twice,
    "return_refund": return_refund,
    "open_dispute": open_dispute,
    "return_debit": return_debit,
    "escalate_dispute": escalate_dispute,
    "close_dispute": close_dispute,
    "withdraw_dispute": withdraw_dispute,
}
