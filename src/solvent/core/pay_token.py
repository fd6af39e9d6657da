"""Pay tokens: what a link to pay a debt carries, and that nobody else can have made it.

Owns the form and the proof (HMAC-SHA256 under a key of the merchant's) of links and of the forms on their page. A token
is bound to an account, to invoices and to an end in time. Does not own the key, the page, nor the payment.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

VERSION = 1
INVOICES_MAX = 16  # in a link; whoever owes on more of them pays all that is owed
PROOF_BYTES = 16
NONCE_BYTES = 12
TOKEN_CHARS_MAX = 400


class Useless(StrEnum):
    """Why a token opens nothing."""

    FORGED = "forged"
    EXPIRED = "expired"


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
    parts = [bytes([VERSION]), account_id.bytes, seconds(until), *(i.bytes for i in named)]
    return sealed(b"".join(parts), b"link", key)


def read_pay_token(text: str, key: bytes, now: datetime) -> PayToken | Useless:
    """What a token says, once it is proved."""
    content = opened(text, b"link", key)
    if content is None or content[0] != VERSION:
        return Useless.FORGED
    until = moment(content[17:22])
    if now >= until:
        return Useless.EXPIRED
    rest = content[22:]
    invoices = tuple(UUID(bytes=rest[at : at + 16]) for at in range(0, len(rest), 16))
    return PayToken(account_id=UUID(bytes=content[1:17]), until=until, invoice_ids=invoices)


def form_token(link: str, nonce: bytes, until: datetime, key: bytes) -> str:
    """What a form on a link's page carries: it was given out by us, for this link. `nonce` is of `NONCE_BYTES`."""
    assert len(nonce) == NONCE_BYTES, "a nonce that can be told from others"
    return sealed(nonce + seconds(until), _for(link), key)


def read_form_token(text: str, link: str, key: bytes, now: datetime) -> bytes | None:
    """The nonce of a form of that link's page that is still good."""
    content = opened(text, _for(link), key)
    if content is None or now >= moment(content[NONCE_BYTES:]):
        return None
    return content[:NONCE_BYTES]


def _for(link: str) -> bytes:
    return b"form:" + link.encode()


def sealed(content: bytes, purpose: bytes, key: bytes) -> str:
    """Content with its proof, in the letters that may stand in a path."""
    return urlsafe_b64encode(content + _proof(content, purpose, key)).rstrip(b"=").decode()


def opened(text: str, purpose: bytes, key: bytes) -> bytes | None:
    """What was sealed; None: not by us, or not for this."""
    if len(text) > TOKEN_CHARS_MAX:
        return None
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    content, proof = sealed[:-PROOF_BYTES], sealed[-PROOF_BYTES:]
    return content if hmac.compare_digest(proof, _proof(content, purpose, key)) else None


def _proof(content: bytes, purpose: bytes, key: bytes) -> bytes:
    """The purpose and its length go in, so that no token is one of another kind."""
    named = len(purpose).to_bytes(4, "big") + purpose + content
    return hmac.new(key, named, sha256).digest()[:PROOF_BYTES]


def seconds(moment: datetime) -> bytes:
    """An instant as tokens carry it."""
    return int(moment.timestamp()).to_bytes(5, "big")


def moment(seconds: bytes) -> datetime:
    """The instant that `seconds` wrote."""
    return datetime.fromtimestamp(int.from_bytes(seconds, "big"), UTC)
