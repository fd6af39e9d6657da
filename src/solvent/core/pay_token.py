"""Pay tokens: what a link to pay a debt carries, and that nobody else can have made it.

Owns what links, and the forms on their page, carry. Does not own how that is proved (`sealed`). A token
is bound to an account, to invoices and to an end in time. Does not own the key, the page, nor the payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.sealed import Useless, moment_of, seal, seconds_bytes, unseal

__all__ = ["PayToken", "Useless", "form_token", "pay_token", "read_form_token", "read_pay_token"]

VERSION = 1
INVOICES_MAX = 16  # in a link; whoever owes on more of them pays all that is owed
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PayToken:
    """Whose debt may be seen and paid, of which invoices (none: of all that is owed), until when (UTC, in whole
    seconds)."""

    account_id: UUID
    until: datetime
    invoice_ids: tuple[UUID, ...] = ()


def pay_token(account_id: UUID, invoice_ids: Sequence[UUID], until: datetime, key: bytes) -> str:
    """A token in the letters that may stand in a path."""
    named = invoice_ids if len(invoice_ids) <= INVOICES_MAX else ()
    parts = [bytes([VERSION]), account_id.bytes, seconds_bytes(until), *(i.bytes for i in named)]
    return seal(b"".join(parts), b"link", key)


def read_pay_token(text: str, key: bytes, now: datetime) -> PayToken | Useless:
    """What a token says, once it is proved."""
    content = unseal(text, b"link", key)
    if content is None or content[0] != VERSION:
        return Useless.FORGED
    until = moment_of(content[17:22])
    if now >= until:
        return Useless.EXPIRED
    rest = content[22:]
    invoices = tuple(UUID(bytes=rest[at : at + 16]) for at in range(0, len(rest), 16))
    return PayToken(account_id=UUID(bytes=content[1:17]), until=until, invoice_ids=invoices)


def form_token(link: str, nonce: bytes, until: datetime, key: bytes) -> str:
    """What a form on a link's page carries: it was given out by us, for this link. `nonce` is of `NONCE_BYTES`."""
    assert len(nonce) == NONCE_BYTES, "a nonce that can be told from others"
    return seal(nonce + seconds_bytes(until), _for(link), key)


def read_form_token(text: str, link: str, key: bytes, now: datetime) -> bytes | None:
    """The nonce of a form of that link's page that is still good."""
    content = unseal(text, _for(link), key)
    if content is None or now >= moment_of(content[NONCE_BYTES:]):
        return None
    return content[:NONCE_BYTES]


def _for(link: str) -> bytes:
    return b"form:" + link.encode()
