"""Letters: the facts behind a message, read when it is sent, and the message made of them.

Owns which reads a letter is made of, and which messages carry the invoice itself, a link to pay or one to the
collection methods. Does not own words (`messages`), the sending (`mailer`), nor what a link may do (`core.pay_token`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from solvent.core.account import Account
from solvent.core.document import of_invoice
from solvent.core.invoice import Invoice
from solvent.core.messages import CLAIMS, Kind, Message, ended, outdated
from solvent.documents.typesetting import Typesetter
from solvent.messages.composing import Letter, PayLink, Sender, compose
from solvent.messages.method_letters import MethodLetter, compose_method
from solvent.store.database import Database
from solvent.store.printing import Printing

ASKING = (CLAIMS - {Kind.FINANCE}) | {Kind.ISSUED}

Links = Callable[[Account, Sequence[Invoice], datetime], PayLink | None]


Doors = Callable[[Account, datetime], PayLink | None]


def no_links(_account: Account, _owed: Sequence[Invoice], _now: datetime) -> None:
    """Where nobody serves a page to pay on."""


def no_doors(_account: Account, _now: datetime) -> None:
    """Where nobody serves the portal."""


class Letters:
    """Makes messages of one database."""

    def __init__(
        self,
        database: Database,
        typesetter: Typesetter,
        sender: Sender,
        links: Links = no_links,
        doors: Doors = no_doors,
    ) -> None:
        self._database = database
        self._printing = Printing(database.pool)
        self._typesetter = typesetter
        self._sender = sender
        self._links = links
        self._doors = doors

    def made(self, message: Message, now: datetime, *, burdened: bool = False) -> EmailMessage | str:
        """The message as it would be sent now, or why there is no need to. Raises `NoAddress`."""
        if message.invoice_id is None:
            return self._of_method(message, now)
        letter = self._letter(message, message.invoice_id, now, burdened=burdened)
        return outdated(message, letter.invoice) or compose(letter, self._sender, now)

    def _of_method(self, message: Message, now: datetime) -> EmailMessage | str:
        with self._database.look() as tx:
            method, view = tx.accounts.method(message.about), tx.accounts.view(message.account_id)
        assert method is not None, f"method {message.about} of a message is there"
        assert view is not None, f"account {message.account_id} of a message is there"
        untrue = ended(message, method)
        if untrue is not None:
            return untrue
        account = view.account
        letter = MethodLetter(
            message=message,
            account=account,
            entity=self._printing.seller(account.id, account.moment(now)),
            method=method,
            door=self._doors(account, now),
        )
        return compose_method(letter, self._sender, now)

    def _letter(self, message: Message, invoice_id: UUID, now: datetime, *, burdened: bool) -> Letter:
        facts = self._printing.invoice(invoice_id)
        with self._database.look() as tx:
            view = tx.accounts.view(message.account_id)
        assert facts is not None, f"invoice {invoice_id} of a message is there"
        assert view is not None, f"account {message.account_id} of a message is there"
        account, moment = view.account, view.account.moment(now)
        owed = [i for i in view.open_invoices if i.debt and (i.due_at <= moment or i.id == invoice_id)]
        return Letter(
            message=message,
            account=account,
            entity=facts.entity,
            invoice=facts.invoice,
            owed=owed if message.kind in CLAIMS | {Kind.ISSUED} else (),
            burdened=burdened,
            restrained=bool(view.measures),
            pay=self._links(account, owed, now) if owed and message.kind in ASKING else None,
            pdf=self._typesetter.pdf(of_invoice(facts)) if message.kind is Kind.ISSUED else None,
        )
