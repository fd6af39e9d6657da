"""Invoice items: what waits for an account's next invoice, as the command line keeps, shows, removes and invoices it.

Owns what is printed of it and the input's check. Does not own what becomes of an item (`flows.waiting`,
`flows.invoicing`).
"""

from collections.abc import Iterator
from typing import TypeVar
from uuid import UUID, uuid4

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.ids import InvalidId, bucket_of, parse, spell
from solvent.core.invoice_item import InvoiceItem, ItemState
from solvent.core.manual import Entry, Particulars, line_of
from solvent.core.money import format_minor
from solvent.core.plan import Refusal
from solvent.flows import invoicing, waiting
from solvent.flows.opening import Asked, Conflict
from solvent.flows.upcoming import upcoming_invoice
from solvent.store.queries import Queries
from solvent.web.handlers.invoice_items import item_view
from solvent.web.handlers.invoices import upcoming_view
from solvent.wiring import Solvent

Answer = TypeVar("Answer")


def lines(solvent: Solvent, account: str, *, every: bool, limit: int, for_programs: bool) -> Iterator[str]:
    """A line for each of an account's items that wait, or for all there ever were."""
    state = None if every else ItemState.WAITING
    account_id = _account(solvent, account).id
    found = Queries(solvent.database.pool).items.of_account(account_id, state, None, limit)
    if for_programs:
        yield as_json([item_view(item) for item in found])
        return
    for item in found:
        yield _told(item, every=every)


def added(solvent: Solvent, account: str, entry: Entry) -> str:
    """Let something wait for the account's next invoice."""
    found = _account(solvent, account)
    line = line_of(entry, found.currency, solvent.platform.convention.rounding)
    kept = (
        line
        if isinstance(line, Refusal)
        else waiting.keep_item(solvent.platform, found, line, solvent.clock())
    )
    return _told(_agreed(kept), every=False)


def removed(solvent: Solvent, item: str) -> str:
    """Remove an item: it will never be invoiced."""
    item_id = _id("ivi", item, "ITEM")
    return _told(_agreed(waiting.remove_item(solvent.platform, item_id, solvent.clock())), every=True)


def invoiced(solvent: Solvent, account: str) -> str:
    """Issue an invoice of all that waits."""
    found = _account(solvent, account)
    asked = Asked(
        account_id=found.id,
        key=f"command line: invoice items {uuid4().hex}",
        input_hash=b"",
        id=solvent.platform.ids.draw(bucket_of(found.id)),
    )
    wanted = Particulars(include_items=True)
    attempt = _agreed(invoicing.finalise(solvent.platform, asked, (), solvent.clock(), wanted))
    return issued_line(solvent, attempt)


def upcoming(solvent: Solvent, account: str, *, for_programs: bool) -> Iterator[str]:
    """The account's next invoice: when, a line for each of its lines, and what they come to."""
    account_id = _account(solvent, account).id
    found = upcoming_invoice(solvent.platform, account_id, solvent.clock())
    if for_programs:
        yield as_json(upcoming_view(account_id, found))
        return
    if found is None:
        yield "no invoice is to come"
        return
    plan = found.plan
    yield f"{found.at:%Y-%m-%d %H:%M} UTC"
    for note in found.credit_notes:
        amount = format_minor(note.amount, plan.currency)
        yield f"  credit note first, of {spell('inv', note.invoice_id)}: {amount} {plan.currency}"
    for line in plan.lines:
        yield f"  {line.description}  {format_minor(line.gross, plan.currency)} {plan.currency}"
    total, due = (format_minor(n, plan.currency) for n in (plan.total, plan.due))
    yield f"  total {total}, due {due} {plan.currency}"


def issued_line(solvent: Solvent, attempt: Attempt) -> str:
    """What became of an attempt that issues an invoice."""
    reads = Queries(solvent.database.pool)
    invoice_id = reads.invoice_of(attempt.id)
    invoice = None if invoice_id is None else reads.invoice(invoice_id)
    if invoice is None:
        return f"{spell('att', attempt.id)}: {attempt.state}"
    one = invoice[0]
    return f"{one.number}: {one.state}, {format_minor(one.debt, one.currency)} {one.currency} owed"


def _told(item: InvoiceItem, *, every: bool) -> str:
    amount = f"{format_minor(item.line.amount, item.currency)} {item.currency}"
    state = f"  {item.state}" if every else ""
    return f"{spell('ivi', item.id)}  {amount}  {item.line.description}{state}"


def _agreed(answer: Answer | Refusal | Conflict) -> Answer:
    if isinstance(answer, Refusal):
        raise CommandError(f"{answer.field}: {answer.rule}")
    if isinstance(answer, Conflict):
        raise CommandError(answer.detail)
    return answer


def _account(solvent: Solvent, account: str) -> Account:
    found = Queries(solvent.database.pool).account(_id("acc", account, "ACCOUNT"))
    if found is None:
        raise CommandError(f"no account {account}")
    return found


def _id(prefix: str, text: str, where: str) -> UUID:
    try:
        return parse(prefix, text)
    except InvalidId as error:
        raise CommandError(f"{where}: {error}, got {text!r}", USAGE) from None
