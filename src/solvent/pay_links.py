"""Pay links: addresses at which a customer sees and pays what is owed, without signing in.

Owns how long they are good for, and where they lead. Does not own their proof (`core.pay_token`), the page
(`web.pay_pages`), nor the payment (`flows.collect`).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from solvent.config import Settings
from solvent.core.account import Account
from solvent.core.invoice import Invoice
from solvent.core.pay_token import (
    NONCE_BYTES,
    PayToken,
    Useless,
    form_token,
    pay_token,
    read_form_token,
    read_pay_token,
)
from solvent.messages.composing import PayLink
from solvent.store.database import Database
from solvent.store.link_keys import LinkKeys

FORM_GOOD_FOR = timedelta(hours=2)


class PayLinks:
    """Makes and reads links of one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.base = settings.base_url
        self._good_for = timedelta(days=settings.pay_link_days)
        self._keys = LinkKeys(database.pool, settings.secret_text)

    def of_owed(self, account: Account, owed: Sequence[Invoice], now: datetime) -> PayLink:
        """The link by which these invoices of an account can be paid."""
        return self.link(account.id, [invoice.id for invoice in owed], now)

    def link(self, account_id: UUID, invoice_ids: Sequence[UUID], now: datetime) -> PayLink:
        """The same; without invoices, for all that is owed."""
        until = (now + self._good_for).replace(microsecond=0)
        token = pay_token(account_id, invoice_ids, until, self._keys.key(now))
        return PayLink(url=f"{self.base}/pay/{token}", until=until)

    def read(self, token: str, now: datetime) -> PayToken | Useless:
        """What a link is for."""
        return read_pay_token(token, self._keys.key(now), now)

    def form(self, token: str, now: datetime) -> str:
        """What a form on the link's page carries, once each."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return form_token(token, nonce, now + FORM_GOOD_FOR, self._keys.key(now))

    def nonce(self, form: str, token: str, now: datetime) -> str | None:
        """What tells a form from all others; None: it is not one of this link's page, or too old."""
        nonce = read_form_token(form, token, self._keys.key(now), now)
        return None if nonce is None else nonce.hex()
