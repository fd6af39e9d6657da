"""Receiving: payments that no provider took, recorded on the command line, and invoices that are given up.

Owns the options' check. Does not own any rule (`core`) nor the way to the commit (`flows.debts`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from solvent.commands import documents
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import instant, one_of
from solvent.commands.saying import REASON_MAX, WHO_MAX, id_of, refused, words
from solvent.core.giving_up import Surrender
from solvent.core.ids import spell
from solvent.core.ladder import Scope
from solvent.core.payment import ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows import debts
from solvent.store.queries import Queries
from solvent.wiring import Solvent

REFERENCE_MAX = 140  # characters, as over HTTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A payment from outside: `about` an invoice, or an account (then for `invoices`, or all that it owes)."""

    about: str
    invoices: tuple[str, ...]
    method: str
    reference: str
    amount: int
    received: str | None


def record(solvent: Solvent, money: Money, *, for_programs: bool) -> Iterator[str]:
    """Record a payment, and show it and what it paid; the same reference is the same payment."""
    now = solvent.clock()
    receipt = Receipt(
        method=one_of(ExternalMethod, money.method, "--method"),
        reference=words(money.reference, "--reference", REFERENCE_MAX),
        amount=money.amount,
        received_at=now if money.received is None else instant(money.received, "--received"),
    )
    if money.about.startswith("acc_"):
        account_id = _account(solvent, money.about)
        chosen = [documents.invoice_id(solvent, named, "--invoice") for named in money.invoices]
        recorded = debts.record_receipts(solvent.platform, account_id, receipt, chosen, now)
    elif money.invoices:
        raise CommandError("--invoice: must come with an account, not with an invoice", USAGE)
    else:
        invoice_id = documents.invoice_id(solvent, money.about, "FOR")
        recorded = debts.record_receipt(solvent.platform, invoice_id, receipt, now)
    if isinstance(recorded, Refusal):
        raise refused(recorded)
    yield from documents.payment(solvent, spell("pay", recorded.payment_id), for_programs=for_programs)


def give_up(
    solvent: Solvent, named: str, reason: str, by: str, scope: str | None, *, for_programs: bool
) -> Iterator[str]:
    """Give an open invoice up, and show how it then stands."""
    surrender = Surrender(
        reason=words(reason, "--reason", REASON_MAX),
        by=words(by, "--by", WHO_MAX),
        scope=None if scope is None else one_of(Scope, scope, "--scope"),
    )
    invoice_id = documents.invoice_id(solvent, named)
    given_up = debts.give_up(solvent.platform, invoice_id, surrender, solvent.clock())
    if isinstance(given_up, Refusal):
        raise refused(given_up)
    yield from documents.invoice(solvent, spell("inv", invoice_id), for_programs=for_programs)


def _account(solvent: Solvent, account: str) -> UUID:
    account_id = id_of("acc", account, "FOR")
    if Queries(solvent.database.pool).account(account_id) is None:
        raise CommandError(f"no account {account}")
    return account_id
