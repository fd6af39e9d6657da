"""Portal links: addresses by which a customer enters the portal, and what proves who is in it.

Owns how long links and visits are good for, and what browsers and forms carry. Does not own the tokens
(`core.portal_token`), the visits' rows (`store.portal_sessions`), nor any page (`web.portal`).
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from solvent.config import Settings
from solvent.core.account import Account
from solvent.core.ids import bucket_of
from solvent.core.language import Language
from solvent.core.pay_token import NONCE_BYTES, form_token, read_form_token
from solvent.core.portal_token import (
    link_token,
    read_link_token,
    read_session_token,
    read_shown_token,
    session_token,
    shown_token,
)
from solvent.core.request import Quoted
from solvent.core.sealed import Useless
from solvent.messages.composing import PayLink
from solvent.ports.world import Ids
from solvent.store.database import Database
from solvent.store.link_keys import LinkKeys
from solvent.store.portal_sessions import PortalSession, PortalSessions


class Entrance(NamedTuple):
    """The address by which a visit begins, until a moment (UTC)."""

    session: PortalSession
    url: str


class PortalLinks:
    """Makes and reads links of one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.base = settings.base_url
        self._mailed_lasts = timedelta(days=settings.pay_link_days)
        self._link_lasts = timedelta(minutes=settings.portal_link_minutes)
        self._visit_lasts = timedelta(minutes=settings.portal_session_minutes)
        self._keys = LinkKeys(database.pool, settings.secret_text)
        self._sessions = PortalSessions(database.pool)

    def make(
        self,
        account_id: UUID,
        ids: Ids,
        now: datetime,
        *,
        language: Language | None = None,
        return_url: str | None = None,
        lasts: timedelta | None = None,
        methods_only: bool = False,
    ) -> Entrance:
        """A link into a new visit of an account's."""
        session = PortalSession(
            id=ids.draw(bucket_of(account_id)),
            account_id=account_id,
            language=language,
            return_url=return_url,
            made_at=now,
            enter_until=(now + (lasts or self._link_lasts)).replace(microsecond=0),
            methods_only=methods_only,
        )
        self._sessions.make(session)
        token = link_token(session.id, self._keys.key(now))
        return Entrance(session, f"{self.base}/portal/enter/{token}")

    def to_methods(self, account: Account, ids: Ids, now: datetime) -> PayLink:
        """A link for an e-mail: it leads to the collection methods alone, once, and is good for days."""
        made = self.make(account.id, ids, now, lasts=self._mailed_lasts, methods_only=True)
        return PayLink(url=made.url, until=made.session.enter_until)

    def find(self, token: str, now: datetime) -> PortalSession | Useless:
        """The visit behind a link, also when it may not begin any more."""
        session_id = read_link_token(token, self._keys.key(now))
        if session_id is None:
            return Useless.FORGED
        return self._sessions.read(session_id) or Useless.EXPIRED

    def enter(self, session: PortalSession, now: datetime) -> PortalSession | None:
        """Begin a visit, or go on with one by its link; None: the link has ended."""
        return self._sessions.enter(session.id, now + self._visit_lasts, now)

    def kept(self, session: PortalSession, now: datetime) -> str:
        """What the browser keeps of a visit."""
        return session_token(session.id, self._keys.key(now))

    def session(self, kept: str, now: datetime) -> PortalSession | None:
        """The visit that a browser keeps, also when it is over."""
        session_id = read_session_token(kept, self._keys.key(now))
        return None if session_id is None else self._sessions.read(session_id)

    def leave(self, session: PortalSession, now: datetime) -> None:
        """End a visit."""
        self._sessions.end(session.id, now)

    def form(self, session: PortalSession, action: str, now: datetime) -> str:
        """What a form of this visit that is sent to `action` carries, once each."""
        until = session.ends_at or now
        return form_token(
            _bound(session, action), secrets.token_bytes(NONCE_BYTES), until, self._keys.key(now)
        )

    def nonce(self, form: str, session: PortalSession, action: str, now: datetime) -> str | None:
        """What tells a form from all others; None: it is not one of this visit's, or for something else."""
        nonce = read_form_token(form, _bound(session, action), self._keys.key(now), now)
        return None if nonce is None else nonce.hex()

    def shown(self, shown: Quoted, session: PortalSession, now: datetime) -> str:
        """What a form carries of the quote above it."""
        return shown_token(shown, session.id, self._keys.key(now))

    def was_shown(self, token: str, session: PortalSession, now: datetime) -> Quoted | None:
        """The quote above the form that was sent."""
        return read_shown_token(token, session.id, self._keys.key(now))


def _bound(session: PortalSession, action: str) -> str:
    return f"portal:{session.id.hex}:{action}"
