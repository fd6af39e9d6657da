"""Staff: what the merchant's people, the bank and time do in a story.

Owns the sentences with the merchant, the bank or the house as their subject. Does not own what customers do (`acts`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from solvent.core.credit import GrantKind
from solvent.core.credit_bookings import Gift
from solvent.core.credit_refund import CreditRefund
from solvent.core.crediting import PaidPart, Wish
from solvent.core.giving_up import Surrender
from solvent.core.invoice import Invoice, Line, LineKind
from solvent.core.payment import ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows.account_credit import give_credit, refund_credit, void_credit
from solvent.flows.credit import Answer, Issue, Issued, issue_credit_note, refund_payment
from solvent.flows.debts import give_up, record_receipt, record_receipts
from solvent.sim import Customer
from tests.scenarios.telling import drafting, waiting
from tests.scenarios.telling.cast import Cast, minor

CLERK = "carol"
OF = r"invoice (?P<number>\d+)(?: of (?P<name>[A-Z]\w+))?"


def perform(cast: Cast, text: str) -> list[str]:
    """Do what a sentence says; what is answered beyond what happens."""
    for pattern, deed in _DEEDS:
        if found := pattern.fullmatch(text):
            return deed(cast, found)
    raise ValueError(f"nobody can do this: {text!r}")


def _told(answer: object) -> list[str]:
    return [f"told no: {answer.field} {answer.rule}"] if isinstance(answer, Refusal) else []


def _invoices(cast: Cast, found: re.Match[str]) -> list[str]:
    customer = cast.customers[found["name"]]
    lines = tuple(
        Line(
            kind=LineKind.MANUAL,
            description=what,
            amount=minor(amount, customer.account.currency),
            explanation="as agreed",
        )
        for amount, what in re.findall(r"([\d.,]+) for (.+?)(?: and |$)", found["what"])
    )
    customer.receive_invoice(lines)
    return []


def _wish(cast: Cast, found: re.Match[str]) -> Wish:
    kept = PaidPart.CREDIT if found["credit"] else PaidPart.REFUND
    key = found["key"] or f"{cast.world.now.isoformat()} {found[0]}"
    return Wish(paid_part=kept, reason="goodwill", issued_by=CLERK, key=key, input_hash=b"")


def _gives(cast: Cast, found: re.Match[str]) -> list[str]:
    customer = cast.customers[found["name"]]
    gift = Gift(
        kind=GrantKind(found["kind"]),
        amount=minor(found["amount"], customer.account.currency),
        reason=found["kind"],
        granted_by=CLERK,
        key=f"{cast.world.now.isoformat()} {found[0]}",
        input_hash=b"",
        excludes=tuple((found["barred"] or "").split()),
        expires_at=cast.moment(found["until"]) if found["until"] else None,
    )
    return _told(give_credit(cast.world.platform, customer.id, gift, cast.world.now))


def _voids(cast: Cast, found: re.Match[str]) -> list[str]:
    """What is left of the grant that would be drawn on first."""
    customer = cast.customers[found["name"]]
    first = customer.credit_grants()[0]
    return _told(void_credit(cast.world.platform, customer.id, first.id, "ended", CLERK, cast.world.now))


def _credits(cast: Cast, found: re.Match[str]) -> list[str]:
    customer, invoice = cast.invoice(found["number"], found["name"])
    amount = None if found["amount"] == "all" else minor(found["amount"], customer.account.currency)
    line = found["line"]
    issue = Issue(
        invoice_id=invoice.id,
        wish=_wish(cast, found),
        amount=None if line else amount,
        lines={int(line): amount} if line else None,
    )
    return _answer(issue_credit_note(cast.world.platform, issue, cast.world.now))


def _refunds(cast: Cast, found: re.Match[str]) -> list[str]:
    customer, invoice = cast.invoice(found["number"], found["name"])
    amount = None if found["amount"] == "all" else minor(found["amount"], customer.account.currency)
    paid_by = _payment_of(customer, invoice)
    platform, wish, now = cast.world.platform, _wish(cast, found), cast.world.now
    return _answer(refund_payment(platform, invoice.id, paid_by, amount, wish, now))


def _answer(answer: Answer) -> list[str]:
    if isinstance(answer, Issued) and not answer.new:
        return ["the same key: the same credit note, no other one"]
    return _told(answer)


def _sends_again(cast: Cast, found: re.Match[str]) -> list[str]:
    """The last refund of a customer that did not arrive."""
    customer = cast.customers[found["name"]]
    failed = [e for e in customer.events("refund.settled") if not e.data["succeeded"]]
    failed += customer.events("refund.returned")
    refund_id, payment_id = (UUID(str(failed[-1].data[key])) for key in ("refund_id", "payment_id"))
    wanted = CreditRefund(
        amount=None, reason="new card", key=f"{cast.world.now}", input_hash=b"", again=refund_id
    )
    return _told(refund_credit(cast.world.platform, payment_id, wanted, cast.world.now))


def _payment_of(customer: Customer, invoice: Invoice) -> UUID:
    """The payment that the invoice was paid by, as the events tell it."""
    return next(
        UUID(str(event.data["payment_id"]))
        for event in customer.events("invoice.paid")
        if event.data["invoice_id"] == str(invoice.id)
    )


def _receives(cast: Cast, found: re.Match[str]) -> list[str]:
    """One payment from outside, of one invoice or of all that an account owes."""
    customer = cast.customers[found["whole"]] if found["whole"] else cast.invoice("1", found["name"])[0]
    receipt = Receipt(
        method=ExternalMethod.BANK_TRANSFER,
        reference=found["reference"],
        amount=minor(found["amount"], customer.account.currency),
        received_at=cast.world.now,
    )
    if found["whole"]:
        answer = record_receipts(cast.world.platform, customer.id, receipt, (), cast.world.now)
    else:
        _, invoice = cast.invoice(found["number"], found["name"])
        answer = record_receipt(cast.world.platform, invoice.id, receipt, cast.world.now)
    if isinstance(answer, Refusal):
        return _told(answer)
    return [] if answer.new else ["the same reference: the same payment, recorded once"]


def _gives_up(cast: Cast, found: re.Match[str]) -> list[str]:
    _, invoice = cast.invoice(found["number"], found["name"])
    surrender = Surrender(reason="no answer", by=CLERK)
    return _told(give_up(cast.world.platform, invoice.id, surrender, cast.world.now))


def _posts(cast: Cast, found: re.Match[str]) -> list[str]:
    post = cast.world.banks.post
    post.held = bool(found["held"])
    post.copies = int(found["copies"] or 1)
    return []


def _faults(cast: Cast, found: re.Match[str]) -> list[str]:
    script = {found["operation"]: found["faults"]} if found["operation"] else {}
    cast.world.banks.lines["sandbox"].script(**script)
    return []


def _blind(cast: Cast, found: re.Match[str]) -> list[str]:
    """The bank's look-up lags: it does not know its own payments for a while."""
    blind = found["how"] == "forgets"
    for line in cast.world.banks.lines.values():
        line.blind = blind
    cast.world.polls = not blind
    return []


