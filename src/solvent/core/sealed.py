"""Sealed: content that is given out and comes back, and that nobody else can have made.

Owns the form (letters that may stand in a path) and the proof (HMAC-SHA256 under a key of the merchant's, for one
purpose). Nothing is hidden by it. Does not own the key, nor what is sealed (`pay_token`, `portal_token`).
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

PROOF_BYTES = 16
SEALED_CHARS_MAX = 400


class Useless(StrEnum):
    """Why a token opens nothing."""

    FORGED = "forged"
    EXPIRED = "expired"


def seal(content: bytes, purpose: bytes, key: bytes) -> str:
    """The content with its proof."""
    return urlsafe_b64encode(content + _proof(content, purpose, key)).rstrip(b"=").decode()


def unseal(text: str, purpose: bytes, key: bytes) -> bytes | None:
    """What was sealed; None: not by us, or not for this."""
    if len(text) > SEALED_CHARS_MAX:
        return None
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError):
        return None
    content, proof = sealed[:-PROOF_BYTES], sealed[-PROOF_BYTES:]
    return content if hmac.compare_digest(proof, _proof(content, purpose, key)) else None


def seconds_bytes(moment: datetime) -> bytes:
    """A moment, in whole seconds, as five bytes."""
    return int(moment.timestamp()).to_bytes(5, "big")


def moment_of(seconds: bytes) -> datetime:
    """The moment behind five bytes."""
    return datetime.fromtimestamp(int.from_bytes(seconds, "big"), UTC)


def _proof(content: bytes, purpose: bytes, key: bytes) -> bytes:
    """The purpose and its length go in, so that no token is one of another kind."""
    named = len(purpose).to_bytes(4, "big") + purpose + content
    return hmac.new(key, named, sha256).digest()[:PROOF_BYTES]
