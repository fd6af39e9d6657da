"""Crediting: credit notes and refunds issued on the command line.

Owns the options' check. Does not own any rule of them (`core`) nor their way to the commit (`flows.credit`), and prints
them as they are then shown (`commands.documents`).
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from hashlib import sha256
from uuid import UUID, uuid4

from solvent.commands import documents
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import one_of, one_of_names
from solvent.commands.saying import REASON_MAX, WHO_MAX, id_of, refused, words
from solvent.core.crediting import PaidPart, Wish
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows import credit
from solvent.store.money_documents import MoneyDocuments
from solvent.wiring import Solvent

METHOD = "method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: a credit note of `about` (an invoice), or a refund of it (a payment)."""

    about: str
    amount: int | None
    lines: tuple[str, ...] = ()
    back_to: str
    reason: str
    by: str
    key: str | None

    def wish(self, kind: str, paid_part: PaidPart) -> Wish:
        """Why, by whom, and under which key."""
        return Wish(
            paid_part=paid_part,
            reason=words(self.reason, "--reason", REASON_MAX),
            issued_by=words(self.by, "--by", WHO_MAX),
            key=f"cli:{self.key or uuid4()}",
            input_hash=sha256(f"{kind} {astuple(self)!r}".encode()).digest(),
        )


def issue(solvent: Solvent, order: Order, *, for_programs: bool) -> Iterator[str]:
    """Issue a credit note, or show the one that the key stands for."""
    if order.lines and order.amount is not None:
        raise CommandError("--line: must not come with --amount", USAGE)
    wanted = credit.Issue(
        invoice_id=documents.invoice_id(solvent, order.about),
        wish=order.wish("credit note", one_of(PaidPart, order.back_to, "--paid-part")),
        amount=order.amount,
        lines=_lines(order.lines) or None,
    )
    note_id = _issued(order, credit.issue_credit_note(solvent.platform, wanted, solvent.clock()))
    yield from documents.credit_note(solvent, spell("crn", note_id), for_programs=for_programs)


def refund(solvent: Solvent, order: Order, *, for_programs: bool) -> Iterator[str]:
    """Give a payment back, to its method or as account credit, or show what the key stands for: the refund, or the
    credit note where it became credit."""
    one_of_names(order.back_to, (METHOD, PaidPart.CREDIT), "--to")
    paid_part = PaidPart.REFUND if order.back_to == METHOD else PaidPart.CREDIT
    payment_id, reads = id_of("pay", order.about, "PAYMENT"), MoneyDocuments(solvent.database.pool)
    if reads.payment(payment_id) is None:
        raise CommandError(f"no payment {order.about}")
    invoice_id = reads.invoice_paid_by(payment_id)
    if invoice_id is None:
        raise CommandError("PAYMENT: must be a payment of an invoice", USAGE)
    wish = order.wish("refund", paid_part)
    answer = credit.refund_payment(
        solvent.platform, invoice_id, payment_id, order.amount, wish, solvent.clock()
    )
    note_id = _issued(order, answer)
    found = reads.credit_note(note_id)
    assert found is not None, f"credit note {note_id} is there"
    back = found[0].refund_id
    if back is None:
        yield from documents.credit_note(solvent, spell("crn", note_id), for_programs=for_programs)
    else:
        yield from documents.refund(solvent, spell("ref", back), for_programs=for_programs)


def _lines(asked: tuple[str, ...]) -> dict[int, int | None]:
    """``2`` is all that is left of line 2, ``2:450`` so much of it."""
    found: dict[int, int | None] = {}
    for text in asked:
        position, colon, amount = text.partition(":")
        if not position.isascii() or not position.isdigit() or (colon and not amount.isdigit()):
            raise CommandError(f"--line: must be like 2 or 2:450 (minor units), got {text!r}", USAGE)
        if int(position) in found:
            raise CommandError(f"--line: must name each line once, got {position} twice", USAGE)
        found[int(position)] = int(amount) if colon else None
    return found


def _issued(order: Order, answer: credit.Answer) -> UUID:
    match answer:
        case credit.Issued():
            return answer.credit_note_id
        case credit.KeyReused():
            rule = (
                f"came with another input before ({spell('crn', answer.credit_note_id)}), got {order.key!r}"
            )
            raise CommandError(f"--key: {rule}", USAGE)
        case Refusal():
            raise refused(answer)
