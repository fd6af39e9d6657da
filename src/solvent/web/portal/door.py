"""Door: who is in the portal.

Owns the way in by a link, the cookie, the way out, and what is asked of every request before a page sees it: a visit
that lasts, not too many requests, and for a form that it is ours and was made for this. Whatever goes wrong is told on
a page. Does not own the pages behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from solvent.core.account import Account
from solvent.core.sealed import Useless
from solvent.portal_links import PortalLinks
from solvent.store.portal_sessions import PortalSession
from solvent.web.endpoint import Call, Reply
from solvent.web.pages.layout import Frame, from_our_page, page, see_other, wished_language
from solvent.web.pages.sent import cookies_of, form_of, query_of
from solvent.web.pay_limit import Limit
from solvent.web.portal.visit import PORTAL_WORDS, Place, Visit
from solvent.web.problems import Problem
from solvent.wiring import Solvent

LOOKS_MAX = 240  # of one account in a minute, in one process
FORMS_MAX = 40  # likewise
RETRY_AFTER_S = 60
METHODS_ALONE = (
    Place.METHODS,
    "/portal/changes/",
    "/portal/leave",
)  # a method is added by a change without money

Run = Callable[[Visit], Reply]


class Door:
    """The door of one process."""

    def __init__(self, solvent: Solvent) -> None:
        self.links = PortalLinks(solvent.settings, solvent.database)
        self._secure = self.links.base.startswith("https://")
        # With this prefix a browser takes the cookie from this host alone, and over TLS alone.
        self._cookie = "__Host-portal" if self._secure else "portal"
        self._looks, self._forms = Limit(LOOKS_MAX), Limit(FORMS_MAX)

    def enter(self, call: Call) -> Reply:
        """Somebody comes with a link. One that was sent by e-mail is only used up by the form on a page, for mail
        programs and their scanners follow links too; one that a server asked for is followed by whom it sends."""
        found = self._linked(call)
        if isinstance(found, Reply):
            return found
        if not found.methods_only or found.ends_at is not None or call.now >= found.enter_until:
            return self._entered(call, found)
        language = found.language or self._account(call, found).language
        words = PORTAL_WORDS[language]
        content = {"w": words, "action": call.environ["PATH_INFO"]}
        return page("portal_enter.html", Frame(language=language, title=words.enter_title), content)

    def entered(self, call: Call) -> Reply:
        """Somebody uses a link by the form on its page."""
        found = self._linked(call)
        if isinstance(found, Reply):
            return found
        if not from_our_page(call, self.links.base):
            words = PORTAL_WORDS[found.language or wished_language(call)]
            return _outside(call, words.stale_form_title, words.stale_form, 403)
        return self._entered(call, found)

    def _linked(self, call: Call) -> PortalSession | Reply:
        """The visit of a link, or why there is none."""
        found = self.links.find(call.path["token"], call.now)
        words = PORTAL_WORDS[wished_language(call)]
        if found is Useless.FORGED:
            return _outside(call, words.unknown_title, words.unknown, 404)
        if found is Useless.EXPIRED:
            return _outside(call, words.link_ended_title, words.link_ended, 410)
        return found

    def _entered(self, call: Call, found: PortalSession) -> Reply:
        words = PORTAL_WORDS[wished_language(call)]
        entered = self.links.enter(found, call.now)
        if entered is None:
            if found == self._session(call) and found.lasts(call.now):
                return see_other(_first(found))
            return _outside(call, words.link_ended_title, words.link_ended, 410, found)
        return see_other(_first(entered), [self._set_cookie(self.links.kept(entered, call.now))])

    def leave(self, visit: Visit) -> Reply:
        """The customer signs out; nobody gets in again by this link or this cookie."""
        self.links.leave(visit.session, visit.now)
        w = visit.words
        gone = _outside(visit.call, w.left_title, w.left, 200, visit.session)
        return gone._replace(headers=[*gone.headers, self._set_cookie("", "; Max-Age=0")])

    def page(self, run: Run) -> Callable[[Call], Reply]:
        """A page that looks at something."""

        def handled(call: Call) -> Reply:
            visit = self._visit(call, self._looks, query_of(call))
            return visit if isinstance(visit, Reply) else _told(run, visit)

        return handled

    def form(self, run: Run) -> Callable[[Call], Reply]:
        """A form that does something: it was on a page of this visit, and made for this address."""

        def handled(call: Call) -> Reply:
            visit = self._visit(call, self._forms, form_of(call))
            if isinstance(visit, Reply):
                return visit
            nonce = None
            if from_our_page(call, self.links.base):
                action: str = call.environ["PATH_INFO"]
                nonce = self.links.nonce(visit.sent.get("form", ""), visit.session, action, call.now)
            if nonce is None:
                w = visit.words
                return _said(visit, w.stale_form_title, w.stale_form, 403)
            return _told(
                run,
                Visit(
                    call=call,
                    links=visit.links,
                    session=visit.session,
                    account=visit.account,
                    brand=visit.brand,
                    sent=visit.sent,
                    nonce=nonce,
                ),
            )

        return handled

    def _visit(self, call: Call, limit: Limit, sent: Mapping[str, str]) -> Visit | Reply:
        session = self._session(call)
        if session is None or not session.lasts(call.now):
            language = None if session is None else session.language
            words = PORTAL_WORDS[language or wished_language(call)]
            return _outside(call, words.ended_title, words.ended, 401, session)
        if not limit.allows(session.account_id, call.now):
            words = PORTAL_WORDS[session.language or wished_language(call)]
            return _outside(call, words.busy_title, words.busy, 429, None, busy=True)
        account = self._account(call, session)
        if session.methods_only and not call.environ["PATH_INFO"].startswith(METHODS_ALONE):
            told = replace(session, language=session.language or account.language)
            words = PORTAL_WORDS[told.language or account.language]
            return _outside(call, words.methods_only_title, words.methods_only, 403, told)
        return Visit(
            call=call,
            links=self.links,
            session=session,
            account=account,
            brand=call.queries.entity_name(account.entity),
            sent=sent,
        )

    def _account(self, call: Call, session: PortalSession) -> Account:
        account = call.queries.account(session.account_id)
        assert account is not None, f"visit {session.id} is of an account that exists"
        return account

    def _session(self, call: Call) -> PortalSession | None:
        kept = cookies_of(call).get(self._cookie)
        return None if kept is None else self.links.session(kept, call.now)

    def _set_cookie(self, value: str, more: str = "") -> tuple[str, str]:
        """It ends with the browser; a visit that is over is known by its row, so that its page can say where to go."""
        secure = "; Secure" if self._secure else ""
        return "set-cookie", f"{self._cookie}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}"


def _first(session: PortalSession) -> Place:
    """Where a visit begins."""
    return Place.METHODS if session.methods_only else Place.OVERVIEW


def _told(run: Run, visit: Visit) -> Reply:
    """What a page answers; a problem becomes a page."""
    try:
        return run(visit)
    except Problem as problem:
        w = visit.words
        missing = problem.code == "not_found"
        heading = w.missing_title if missing else w.broken_title
        text = w.missing if missing else w.broken.format(rule=problem.detail)
        broken = None if missing else visit.call.path.get("subscription_id")
        return _said(visit, heading, text, problem.status, broken)


def _said(visit: Visit, heading: str, text: str, status: int, subscription: str | None = None) -> Reply:
    """A page that says so, and leads back to where it came from: a subscription, or the overview."""
    place, name = Place.OVERVIEW, visit.words.overview
    if subscription is not None:
        place, name = Place.SUBSCRIPTIONS, visit.words.subscriptions
    href = place if subscription is None else f"{place}/{subscription}"
    content = {"heading": heading, "text": text, "back": href, "lead": visit.words.back_to.format(place=name)}
    return visit.show("portal_told.html", place, heading, content, status)


def _outside(
    call: Call,
    heading: str,
    text: str,
    status: int,
    session: PortalSession | None = None,
    *,
    busy: bool = False,
) -> Reply:
    """A page for whoever is not in."""
    language = (session and session.language) or wished_language(call)
    words = PORTAL_WORDS[language]
    back = None if session is None else session.return_url
    content = {"w": words, "heading": heading, "text": text, "back": back}
    headers = [("retry-after", str(RETRY_AFTER_S))] if busy else []
    return page("portal_outside.html", Frame(language=language, title=heading), content, status, headers)