def _contests(cast: Cast, found: re.Match[str]) -> list[str]:
    """The payer contests the so-manieth charge that the card bank made to the first customer."""
    customer = next(iter(cast.customers.values()))
    currency = customer.account.currency
    opened = cast.world.banks.by_name["sandbox"].open_dispute(
        customer.charges()[int(found["number"]) - 1].ref,
        cast.world.now,
        amount=None if found["amount"] == "all" else minor(found["amount"], currency),
        fee=minor(found["fee"] or "0", currency),
        inquiry=bool(found["inquiry"]),
    )
    cast.dispute = opened["id"]
    return []


def _decides(cast: Cast, found: re.Match[str]) -> list[str]:
    bank = cast.world.banks.by_name["sandbox"]
    if found["whom"]:
        bank.close_dispute(cast.dispute, found["whom"] == "merchant", cast.world.now)
    else:
        bank.withdraw_dispute(cast.dispute, cast.world.now)
    return []


Deed = Callable[[Cast, re.Match[str]], list[str]]
AMOUNT = r"(?P<amount>[\d.,]+|all)"
KEPT = r"(?P<credit> as account credit)?(?:, key (?P<key>[\w-]+))?"
_DEEDS: list[tuple[re.Pattern[str], Deed]] = [
    (re.compile(r"(?:time passes|it is .*)"), lambda cast, found: []),
    (re.compile(waiting.INVOICES), waiting.invoices),
    (re.compile(r"the merchant invoices (?P<name>\w+): (?P<what>.+)"), _invoices),
    (re.compile(waiting.WAITS), waiting.waits),
    (re.compile(waiting.REMOVES), waiting.removes),
    (re.compile(drafting.DRAFTS), drafting.drafts),
    (re.compile(r"the merchant changes the draft of (?P<name>\w+): (?P<what>.+)"), drafting.changes),
    (re.compile(r"the merchant issues the draft of (?P<name>\w+)"), drafting.issues),
    (re.compile(r"the merchant voids the draft of (?P<name>\w+)"), drafting.voids),
    (re.compile(rf"the merchant credits {AMOUNT} of (?:line (?P<line>\d+) of )?{OF}{KEPT}"), _credits),
    (re.compile(rf"the merchant refunds {AMOUNT} of the payment of {OF}{KEPT}"), _refunds),
    (re.compile(r"the merchant sends the refund of (?P<name>\w+) again"), _sends_again),
    (
        re.compile(
            rf"a bank transfer of (?P<amount>[\d.,]+) comes for (?:{OF}|all that (?P<whole>\w+) owes)"
            r", reference (?P<reference>\S+)"
        ),
        _receives,
    ),
    (re.compile(rf"the merchant gives up {OF}"), _gives_up),
    (
        re.compile(
            r"the merchant gives (?P<name>\w+) (?P<amount>[\d.,]+) of (?P<kind>goodwill|sponsored|prepaid) credit"
            r"(?: until (?P<until>\S+ \S+))?(?:, not for (?P<barred>.+))?"
        ),
        _gives,
    ),
    (re.compile(r"the merchant voids the credit of (?P<name>\w+)"), _voids),
    (
        re.compile(
            rf"the payer contests {AMOUNT} of charge (?P<number>\d+)(?:, for a fee of (?P<fee>[\d.]+))?"
            r"(?P<inquiry>, only asking)?"
        ),
        _contests,
    ),
    (
        re.compile(
            r"(?:the bank decides the dispute for the (?P<whom>merchant|payer)|the payer withdraws the dispute)"
        ),
        _decides,
    ),
    (
        re.compile(
            r"the bank(?: (?P<held>holds its notifications back)| notifies (?P<copies>\d) times| notifies as usual)"
        ),
        _posts,
    ),
    (re.compile(r"the line to the bank is (?:good|bad: (?P<operation>\w+) (?P<faults>[\w ]+))"), _faults),
    (re.compile(r"the bank (?P<how>forgets|knows) its payments"), _blind),
]
