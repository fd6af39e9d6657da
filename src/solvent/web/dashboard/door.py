"""Door: who is on the dashboard.

Owns the ways in (a link that works once, or an identity provider), the cookies, the way out, and what is asked of every
request before a page sees it: a session, an ability, and for a form that it is ours. Who comes in is written into the
audit log first, and who is not let in, too. Whatever goes wrong is told on a page. Does not own the pages behind it.
"""

import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from psycopg.errors import QueryCanceled

from solvent.core.language import Language
from solvent.core.operator import REFUSALS_MAX, SIGN_INS_MAX, TRIES_WINDOW, Ability, Operator
from solvent.flows.guarding import may_try
from solvent.store.audit_log import SIGNED_IN, AuditLog
from solvent.store.operators import SIGN_IN, Operators, Session
from solvent.web.dashboard.desk import BASE, MAY, Desk
from solvent.web.dashboard.identity import Identity, SignInFailed
from solvent.web.endpoint import Call, Reply, retry_after
from solvent.web.pages.layout import Frame, from_our_page, page, see_other
from solvent.web.pages.sent import cookies_of, form_of, query_of
from solvent.web.problems import Problem
from solvent.web.visitors import digest_of
from solvent.wiring import Solvent

NO_LINK = (
    "This link has been used, or is older than a quarter of an hour. Ask for another: solvent operators link"
)
NO_SESSION = "You are not signed in, or it has been twelve hours."
STALE_FORM = "This form does not belong to your session, or came from another site. Nothing was done."
NOT_BEGUN = "This sign-in was not begun here, or took too long."
TOO_OFTEN = (
    "Too many sign-ins were begun from here: wait ten minutes, or use a link (solvent operators link)."
)
LINK, IDENTITY = "by a link", "by the identity provider"
OVER = "; Max-Age=0"
NOT_KNOWN = "Nobody has let this address in. An owner can: solvent operators add ADDRESS --role ROLE"

Run = Callable[[Desk], Reply]
log = logging.getLogger(__name__)


