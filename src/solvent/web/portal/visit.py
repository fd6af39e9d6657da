"""Visit: somebody who is in the portal, and how a page is put together for them.

Owns what every page needs: whose account it is, in which language, the frame with its places, and forms that only this
visit can send. Does not own who is let in (`door`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from solvent.core.account import Account
from solvent.core.ids import InvalidId, parse
from solvent.core.language import Language
from solvent.messages.tongue import Tongue
from solvent.portal_links import PortalLinks
from solvent.store.portal_sessions import PortalSession
from solvent.web.endpoint import Call, Reply
from solvent.web.pages.layout import Frame, NavItem, page
from solvent.web.pages.portal_words import PortalWords
from solvent.web.pages.portal_words_de import DE
from solvent.web.pages.portal_words_en import EN
from solvent.web.problems import Problem

PORTAL_WORDS: Mapping[Language, PortalWords] = {Language.EN: EN, Language.DE: DE}


class Place(StrEnum):
    """The places that every page leads to."""

    OVERVIEW = "/portal"
    SUBSCRIPTIONS = "/portal/subscriptions"
    METHODS = "/portal/methods"
    INVOICES = "/portal/invoices"
    USAGE = "/portal/usage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request within a visit. `sent` are the fields of a form, `nonce` what tells it from all others."""

    call: Call
    links: PortalLinks
    session: PortalSession
    account: Account
    brand: str
    sent: Mapping[str, str]
    nonce: str = ""

    @property
    def now(self) -> datetime:
        """The present of everybody."""
        return self.call.now

    @property
    def moment(self) -> datetime:
        """The account's present."""
        return self.account.moment(self.call.now)

    @property
    def language(self) -> Language:
        """In which the visitor reads."""
        return self.session.language or self.account.language

    @property
    def words(self) -> PortalWords:
        """The catalog of that language."""
        return PORTAL_WORDS[self.language]

    @property
    def tongue(self) -> Tongue:
        """How days and amounts are written."""
        return Tongue(self.language, self.account.country, self.account.time_zone)

    def form(self, action: str) -> str:
        """What a form that is sent to `action` carries."""
        return self.links.form(self.session, action, self.now)

    def show(
        self,
        template: str,
        place: Place,
        title: str,
        content: Mapping[str, Any] | None = None,
        status: int = 200,
        reload_s: int | None = None,
        part: str | None = None,
        script: str | None = None,
    ) -> Reply:
        """A page of the portal; `part`: with fields of that provider's own, or that bot check's; `script`: ours."""
        w, leave = self.words, "/portal/leave"
        labels = (w.overview, w.subscriptions, w.methods, w.invoices, w.usage)
        nav = [
            NavItem(label=label, href=at.value, current=at is place)
            for at, label in zip(Place, labels, strict=True)
        ]
        frame = Frame(
            language=self.language,
            title=title,
            brand=self.brand,
            who=self.account.name,
            nav=nav,
            leave=leave,
            form=self.form(leave),
            reload_s=reload_s,
            wide=True,
            script=script,
            part=part,
        )
        return page(template, frame, {"w": w, "form": self.form, "title": title, **(content or {})}, status)


class Owned(Protocol):
    """Something that belongs to an account."""

    @property
    def account_id(self) -> UUID: ...


T = TypeVar("T", bound=Owned)


def mine(visit: Visit, thing: T | None) -> T:
    """The thing, if it is there and the visitor's: nobody learns which of the two it was not."""
    if thing is None or thing.account_id != visit.account.id:
        raise Problem("not_found", "there is no such thing")
    return thing


def id_in(prefix: str, text: str) -> UUID:
    """The id behind a spelling; what is none names nothing."""
    try:
        return parse(prefix, text)
    except InvalidId:
        raise Problem("not_found", "there is no such thing") from None
