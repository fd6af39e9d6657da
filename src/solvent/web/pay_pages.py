"""Pay pages: what a customer sees behind a link to pay, and what becomes of the form.

Owns the way of a visit: read the link, look at what is owed, pay through the one guarded flow, show what came of it. A
link is all the authority there is: no cookie is set, so that no other site can borrow a visitor's. Does not own the
looks (`pages`), links (`pay_links`), nor any payment (`flows`).
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qs

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of, parse, spell
from solvent.core.pay_token import Useless
from solvent.core.payment import ActionKind, AttemptState
from solvent.core.plan import Refusal
from solvent.flows.acting import with_action
from solvent.flows.collect import pay_now
from solvent.flows.opening import Asked, Conflict, Contended, confirm, read, stop
from solvent.messages.tongue import Tongue
from solvent.pay_links import PayLinks
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.page_guard import stopped_on_page
from solvent.web.pages.layout import from_our_page, see_other, wished_language
from solvent.web.pages.pay import Page, answer
from solvent.web.pages.pay_words import PAGE_WORDS
from solvent.web.pay_limit import Limit
from solvent.web.pay_view import (
    Visit,
    card_token,
    chosen_way,
    form_page,
    part_of,
    result_page,
    seen_debt,
    within,
    wrong_choice,
)
from solvent.wiring import Solvent

LOOKS_MAX = 60  # of one account in a minute, in one process
PAYMENTS_MAX = 10  # likewise
FORM_BYTES_MAX = 4096
BACK = "/back"
RETRY_AFTER_S = 60


class PayPages:
    """The pages of one process."""

    def __init__(self, solvent: Solvent) -> None:
        self._solvent = solvent
        self._links = PayLinks(solvent.settings, solvent.database)
        self._looks, self._payments = Limit(LOOKS_MAX), Limit(PAYMENTS_MAX)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The routes, which are no part of what the API's document describes."""
        one = "/pay/{token}/{change_id}"
        return (
            _page("GET", "/pay/{token}", "payPage", "What is owed, and a form to pay it", self.show),
            _page("POST", "/pay/{token}", "payPageForm", "Pay what is owed", self.pay),
            _page("GET", one, "payPageResult", "What came of a payment", self.result),
            _page(
                "POST", one, "payPageOtherwise", "Give up a payment, to pay in another way", self.otherwise
            ),
            _page("GET", one + BACK, "payPageBack", "Back from a bank or wallet", self.back),
        )

    def show(self, call: Call) -> Reply:
        """What is owed."""
        visit = self._visit(call, self._looks)
        return visit if isinstance(visit, Reply) else self._shown(visit)

    def pay(self, call: Call) -> Reply:
        """Pay what is owed, in the way that was chosen."""
        visit = self._visit(call, self._payments)
        if isinstance(visit, Reply):
            return visit
        words = PAGE_WORDS[visit.language]
        if not from_our_page(call, self._links.base):
            return answer(Page(heading=words.foreign_title, text=words.foreign), visit.language, 403)
        sent = {name: values[0] for name, values in parse_qs(call.raw.decode("latin-1")).items()}
        nonce = self._links.nonce(sent.get("form", ""), visit.token, call.now)
        if nonce is None:
            return self._shown(visit, problem=words.again, status=422)
        if visit.owed and sent.get("seen") != seen_debt(visit):  # what is charged is what was shown
            return self._shown(visit, problem=words.owed_changed, chosen=sent.get("way"), status=409)
        problem = wrong_choice(visit, sent)
        if problem is not None:
            return self._shown(visit, problem=problem, chosen=sent.get("way"), status=422)
        return self._paid(call, visit, sent, nonce)

    def result(self, call: Call) -> Reply:
        """What came of a payment."""
        found = self._own_attempt(call)
        return found if isinstance(found, Reply) else self._told(*found)

    def otherwise(self, call: Call) -> Reply:
        """Give up a payment that waits for its payer, so that another way can be chosen; where it can no longer be
        stopped, how it stands."""
        if not from_our_page(call, self._links.base):
            words = PAGE_WORDS[wished_language(call)]
            return answer(Page(heading=words.foreign_title, text=words.foreign), wished_language(call), 403)
        found = self._own_attempt(call)
        if isinstance(found, Reply):
            return found
        visit, attempt = found
        if attempt.in_flight and not stop(self._solvent.platform, attempt, visit.now):
            return self._to_result(visit, attempt)
        return see_other(f"/pay/{visit.token}")

    def back(self, call: Call) -> Reply:
        """Whoever has been at a bank or wallet: how it went is asked there."""
        found = self._own_attempt(call)
        if isinstance(found, Reply):
            return found
        visit, attempt = found
        if attempt.state is AttemptState.REQUIRES_ACTION:
            attempt = confirm(self._solvent.platform, attempt.id, None, visit.now) or attempt
        return self._to_result(visit, attempt)

    def _paid(self, call: Call, visit: Visit, sent: dict[str, str], nonce: str) -> Reply:
        words, way = PAGE_WORDS[visit.language], chosen_way(visit, sent["way"])
        attempt_id = self._solvent.platform.ids.draw(bucket_of(visit.account.id))
        asked = Asked(
            account_id=visit.account.id,
            key=f"pay-link:{nonce}",
            input_hash=sha256(call.raw).digest(),
            provider=way.provider,
            method_id=way.method_id,
            return_url=f"{self._links.base}/pay/{visit.token}/{spell('att', attempt_id)}{BACK}",
            id=attempt_id,
        )
        if not visit.owed:
            return self._shown(visit)
        stop_sign = stopped_on_page(call, visit.account, visit.language, sent, asked)
        if stop_sign is not None:
            told = self._shown(visit, problem=stop_sign.text, chosen=sent["way"], status=stop_sign.status)
            return stop_sign.on(told)
        try:
            opened = pay_now(self._solvent.platform, asked, [i.id for i in visit.owed], visit.now)
        except Contended:
            opened = Conflict(code="in_flight", detail="", attempt_id=attempt_id)
        if isinstance(opened, Refusal):  # what was owed a moment ago is not any more, or its way is closed
            fresh = self._visit(call, self._looks)
            return fresh if isinstance(fresh, Reply) else self._shown(fresh, problem=words.again, status=409)
        if isinstance(opened, Conflict):
            reused = opened.code == "key_reused"
            return self._shown(visit, problem=words.again if reused else words.underway, status=409)
        return self._to_result(visit, self._confirmed(opened, sent, visit.now))

    def _confirmed(self, attempt: Attempt, sent: dict[str, str], now: datetime) -> Attempt:
        """Step 4, as far as it is the customer's part in this page."""
        waiting = attempt.state is AttemptState.REQUIRES_ACTION and attempt.action is not None
        if not waiting or attempt.action is None or attempt.action.kind is not ActionKind.CONFIRM:
            return attempt
        return confirm(self._solvent.platform, attempt.id, card_token(sent), now) or attempt

    def _told(self, visit: Visit, attempt: Attempt) -> Reply:
        words = PAGE_WORDS[visit.language]
        attempt = with_action(self._solvent.platform, attempt)
        amount = Tongue.of(visit.account).amount(attempt.plan.due, attempt.plan.currency)
        back = f"/pay/{visit.token}/{spell('att', attempt.id)}{BACK}"
        part = part_of(self._solvent.platform, attempt, back, words.pay.format(amount=amount))
        page = result_page(visit, attempt, part)
        if page is not None:
            return answer(page, visit.language)
        return self._shown(visit, problem=words.failed, cause=attempt.cause)

    def _shown(
        self,
        visit: Visit,
        *,
        problem: str | None = None,
        chosen: str | None = None,
        status: int = 200,
        cause: str | None = None,
    ) -> Reply:
        form = self._links.form(visit.token, visit.now)
        page = form_page(visit, form, problem=problem, chosen=chosen, cause=cause)
        return answer(page, visit.language, status)

    def _to_result(self, visit: Visit, attempt: Attempt) -> Reply:
        """After a form comes a page of its own, which can be loaded again."""
        where = f"/pay/{visit.token}/{spell('att', attempt.id)}"
        return see_other(where)

    def _own_attempt(self, call: Call) -> tuple[Visit, Attempt] | Reply:
        visit = self._visit(call, self._looks)
        if isinstance(visit, Reply):
            return visit
        try:
            attempt = read(self._solvent.platform, parse("att", call.path["change_id"]))
        except ValueError:
            attempt = None
        if attempt is None or not within(visit, attempt):
            return _nowhere(call)
        return visit, attempt

    def _visit(self, call: Call, limit: Limit) -> Visit | Reply:
        token = call.path["token"]
        link = self._links.read(token, call.now)
        if isinstance(link, Useless):
            return _nowhere(call, expired=link is Useless.EXPIRED)
        if not limit.allows(link.account_id, call.now):
            words = PAGE_WORDS[wished_language(call)]
            busy = Page(heading=words.busy_title, text=words.busy)
            return answer(busy, wished_language(call), 429, [("retry-after", str(RETRY_AFTER_S))])
        visit = Visit.of(call, token, link.account_id, link.invoice_ids)
        return _nowhere(call) if visit is None else visit


def _page(method: str, path: str, name: str, summary: str, run: Callable[[Call], Reply]) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag="pages",
        run=run,
        scope=None,
        answers={},
        raw_body=method == "POST",
        raw_query=path.endswith(BACK),  # providers add what they like to the address
        body_bytes_max=FORM_BYTES_MAX,
        media="text/html",
    )


def _nowhere(call: Call, *, expired: bool = False) -> Reply:
    language = wished_language(call)
    words = PAGE_WORDS[language]
    if expired:
        return answer(Page(heading=words.expired_title, text=words.expired), language, 410)
    return answer(Page(heading=words.unknown_title, text=words.unknown), language, 404)
