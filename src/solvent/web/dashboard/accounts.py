"""Accounts: finding one, its picture, its story, and what can be done for it.

Owns the search and the account's page, and the acts on it, each written down before it is done. Does not own the
verdict (`core.health`), the acts (`flows`), nor what a role may do (`core.operator`).
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.consequence import Consequence
from solvent.core.credit import GrantKind
from solvent.core.credit_bookings import Gift
from solvent.core.health import Assessment
from solvent.core.ids import InvalidId, bucket_of, parse, spell
from solvent.core.money import Money
from solvent.core.operator import Ability
from solvent.core.plan import Refusal
from solvent.core.snapshot import Snapshot
from solvent.flows.account_credit import KeyReused, give_credit
from solvent.flows.holds import place_hold, release_hold
from solvent.flows.recompute import examine, look_whole, recompute
from solvent.pay_links import PayLinks
from solvent.store import finding, timeline
from solvent.store.holds import StoredHold
from solvent.store.outbox import ID_PREFIXES
from solvent.store.timeline import Happened
from solvent.web.dashboard.desk import BASE, Desk, money, untorn, when
from solvent.web.dashboard.papers import PAPERS, place_of
from solvent.web.endpoint import Reply
from solvent.web.pages.layout import see_other
from solvent.web.problems import Problem, not_found

PLACE = f"{BASE}/accounts"
STORY = 60
SEARCH_CHARS_MAX = 200
HOLD_DAYS = 14
HOLDS_SHOWN = 50
WORDS = re.compile(r"[a-z]+(_[a-z]+)+")  # insufficient_funds, pay_debt
INVOICE = re.compile(r"\b([0-9a-f]{32})\b")  # what a decision names is an invoice
AMOUNTS = frozenset({"amount", "total", "debt", "paid", "credited", "tax", "due"})


def search(desk: Desk) -> Reply:
    """Find an account; one that is named exactly is shown at once."""
    text = desk.sent.get("q", "").strip()[:SEARCH_CHARS_MAX]
    try:
        return see_other(f"{PLACE}/{spell('acc', parse('acc', text))}")
    except InvalidId:
        pass
    found = finding.accounts(desk.pool, text) if text else []
    content = {
        "q": text,
        "found": [
            {"id": spell("acc", one.id), "name": one.name, "email": one.email, "segment": one.segment}
            for one in found
        ],
    }
    return desk.show("dashboard_accounts.html", PLACE, "Accounts", content)


def account(desk: Desk) -> Reply:
    """The picture of one account, why it stands so, and what happened."""
    return _picture(desk, desk.account_id())


def recompute_now(desk: Desk) -> Reply:
    """Assess it now, and apply what follows."""
    account_id = _existing(desk)
    desk.log.keep(desk.session.operator, "recompute", desk.now, reason=desk.reason(), account_id=account_id)
    platform = desk.solvent.platform
    with platform.store.single() as tx:
        moment = tx.queue.ask(account_id, "asked for", desk.now)
    recompute(platform, bucket_of(account_id), moment, 1, account_id, wall=desk.now)
    return _back(desk, account_id, "recomputed")


def observe(desk: Desk) -> Reply:
    """Say what a recompute would do now; nothing is written."""
    account_id = _existing(desk)
    (verdict,) = examine(desk.solvent.platform, bucket_of(account_id), [account_id], desk.now)
    return _picture(desk, account_id, observed=_would(verdict))


def hold(desk: Desk) -> Reply:
    """Keep a consequence from it for some days."""
    account_id, operator, reason = _existing(desk), desk.session.operator, desk.reason()
    try:
        consequence = Consequence(desk.sent.get("consequence", ""))
    except ValueError:
        raise Problem("refused", f"consequence: must be one of {', '.join(Consequence)}") from None
    days = desk.number("days", 1, 366, HOLD_DAYS)
    detail = f"{consequence} for {days} days"
    desk.log.keep(operator, "place hold", desk.now, reason=reason, detail=detail, account_id=account_id)
    with desk.solvent.platform.store.look() as tx:
        moment = tx.accounts.moment(account_id, desk.now)
    until = moment + timedelta(days=days)
    placed = place_hold(
        desk.solvent.platform, account_id, consequence, reason, operator.email, until, desk.now
    )
    _demand(placed)
    return _back(desk, account_id, "held")


def release(desk: Desk) -> Reply:
    """End a hold."""
    account_id, operator, reason = _existing(desk), desk.session.operator, desk.reason()
    try:
        hold_id = parse("hld", desk.sent.get("hold", ""))
    except InvalidId:
        raise not_found("hold", desk.sent.get("hold", "")[:40]) from None
    detail = spell("hld", hold_id)
    desk.log.keep(operator, "release hold", desk.now, reason=reason, detail=detail, account_id=account_id)
    _demand(release_hold(desk.solvent.platform, account_id, hold_id, operator.email, desk.now))
    return _back(desk, account_id, "released")


def pay_link(desk: Desk) -> Reply:
    """Make a link by which the customer pays what is owed."""
    account_id, reason = _existing(desk), desk.reason()
    with desk.solvent.platform.store.look() as tx:
        view = tx.accounts.view(account_id)
    assert view is not None, "it exists"
    if not any(invoice.debt for invoice in view.open_invoices):
        raise Problem("refused", "the account owes nothing")
    desk.log.keep(desk.session.operator, "make pay link", desk.now, reason=reason, account_id=account_id)
    link = PayLinks(desk.solvent.settings, desk.solvent.database).link(account_id, (), desk.now)
    return _picture(desk, account_id, link=(link.url, when(link.until)))


def credit(desk: Desk) -> Reply:
    """Give it credit as a gesture of goodwill; a form that is sent twice gives it once."""
    account_id, operator, reason = _existing(desk), desk.session.operator, desk.reason()
    found = desk.call.queries.account(account_id)
    assert found is not None, "it exists"
    try:
        amount = Money.parse(desk.text("amount", 20), found.currency).minor
    except ValueError as error:
        raise Problem("refused", f"amount: {error}") from None
    key = f"dashboard:{desk.text('once', 80)}"
    detail = money(amount, found.currency)
    desk.log.keep(operator, "give credit", desk.now, reason=reason, detail=detail, account_id=account_id)
    gift = Gift(
        kind=GrantKind.GOODWILL,
        amount=amount,
        reason=reason,
        granted_by=operator.email,
        key=key,
        input_hash=sha256(f"{amount} {reason}".encode()).digest(),
    )
    given = give_credit(desk.solvent.platform, account_id, gift, desk.now)
    if isinstance(given, KeyReused):
        raise Problem("refused", "this form was sent before with another amount or reason")
    _demand(given)
    return _back(desk, account_id, "credited")


SAID: Mapping[str, str] = {
    "recomputed": "It was assessed anew, and what follows was applied.",
    "held": "The hold is in place.",
    "released": "The hold is over.",
    "credited": "The credit was given.",
}


def _picture(
    desk: Desk,
    account_id: UUID,
    *,
    observed: list[str] | None = None,
    link: tuple[str, str] | None = None,
) -> Reply:
    found = look_whole(desk.solvent.platform, bucket_of(account_id), [account_id], desk.now)
    if not found:
        raise not_found("account", spell("acc", account_id))
    ((snapshot, verdict),) = found
    before = desk.moment("before")
    story, older = untorn(timeline.page(desk.pool, account_id, before, STORY + 1), STORY)
    attempts = desk.call.queries.in_flight(account_id)
    content = {
        "a": snapshot.account,
        "id": spell("acc", account_id),
        "said": SAID.get(desk.sent.get("done", "")),
        "link": link,
        "observed": observed,
        "once": secrets.token_urlsafe(16),
        "verdict": _verdict(verdict),
        "subscriptions": _subscriptions(desk, snapshot),
        "invoices": _invoices(snapshot),
        "attempts": [_attempt(one) for one in attempts],
        "methods": snapshot.methods,
        "credit": [money(b.amount, b.currency) for b in desk.call.queries.credit.balances(account_id)],
        "holds": [
            _hold(h, verdict.assessed_at)
            for h in desk.call.queries.holds.holds(account_id, None, HOLDS_SHOWN)
        ],
        "consequences": list(Consequence),
        "story": [_told(one, snapshot.account.currency) for one in story],
        "older": older,
        "when": when,
        "can": {name: desk.may(name) for name in (Ability.HELP, Ability.CREDIT)},
    }
    return desk.show("dashboard_account.html", PLACE, snapshot.account.name, content)


def _verdict(verdict: Assessment) -> dict[str, Any]:
    return {
        "standing": verdict.standing.replace("_", " "),
        "debt": [money(amount, currency) for currency, amount in verdict.debt.items()],
        "disputed": [money(amount, currency) for currency, amount in verdict.disputed.items()],
        "measures": sorted({m.measure.replace("_", " ") for m in verdict.decision.measures}),
        "oldest_due": verdict.oldest_due,
        "recheck_at": verdict.recheck_at,
        "policy": verdict.policy or "built in",
        "evidence": verdict.evidence,
        "withheld": verdict.withheld,
        "drift": [(d.kind, d.evidence) for d in verdict.disagreements],
        "coverage": f"{verdict.coverage.examined} of {verdict.coverage.owing}",
        "at": verdict.assessed_at,
    }


def _would(verdict: Assessment) -> list[str]:
    """What a recompute would do."""
    decision = verdict.decision
    told = [f"charge invoice {spell('inv', i)}" for i in verdict.collect]
    told += [f"tell of rung {n.rung!r} of {spell('inv', n.invoice_id)}" for n in decision.notices]
    told += [f"give up {spell('inv', i)} (with the {scope})" for i, scope in decision.give_up.items()]
    told += [f"forgive {spell('inv', i)}" for i in decision.forgive]
    began = {m.measure for m in decision.measures} - {m.measure for m in verdict.in_effect}
    over = {m.measure for m in verdict.in_effect} - {m.measure for m in decision.measures}
    told += [f"begin: {measure.replace('_', ' ')}" for measure in sorted(began)]
    told += [f"lift: {measure.replace('_', ' ')}" for measure in sorted(over)]
    told += ["write the entitlements anew"] if verdict.drifted else []
    told += [f"expire {len(verdict.lapsed)} grants of credit"] if verdict.lapsed else []
    if verdict.changed and not told:
        told.append(f"record the standing {verdict.standing.replace('_', ' ')}")
    return told


def _subscriptions(desk: Desk, snapshot: Snapshot) -> list[dict[str, Any]]:
    catalog = desk.solvent.platform.store.catalog()
    return [
        {
            "id": spell("sub", one.id),
            "name": ", ".join(dict.fromkeys(catalog.product_of(item.price_id).name for item in one.items)),
            "state": one.state,
            "until": when(one.period.end),
            "items": ", ".join(f"{item.quantity} × {item.price_id} ({item.object})" for item in one.items),
            "grace": when(one.grace_until) if one.grace_until else None,
        }
        for one in snapshot.subscriptions
    ]


def _invoices(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "id": spell("inv", one.id),
            "number": one.number,
            "pdf": place_of(spell("inv", one.id)),
            "state": one.state,
            "due": when(one.due_at),
            "total": money(one.total, one.currency),
            "debt": money(one.debt, one.currency),
        }
        for one in snapshot.open_invoices
    ]


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "id": spell("att", one.id),
        "state": one.state.replace("_", " "),
        "amount": money(one.plan.due, one.plan.currency),
        "provider": one.provider or "–",
        "since": when(one.created_at),
    }


def _hold(one: StoredHold, now: datetime) -> dict[str, Any]:
    return {
        "id": spell("hld", one.id),
        "what": one.consequence,
        "why": one.reason,
        "who": one.author,
        "until": when(one.expires_at),
        "over": one.released_at is not None or one.expires_at <= now,
    }


def _told(one: Happened, currency_of_account: str) -> dict[str, Any]:
    found = sorted(one.data.items(), key=lambda fact: fact[0] == "after")  # behind what was before
    data = {name: value for name, value in found if value not in (None, "", [], {})}
    currency = data.pop("currency", currency_of_account)
    facts = [
        (
            name.replace("_", " "),
            told := _fact(name, value, currency),
            place_of(told) if name in PAPERS else None,
        )
        for name, value in data.items()
    ]
    return {"at": when(one.at), "source": one.source, "what": one.what.replace("_", " "), "facts": facts}


def _fact(name: str, value: object, currency: object) -> str:
    """One fact of an entry as people read it: amounts with their currency, moments, ids as the API spells them."""
    if name in AMOUNTS and isinstance(value, int) and isinstance(currency, str):
        return money(value, currency)
    if name in ID_PREFIXES and isinstance(value, str):
        return spell(ID_PREFIXES[name], UUID(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if (name == "until" or name.endswith(("_at", "_end", "_until"))) and isinstance(value, str):
        return when(datetime.fromisoformat(value))
    if name == "applied" and isinstance(value, list):
        return ", ".join(INVOICE.sub(r"inv_\1", str(part).replace("_", " ")) for part in value)
    if isinstance(value, str) and WORDS.fullmatch(value):
        return value.replace("_", " ")
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _existing(desk: Desk) -> UUID:
    account_id = desk.account_id()
    if desk.call.queries.account(account_id) is None:
        raise not_found("account", spell("acc", account_id))
    return account_id


def _demand(result: object) -> None:
    if isinstance(result, Refusal):
        raise Problem("refused", f"{result.field}: {result.rule}")


def _back(desk: Desk, account_id: UUID, said: str) -> Reply:
    return desk.done(f"{PLACE}/{spell('acc', account_id)}", said)
