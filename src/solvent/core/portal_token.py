"""Portal tokens: what a link into the customer portal carries, what the visitor's browser keeps, and what a form says
of the price that was shown.

Owns their content. Does not own how it is proved (`sealed`), nor the session that they name.
"""

from uuid import UUID

from solvent.core.request import Quoted
from solvent.core.sealed import moment_of, seal, seconds_bytes, unseal

_LINK, _KEPT, _SHOWN = b"portal-link", b"portal-session", b"portal-quote:"
_MICROS = 3


def link_token(session_id: UUID, key: bytes) -> str:
    """What a link into a session carries; for how long it lets somebody in, the session says."""
    return seal(session_id.bytes, _LINK, key)


def read_link_token(text: str, key: bytes) -> UUID | None:
    """The session that a link leads into."""
    content = unseal(text, _LINK, key)
    return None if content is None else UUID(bytes=content)


def session_token(session_id: UUID, key: bytes) -> str:
    """What a browser keeps while a session lasts."""
    return seal(session_id.bytes, _KEPT, key)


def read_session_token(text: str, key: bytes) -> UUID | None:
    """The session that a browser is in."""
    content = unseal(text, _KEPT, key)
    return None if content is None else UUID(bytes=content)


def shown_token(shown: Quoted, session_id: UUID, key: bytes) -> str:
    """What a form carries of the quote above it, within a session."""
    micros = shown.at.microsecond.to_bytes(_MICROS, "big")
    content = seconds_bytes(shown.at) + micros + bytes.fromhex(shown.fingerprint)
    return seal(content, _SHOWN + session_id.bytes, key)


def read_shown_token(text: str, session_id: UUID, key: bytes) -> Quoted | None:
    """The quote that was shown; None: none of this session's."""
    content = unseal(text, _SHOWN + session_id.bytes, key)
    if content is None:
        return None
    at = moment_of(content[:5]).replace(microsecond=int.from_bytes(content[5 : 5 + _MICROS], "big"))
    return Quoted(at=at, fingerprint=content[5 + _MICROS :].hex())
