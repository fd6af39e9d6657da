"""Paying: how something is paid for in the portal, and what came of it.

Owns the ways that are offered, the opening of an attempt by one of them, and the page that follows. Does not
own paying what is owed (`owing`), the sequence (`flows`), nor what a provider can do.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of, spell
from solvent.core.payment import ActionKind, AttemptState
from solvent.core.phrase import spoken
from solvent.core.plan import Intent, Refusal
from solvent.flows.acting import with_action
from solvent.flows.opening import Asked, Conflict, Contended, confirm, read
from solvent.messages.composing import CATALOGS
from solvent.web.endpoint import Reply
from solvent.web.page_guard import Stopped, bot_of, stopped_on_page
from solvent.web.pages.layout import see_other
from solvent.web.pages.pay import PART_SCRIPT, bot_part
from solvent.web.pages.pay_words import PAGE_WORDS
from solvent.web.pay_view import CARD, RELOAD_S, Choice, card_token, choices, part_of, wrong_way
from solvent.web.portal.having import for_how_much
from solvent.web.portal.offering import fields_of, quote_address
from solvent.web.portal.visit import Place, Visit, id_in, mine

Opened = Attempt | Refusal | Conflict


def ways_for(visit: Visit, *, stored: bool = True) -> Sequence[Choice]:
    """How something can be paid; without `stored`, how a new method can be confirmed."""
    platform = visit.call.solvent.platform
    methods = visit.call.queries.methods(visit.account.id) if stored else []
    found = choices(platform, visit.account, methods, visit.language)
    if stored:
        return tuple(found)
    # What cannot be charged later is nothing to have on file.
    return tuple(
        c for c in found if c.provider and platform.providers.get(c.provider).capabilities.off_session
    )


def ways_content(visit: Visit, ways: Sequence[Choice], chosen: str | None = None) -> dict[str, Any]:
    """What a page with a choice of ways places."""
    return {
        "ways": ways,
        "chosen": chosen or (ways[0].value if ways else None),
        "has_card": any(way.value == CARD for way in ways),
        "bot": bot_of(visit.call),
        "pay": PAGE_WORDS[visit.language],
    }


def show_ways(
    visit: Visit, template: str, place: Place, title: str, content: Mapping[str, Any], status: int = 200
) -> Reply:
    """A page with a choice of ways, and the bot check where the merchant asks for one."""
    return visit.show(template, place, title, content, status, part=bot_part(bot_of(visit.call)))


def wrong(visit: Visit, ways: Sequence[Choice]) -> str | None:
    """What is wrong with the way that was chosen, in words."""
    return wrong_way(ways, visit.language, visit.sent)


def carry_out(
    visit: Visit, way: Choice | None, open_it: Callable[[Asked], Opened]
) -> Reply | Refusal | Stopped:
    """Steps 3 and 4 by a form of ours, once for each form; the page that follows, or why it is refused. What needs no
    payment stops nobody."""
    attempt_id = visit.call.solvent.platform.ids.draw(bucket_of(visit.account.id))
    asked = Asked(
        account_id=visit.account.id,
        key=f"portal:{visit.nonce}",
        input_hash=sha256(visit.call.raw).digest(),
        provider=None if way is None else way.provider,
        method_id=None if way is None else way.method_id,
        return_url=f"{visit.links.base}/portal/changes/{spell('att', attempt_id)}/back",
        id=attempt_id,
    )
    stop_sign = None
    if way is not None:
        stop_sign = stopped_on_page(visit.call, visit.account, visit.language, visit.sent, asked)
    if stop_sign is not None:
        return stop_sign
    try:
        opened = open_it(asked)
    except Contended:
        return _busy(visit, None)
    visit.call.kept.touch()  # what may be used is perhaps another now
    if isinstance(opened, Refusal):
        return opened
    if isinstance(opened, Conflict):
        return _busy(visit, None if opened.code == "key_reused" else opened)
    return _to(_confirmed(visit, opened))


def change(visit: Visit) -> Reply:
    """What came of something, or what is left to do."""
    attempt = _own(visit)
    words, pay, tongue = visit.words, PAGE_WORDS[visit.language], visit.tongue
    amount = tongue.amount(attempt.plan.due, attempt.plan.currency)
    match attempt.state:
        case AttemptState.COMMITTED:
            return _page(visit, words.done_title, _done(visit, attempt), "good", [*_leads(visit, attempt)])
        case AttemptState.RETURNED:
            return _page(visit, words.done_title, pay.returned, "info", [*_leads(visit, attempt)])
        case AttemptState.FAILED:
            why = None if attempt.cause is None else CATALOGS[visit.language].causes[attempt.cause]
            text = " ".join(filter(None, (pay.failed, why)))
            leads = [(_again(attempt), words.try_again, "act")]
            return _page(visit, words.failed_title, text, "bad", leads)
        case AttemptState.REQUIRES_ACTION:
            return _action(visit, attempt, amount)
        case AttemptState.OPENING | AttemptState.PROCESSING | AttemptState.UNKNOWN:
            return _transfer(visit, attempt, amount) or _under_way(visit, attempt)


def _under_way(visit: Visit, attempt: Attempt) -> Reply:
    pay, where = PAGE_WORDS[visit.language], f"/portal/changes/{spell('att', attempt.id)}"
    again = [(where, pay.look_again, "plain")]
    return _page(visit, pay.underway_title, pay.underway, "info", again, reload_s=RELOAD_S)


def finish(visit: Visit) -> Reply:
    """Give the card that an attempt still waits for."""
    attempt = _own(visit)
    kind = None if attempt.action is None else attempt.action.kind
    if attempt.state is not AttemptState.REQUIRES_ACTION or kind is not ActionKind.CONFIRM:
        return _to(attempt)
    problem = wrong(visit, [_card(attempt, visit)])
    if problem is not None:
        amount = visit.tongue.amount(attempt.plan.due, attempt.plan.currency)
        return _action(visit, attempt, amount, problem)
    return _to(_confirmed(visit, attempt))


def back(visit: Visit) -> Reply:
    """Whoever has been at a bank or wallet: how it went is asked there."""
    attempt = _own(visit)
    if attempt.state is AttemptState.REQUIRES_ACTION:
        attempt = confirm(visit.call.solvent.platform, attempt.id, None, visit.now) or attempt
        visit.call.kept.touch()
    return _to(attempt)


def _own(visit: Visit) -> Attempt:
    return mine(visit, read(visit.call.solvent.platform, id_in("att", visit.call.path["change_id"])))


def _confirmed(visit: Visit, attempt: Attempt) -> Attempt:
    """Step 4, as far as it is the customer's part in this page."""
    waiting = attempt.state is AttemptState.REQUIRES_ACTION and attempt.action is not None
    if not waiting or attempt.action is None or attempt.action.kind is not ActionKind.CONFIRM:
        return attempt
    done = confirm(visit.call.solvent.platform, attempt.id, card_token(visit.sent), visit.now)
    visit.call.kept.touch()
    return done or attempt