class Door:
    """The door of one process."""

    def __init__(self, solvent: Solvent) -> None:
        settings = solvent.settings
        self.base = settings.base_url
        self._secure = self.base.startswith("https://")
        # With this prefix a browser takes a cookie from this host alone, and over TLS alone.
        prefix = "__Host-" if self._secure else ""
        self._cookie, self._under_way = f"{prefix}dashboard", f"{prefix}dashboard-sign-in"
        self._log = AuditLog(solvent.database.pool, solvent.platform.ids)
        self._operators = Operators(solvent.database.pool, solvent.platform.ids)
        self._identity = Identity.of(settings, f"{self.base}{BASE}/signed-in")

    def sign_in(self, call: Call) -> Reply:
        """Where somebody signs in who is not in."""
        return self._outside("Sign in", NO_SESSION, 401) if self._session(call) is None else see_other(BASE)

    def enter(self, call: Call) -> Reply:
        """Somebody comes with a link; only the form on this page uses it up, for programs follow links too."""
        content = {"token": call.path["token"], "base": BASE}
        return page("dashboard_enter.html", Frame(language=Language.EN, title="Sign in"), content)

    def entered(self, call: Call) -> Reply:
        """Somebody uses a link."""
        if not from_our_page(call, self.base):
            return self._outside("Not signed in", STALE_FORM, 403)
        operator = self._operators.enter(call.path["token"], call.now)
        if operator is None:
            self._refused(call, None, LINK, "it was used before, is too old, or was never made")
            return self._outside("Not signed in", NO_LINK, 410)
        return self._in(operator, LINK, call.now)

    def go(self, call: Call) -> Reply:
        """Somebody goes to the identity provider."""
        if self._identity is None:
            return self._outside("Sign in", NO_SESSION, 404)
        if not may_try(call.solvent.platform, digest_of(call, "sign in"), call.now, SIGN_INS_MAX):
            return self._outside("Not signed in", TOO_OFTEN, 429, [retry_after(TRIES_WINDOW)])
        try:
            sign_in, where = self._identity.begin()
        except SignInFailed as failed:
            return self._failed(failed)
        if not self._operators.ask(sign_in, call.now):
            return self._outside("Not signed in", TOO_OFTEN, 429, [retry_after(TRIES_WINDOW)])
        lasts = f"; Max-Age={SIGN_IN // timedelta(seconds=1)}"
        return see_other(where, [self._set_cookie(sign_in.state, lasts, self._under_way)])

    def signed_in(self, call: Call) -> Reply:
        """Somebody comes back from there: the same browser that went, once."""
        if self._identity is None:
            return self._outside("Sign in", NO_SESSION, 404)
        sent = query_of(call)
        state = sent.get("state", "")
        kept = cookies_of(call).get(self._under_way, "")
        if not state or not hmac.compare_digest(state.encode(), kept.encode()):
            return self._outside("Not signed in", NOT_BEGUN, 403)
        return self._over(self._answered(call, self._identity, state, sent))

    def _answered(self, call: Call, identity: Identity, state: str, sent: Mapping[str, str]) -> Reply:
        """Whoever the identity provider says it is comes in, if an owner has said so."""
        asked = self._operators.answered(state, call.now)
        if asked is None:
            self._refused(call, None, IDENTITY, "it took too long, or had ended before")
            return self._outside("Not signed in", NOT_BEGUN, 403)
        try:
            email = identity.end(asked, sent, call.now)
        except SignInFailed as failed:
            self._refused(call, None, IDENTITY, str(failed))
            return self._failed(failed)
        operator = self._operators.by_email(email)
        if operator is None:
            self._refused(call, email, IDENTITY, "nobody has let this address in")
            return self._outside("Not signed in", f"{email}: {NOT_KNOWN}", 403)
        return self._in(operator, IDENTITY, call.now)

    def leave(self, desk: Desk) -> Reply:
        """Somebody signs out."""
        self._operators.end(desk.session)
        gone = self._outside("Signed out", "You have signed out.", 200)
        return self._over(gone._replace(headers=[*gone.headers, self._set_cookie("", OVER)]))

    def page(self, run: Run, ability: Ability, place: str) -> Callable[[Call], Reply]:
        """A page that looks at something; `place` is where it leads back to."""

        def handled(call: Call) -> Reply:
            session = self._session(call)
            if session is None:
                return self._outside("Sign in", NO_SESSION, 401)
            desk = Desk(call=call, session=session, sent=query_of(call), place=_filled(place, call))
            return _told(run, desk, ability)

        return handled

    def form(self, run: Run, ability: Ability, place: str) -> Callable[[Call], Reply]:
        """A form that does something, and was on a page of this session: that of `place`."""

        def handled(call: Call) -> Reply:
            session = self._session(call)
            if session is None:
                return self._outside("Sign in", NO_SESSION, 401)
            desk = Desk(call=call, session=session, sent=form_of(call), place=_filled(place, call))
            form = desk.sent.get("form", "")
            if not from_our_page(call, self.base) or not hmac.compare_digest(
                form.encode(), session.form.encode()
            ):
                return _problem(desk, "Nothing was done", STALE_FORM, 403)
            return _told(run, desk, ability)

        return handled

    def _session(self, call: Call) -> Session | None:
        token = cookies_of(call).get(self._cookie)
        return self._operators.session(token, call.now) if token else None

    def _in(self, operator: Operator, way: str, now: datetime) -> Reply:
        self._log.keep(operator, SIGNED_IN, now, detail=way, reason="to use the dashboard")
        return see_other(BASE, [self._set_cookie(self._operators.begin(operator, now).token)])

    def _refused(self, call: Call, email: str | None, way: str, reason: str) -> None:
        """Written down, but for more than anybody reads: whoever knocks for ever must not fill the log."""
        counted = digest_of(call, "refused sign-ins", of_address=False)
        if may_try(call.solvent.platform, counted, call.now, REFUSALS_MAX):
            self._log.refuse(email, call.now, way=way, reason=reason)

    def _over(self, reply: Reply) -> Reply:
        """The same answer, after which no sign-in is under way in this browser."""
        return reply._replace(headers=[*reply.headers, self._set_cookie("", OVER, self._under_way)])

    def _set_cookie(self, value: str, more: str = "", name: str | None = None) -> tuple[str, str]:
        secure = "; Secure" if self._secure else ""
        return "set-cookie", f"{name or self._cookie}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}"

    def _failed(self, failed: SignInFailed) -> Reply:
        log.warning("a sign-in failed: %s", failed)
        return self._outside("Not signed in", f"The identity provider did not let you in: {failed}", 403)

    def _outside(
        self, heading: str, text: str, status: int, headers: Sequence[tuple[str, str]] = ()
    ) -> Reply:
        """A page for whoever is not in."""
        content = {"heading": heading, "text": text, "identity": self._identity is not None, "base": BASE}
        return page(
            "dashboard_outside.html", Frame(language=Language.EN, title=heading), content, status, headers
        )


def _filled(place: str, call: Call) -> str:
    """The address of a page, with what this request's path names in it."""
    return place.format_map({name: quote(value, safe="") for name, value in call.path.items()})


def _told(run: Run, desk: Desk, ability: Ability) -> Reply:
    """What a page answers; a problem becomes a page."""
    if not desk.may(ability):
        role = desk.session.operator.role.replace("_", " ")
        text = f"This is for whoever may {MAY[ability]}. Your role, {role}, may not. Owners give roles."
        return _problem(desk, "Not for your role", text, 403)
    try:
        return run(desk)
    except QueryCanceled:
        return _problem(desk, "This takes too long", "The sum was given up. Ask for fewer days.", 503)
    except Problem as problem:
        missing = problem.code == "not_found"
        return _problem(
            desk,
            "There is no such thing" if missing else "Nothing was done",
            problem.detail,
            problem.status,
        )


def _problem(desk: Desk, heading: str, text: str, status: int) -> Reply:
    """A page that says what is the matter, and leads back."""
    content = {"heading": heading, "text": text, "back": desk.way_back()}
    return desk.show("dashboard_told.html", desk.place, heading, content, status)
