"""Letters: the facts behind a message, read when it is sent, and the message made of them.

Owns which reads a letter is made of, and which messages carry the invoice itself and a link to pay. Does not own words
(`messages`), the sending (`mailer`), nor what a link may do (`core.pay_token`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage

from solvent.core.account import Account
from solvent.core.document import of_invoice
from solvent.core.invoice import Invoice
from solvent.core.messages import CLAIMS, Kind, Message, outdated
from solvent.documents.typesetting import Typesetter
from solvent.messages.composing import Letter, PayLink, Sender, compose
from solvent.store.database import Database
from solvent.store.printing import Printing

ASKING = (CLAIMS - {Kind.FINANCE}) | {Kind.ISSUED}

Links = Callable[[Account, Sequence[Invoice], datetime], PayLink | None]


def no_links(_account: Account, _owed: Sequence[Invoice], _now: datetime) -> None:
    """Where nobody serves a page to pay on."""


class Letters:
    """Makes messages of one database."""

    def __init__(
        self, database: Database, typesetter: Typesetter, sender: Sender, links: Links = no_links
    ) -> None:
        self._database = database
        self._printing = Printing(database.pool)
        self._typesetter = typesetter
        self._sender = sender
        self._links = links

    def made(self, message: Message, now: datetime, *, burdened: bool = False) -> EmailMessage | str:
        """The message as it would be sent now, or why there is no need to. Raises `NoAddress`."""
        letter = self._letter(message, now, burdened=burdened)
        return outdated(message, letter.invoice) or compose(letter, self._sender, now)

    def _letter(self, message: Message, now: datetime, *, burdened: bool) -> Letter:
        facts = self._printing.invoice(message.invoice_id)
        with self._database.look() as tx:
            view = tx.accounts.view(message.account_id)
        assert facts is not None, f"invoice {message.invoice_id} of a message is there"
        assert view is not None, f"account {message.account_id} of a message is there"
        account, moment = view.account, view.account.moment(now)
        owed = [
            i for i in view.open_invoices if i.debt and (i.due_at <= moment or i.id == message.invoice_id)
        ]
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