def _transfer(visit: Visit, attempt: Attempt, amount: str) -> Reply | None:
    """Where the customer transfers the money to; None: it is not waited for."""
    if attempt.action is None or attempt.action.instructions is None:
        return None
    pay = PAGE_WORDS[visit.language]
    text = f"{spoken(attempt.action.instructions, visit.language)} {pay.transfer_then}"
    return _page(visit, pay.transfer_title.format(amount=amount), text, "info", [])


def _action(visit: Visit, attempt: Attempt, amount: str, problem: str | None = None) -> Reply:
    pay, where = PAGE_WORDS[visit.language], f"/portal/changes/{spell('att', attempt.id)}"
    attempt = with_action(visit.call.solvent.platform, attempt)
    if attempt.action is not None and attempt.action.lacks:  # its provider does not answer
        return _under_way(visit, attempt)
    label = visit.words.confirm_pay.format(amount=amount) if attempt.plan.due else visit.words.add_confirm
    part = part_of(visit.call.solvent.platform, attempt, f"{where}/back", label)
    url = None if attempt.action is None else attempt.action.url
    if part is None and url is not None and url.startswith(("https://", "http://")):
        text = pay.action.format(amount=amount)
        return _page(visit, pay.action_title, text, "info", [(url, pay.go_on, "act")])
    transfer = _transfer(visit, attempt, amount)
    if transfer is not None:
        return transfer
    content = {
        "text": visit.words.to_finish.format(what=for_how_much(visit, attempt.plan)),
        "problem": problem,
        "action": where,
        "again": _again(attempt),
        "part": part,
        **ways_content(visit, [_card(attempt, visit)]),
    }
    status, shown = (200 if problem is None else 422), None if part is None else part.provider
    script = None if part is None else PART_SCRIPT
    return visit.show(
        "portal_finish.html", Place.OVERVIEW, pay.action_title, content, status, part=shown, script=script
    )


