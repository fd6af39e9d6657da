"""Desk: what a page of the dashboard has in hand.

Owns the request, who makes it, and how a page of the dashboard is answered: its frame, its places, its policy. Does not
own who may come in (`door`).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.errors import QueryCanceled
from psycopg_pool import ConnectionPool

from solvent.core.ids import InvalidId, parse
from solvent.core.language import Language
from solvent.core.money import format_minor
from solvent.core.operator import REASON_CHARS_MAX, Ability
from solvent.store.audit_log import AuditLog
from solvent.store.operators import Session
from solvent.web.endpoint import Call, Reply
from solvent.web.pages.layout import Frame, NavItem, page, see_other
from solvent.web.problems import Problem, not_found
from solvent.wiring import Solvent

log = logging.getLogger(__name__)

T = TypeVar("T")

BASE = "/dashboard"
LEAVE = f"{BASE}/leave"
CHARTS = "charts.js"
DIGITS_MAX = 9  # of a number in a form
PLACES: Sequence[tuple[str, str, Ability]] = (
    ("Overview", BASE, Ability.LOOK),
    ("Payments", f"{BASE}/payments", Ability.LOOK),
    ("Debt", f"{BASE}/debt", Ability.LOOK),
    ("Trouble", f"{BASE}/trouble", Ability.LOOK),
    ("Accounts", f"{BASE}/accounts", Ability.LOOK),
    ("Policy", f"{BASE}/policy", Ability.LOOK),
    ("Engine", f"{BASE}/engine", Ability.LOOK),
    ("Audit", f"{BASE}/audit", Ability.AUDIT),
    ("People", f"{BASE}/people", Ability.PEOPLE),
)

MAY: Mapping[Ability, str] = {  # what each ability lets somebody do, behind "may"
    Ability.LOOK: "look at accounts, money, policies and the engine",
    Ability.HELP: "recompute, hold, make links to pay",
    Ability.CREDIT: "give credit",
    Ability.STEER: "set the engine, try policies",
    Ability.AUDIT: "read the audit log",
    Ability.PEOPLE: "say who may sign in",
}


class Dated(Protocol):
    """What happened at a moment."""

    @property
    def at(self) -> datetime:
        """When."""


AnyDated = TypeVar("AnyDated", bound=Dated)


def untorn(entries: Sequence[AnyDated], most: int) -> tuple[Sequence[AnyDated], str | None]:
    """Of entries, the latest first, some `most` that tear no moment apart, and before which moment older ones are;
    None: these are all. Only a moment that alone has more than `most` loses some."""
    if len(entries) <= most:
        return entries, None
    shown = [entry for entry in entries[:most] if entry.at > entries[most].at] or entries[:most]
    return shown, shown[-1].at.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One request of somebody who is in; `sent` are the fields of its query or form, `place` the page it comes from."""

    call: Call
    session: Session
    sent: Mapping[str, str]
    place: str

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.call.now

    @property
    def solvent(self) -> Solvent:
        """The parts of this process."""
        return self.call.solvent

    @property
    def pool(self) -> ConnectionPool[Connection]:
        """The database."""
        return self.solvent.database.pool

    @property
    def log(self) -> AuditLog:
        """Where acts are written down."""
        return AuditLog(self.pool, self.solvent.platform.ids)

    def may(self, ability: str) -> bool:
        """Whether whoever asks may do that."""
        return self.session.operator.may(Ability(ability))

    def way_back(self) -> tuple[str, str]:
        """Name and address of the page that a reader came from, or of the first one, where that is not for the role."""
        for label, href, ability in PLACES:
            if href == self.place:
                return (label, href) if self.may(ability) else PLACES[0][:2]
        return "the account", self.place

    def part(self, read: Callable[[], T]) -> T | None:
        """What a part of a page needs; None: its sum took too long, and the rest is shown without it."""
        try:
            return read()
        except QueryCanceled:
            log.warning("%s: a part took too long and was given up", self.call.environ.get("PATH_INFO"))
            return None

    def show(
        self,
        template: str,
        place: str,
        title: str,
        content: Mapping[str, Any],
        status: int = 200,
        *,
        charts: bool = False,
    ) -> Reply:
        """A page at a place; with the script that draws `charts`, where there are some."""
        operator = self.session.operator
        frame = Frame(
            language=Language.EN,
            title=title,
            brand="Solvent",
            who=f"{operator.email}, {operator.role.replace('_', ' ')}",
            nav=[
                NavItem(label=label, href=href, current=href == place)
                for label, href, ability in PLACES
                if operator.may(ability)
            ],
            leave=LEAVE,
            form=self.session.form,
            wide=True,
            script=CHARTS if charts else None,
        )
        placed = {**content, "form": self.session.form, "may": self.may, "base": BASE}
        return page(template, frame, placed, status)

    def done(self, where: str, said: str = "") -> Reply:
        """After an act: the page where it can be seen."""
        return see_other(f"{where}?done={said}" if said else where)

    def text(self, name: str, chars_max: int, *, required: bool = True) -> str:
        """A field of the form; a problem that names it, where it is missing or too long."""
        value = self.sent.get(name, "").strip()
        if required and not value:
            raise Problem("refused", f"{name}: must not be empty")
        if len(value) > chars_max:
            raise Problem("refused", f"{name}: must have at most {chars_max} characters")
        return value

    def reason(self) -> str:
        """Why it is done, as the operator says."""
        return self.text("reason", REASON_CHARS_MAX)

    def number(self, name: str, least: int, most: int, usual: int) -> int:
        """A number of the query."""
        text = self.sent.get(name, "")
        if not text:
            return usual
        if (
            not text.isascii()
            or not text.isdecimal()
            or len(text) > DIGITS_MAX
            or not least <= int(text) <= most
        ):
            raise Problem("refused", f"{name}: must be a number from {least} to {most}")
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """A moment of the query; None: it says none."""
        text = self.sent.get(name, "")
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise Problem("refused", f"{name}: must be a date, with or without a time") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def account_id(self) -> UUID:
        """The account that the path names."""
        spelled = self.call.path["account_id"]
        try:
            return parse("acc", spelled)
        except InvalidId:
            raise not_found("account", spelled[:40]) from None


def money(amount: int, currency: str) -> str:
    """An amount of minor units, with its currency."""
    return f"{format_minor(amount, currency)} {currency}"


def when(moment: datetime | None) -> str:
    """A moment, UTC."""
    return "–" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in its largest unit."""
    return span((now - moment).total_seconds())


def span(seconds: float) -> str:
    """A stretch of time in its largest unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
