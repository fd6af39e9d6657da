"""Crediting: credit notes and refunds issued on the command line.

Owns the options' check. Does not own any rule of them (`core`) nor their way to the commit (`flows.credit`), and prints
them as they are then shown (`commands.documents`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid4

from solvent.commands import documents
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import one_of, one_of_names
from solvent.commands.saying import REASON_MAX, WHO_MAX, id_of, refused, words
from solvent.core.credit_refund import CreditRefund
from solvent.core.crediting import PaidPart, Wish
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows import credit
from solvent.flows.account_credit import Refunded, RefundKeyReused, refund_credit
from solvent.store.money_documents import MoneyDocuments
from solvent.wiring import Solvent

METHOD = "method"
Lines = Mapping[int, int | None]
_LINE = re.compile(r"([0-9]{1,6})(?::([0-9]{1,15}))?")


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

    def wish(self, kind: str, paid_part: PaidPart, about: UUID, lines: Lines) -> Wish:
        """Why, by whom, and under which key: with that, the same meaning is the same request, however it is written."""
        reason, by = words(self.reason, "--reason", REASON_MAX), words(self.by, "--by", WHO_MAX)
        meant = (kind, about.hex, self.amount, sorted(lines.items()), paid_part, reason, by)
        return Wish(
            paid_part=paid_part, reason=reason, issued_by=by, key=self.unique_key, input_hash=_hashed(meant)
        )

    @property
    def unique_key(self) -> str:
        """The key, apart from those of the API; a new one where none was given."""
        return f"cli:{self.key or uuid4()}"


def issue(solvent: Solvent, order: Order, *, for_programs: bool) -> Iterator[str]:
    """Issue a credit note, or show the one that the key stands for."""
    if order.lines and order.amount is not None:
        raise CommandError("--line: must not come with --amount", USAGE)
    invoice_id, lines = documents.invoice_id(solvent, order.about), _lines(order.lines)
    paid_part = one_of(PaidPart, order.back_to, "--paid-part")
    wanted = credit.Issue(
        invoice_id=invoice_id,
        wish=order.wish("credit note", paid_part, invoice_id, lines),
        amount=order.amount,
        lines=lines or None,
    )
    note_id = _issued(order, credit.issue_credit_note(solvent.platform, wanted, solvent.clock()))
    yield from documents.credit_note(solvent, spell("crn", note_id), for_programs=for_programs)


def refund(solvent: Solvent, order: Order, *, from_credit: bool, for_programs: bool) -> Iterator[str]:
    """Give a payment back, to its method or as account credit, or show what the key stands for: the refund, or the
    credit note where it became credit. `from_credit`: what of it was kept as credit."""
    one_of_names(order.back_to, (METHOD, PaidPart.CREDIT), "--to")
    if from_credit and order.back_to != METHOD:
        raise CommandError("--to: must be method: what is given back from credit is credit already", USAGE)
    payment_id, reads = id_of("pay", order.about, "PAYMENT"), MoneyDocuments(solvent.database.pool)
    if reads.payment(payment_id) is None:
        raise CommandError(f"no payment {order.about}")
    if from_credit:
        refund_id = _refunded(solvent, order, payment_id)
        yield from documents.refund(solvent, spell("ref", refund_id), for_programs=for_programs)
        return
    invoice_id = reads.invoice_paid_by(payment_id)
    if invoice_id is None:
        raise CommandError("PAYMENT: must be a payment of an invoice, or come with --from-credit", USAGE)
    paid_part = PaidPart.REFUND if order.back_to == METHOD else PaidPart.CREDIT
    wish = order.wish("refund", paid_part, payment_id, {})
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


def retry(
    solvent: Solvent, refund: str, reason: str, key: str | None, *, for_programs: bool
) -> Iterator[str]:
    """Send a refund again that became account credit, or show the one that the key stands for."""
    again = MoneyDocuments(solvent.database.pool).refund(id_of("ref", refund, "REFUND"))
    if again is None:
        raise CommandError(f"no refund {refund}")
    why = words(reason, "--reason", REASON_MAX)
    wanted = CreditRefund(
        amount=None,
        reason=why,
        key=f"cli:{key or uuid4()}",
        input_hash=_hashed(("refund again", again.id.hex, why)),
        again=again.id,
    )
    refund_id = _asked(solvent, wanted, again.payment_id, key)
    yield from documents.refund(solvent, spell("ref", refund_id), for_programs=for_programs)


def _refunded(solvent: Solvent, order: Order, payment_id: UUID) -> UUID:
    wish = order.wish("refund of credit", PaidPart.REFUND, payment_id, {})
    wanted = CreditRefund(amount=order.amount, reason=wish.reason, key=wish.key, input_hash=wish.input_hash)
    return _asked(solvent, wanted, payment_id, order.key)


def _asked(solvent: Solvent, wanted: CreditRefund, payment_id: UUID, key: str | None) -> UUID:
    match refund_credit(solvent.platform, payment_id, wanted, solvent.clock()):
        case Refunded(refund_id=refund_id):
            return refund_id
        case RefundKeyReused():
            raise CommandError(f"--key: came with another input before, got {key!r}", USAGE)
        case Refusal() as refusal:
            raise refused(refusal)


def _hashed(meant: object) -> bytes:
    return sha256(repr(meant).encode()).digest()


def _lines(asked: tuple[str, ...]) -> Lines:
    """``2`` is all that is left of line 2, ``2:450`` so much of it."""
    found: dict[int, int | None] = {}
    for text in asked:
        named = _LINE.fullmatch(text)
        if named is None:
            raise CommandError(f"--line: must be like 2 or 2:450 (minor units), got {text[:40]!r}", USAGE)
        position = int(named[1])
        if position in found:
            raise CommandError(f"--line: must name each line once, got {position} twice", USAGE)
        found[position] = None if named[2] is None else int(named[2])
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