def _card(attempt: Attempt, visit: Visit) -> Choice:
    return Choice(CARD, PAGE_WORDS[visit.language].first_card, provider=attempt.provider)


def _done(visit: Visit, attempt: Attempt) -> str:
    words = visit.words
    match attempt.plan.intent:
        case Intent.ADD_METHOD:
            return words.done_method
        case Intent.PAY_DEBT:
            return words.done_debt
        case Intent.SCHEDULE:
            return words.done_scheduled
        case _:
            return words.done


def _leads(visit: Visit, attempt: Attempt) -> Sequence[tuple[str, str, str]]:
    """Where to go on, with the label and the kind of each."""
    words, plan = visit.words, attempt.plan
    if plan.intent is Intent.ADD_METHOD:
        return [(Place.METHODS, words.back_to.format(place=words.methods), "act")]
    leads = [(Place.OVERVIEW.value, words.back_to.format(place=words.overview), "act")]
    if plan.after is not None:
        where = f"/portal/subscriptions/{spell('sub', plan.after.id)}"
        leads = [(where, words.back_to.format(place=words.subscriptions), "act")]
    invoice_id = visit.call.queries.invoice_of(attempt.id)
    if invoice_id is not None:
        leads.append((f"/portal/invoices/{spell('inv', invoice_id)}", words.see_invoice, "plain"))
    return leads


def _again(attempt: Attempt) -> str:
    """Where the same can be tried once more."""
    if attempt.plan.intent is Intent.ADD_METHOD:
        return "/portal/methods/add"
    if attempt.plan.settles:
        return "/portal/pay"
    fields = fields_of(attempt.request)
    if attempt.plan.after is None:
        return Place.OVERVIEW
    subscription_id = attempt.plan.after.id
    if fields is None:
        return (
            f"/portal/subscriptions/{spell('sub', subscription_id)}"
            if attempt.plan.after.version > 1
            else "/portal"
        )
    return quote_address(subscription_id, fields)


def _page(
    visit: Visit,
    heading: str,
    text: str,
    kind: str,
    leads: Sequence[tuple[str, str, str]],
    reload_s: int | None = None,
) -> Reply:
    content: Mapping[str, Any] = {"heading": heading, "text": text, "kind": kind, "leads": leads}
    return visit.show("portal_result.html", Place.OVERVIEW, heading, content, reload_s=reload_s)


def _busy(visit: Visit, conflict: Conflict | None) -> Reply:
    """Somebody is at the same thing, most likely in another tab: their page says how it goes."""
    words = visit.words
    leads = [] if conflict is None else [(_where(conflict.attempt_id), words.look, "act")]
    content = {"heading": words.failed_title, "text": words.in_flight, "kind": "warn", "leads": leads}
    return visit.show("portal_result.html", Place.OVERVIEW, words.failed_title, content, 409)


def _to(attempt: Attempt) -> Reply:
    return see_other(_where(attempt.id))


def _where(attempt_id: UUID) -> str:
    return f"/portal/changes/{spell('att', attempt_id)}"
