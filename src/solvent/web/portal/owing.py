"""Owing: what is owed, and paying it.

Owns the page and its form: what is charged is what was shown. Does not own how it is paid (`paying`), nor what is owed.
"""

from collections.abc import Sequence

from solvent.core.ids import spell
from solvent.core.invoice import Invoice
from solvent.core.plan import Refusal
from solvent.flows.collect import pay_now
from solvent.web.endpoint import Reply
from solvent.web.page_guard import Stopped
from solvent.web.pages.pay_words import PAGE_WORDS
from solvent.web.pay_view import credit_for
from solvent.web.portal.paying import carry_out, show_ways, ways_content, ways_for, wrong
from solvent.web.portal.visit import Place, Visit, id_in, mine


def debt(visit: Visit) -> Reply:
    """What is owed, and a form to pay it."""
    named = visit.sent.get("invoice")
    return _debt_page(visit, _owed(visit, [named] if named else []))


def pay_debt(visit: Visit) -> Reply:
    """Pay what was shown, if it still is what is owed."""
    owed = _owed(visit, [part for part in visit.sent.get("invoices", "").split(",") if part])
    if not owed:  # another tab, or a first click, has paid it
        return _debt_page(visit, owed)
    if visit.sent.get("seen") != _seen(visit, owed):
        return _debt_page(visit, owed, visit.words.price_changed, 409)
    ways = ways_for(visit)
    problem = wrong(visit, ways)
    if problem is not None:
        return _debt_page(visit, owed, problem, 422)
    way = next(w for w in ways if w.value == visit.sent["way"])
    platform = visit.call.solvent.platform
    done = carry_out(visit, way, lambda asked: pay_now(platform, asked, [i.id for i in owed], visit.now))
    if isinstance(done, Stopped):
        return done.on(_debt_page(visit, owed, done.text, done.status))
    if isinstance(done, Refusal):  # what was owed a moment ago is not any more
        left = _owed(visit, [])
        return _debt_page(visit, left, visit.words.price_changed, 409) if left else _debt_page(visit, left)
    return done


def _debt_page(visit: Visit, owed: Sequence[Invoice], problem: str | None = None, status: int = 200) -> Reply:
    words, tongue = visit.words, visit.tongue
    total, credit = sum(i.debt for i in owed), _credit(visit, owed)
    currency, pay = owed[0].currency if owed else visit.account.currency, PAGE_WORDS[visit.language]
    content = {
        "problem": problem,
        "rows": [
            {"number": i.number, "due": tongue.day(i.due_at), "amount": tongue.amount(i.debt, i.currency)}
            for i in owed
        ],
        "invoices": ",".join(spell("inv", i.id) for i in owed),
        "seen": _seen(visit, owed),
        "total": tongue.amount(total, currency),
        "credit": pay.credit.format(amount=tongue.amount(credit, currency)) if credit else None,
        "label": words.pay_now.format(amount=tongue.amount(total - credit, currency)),
        **ways_content(visit, ways_for(visit), visit.sent.get("way")),
    }
    return show_ways(visit, "portal_pay.html", Place.OVERVIEW, words.owed_title, content, status)


def _owed(visit: Visit, named: Sequence[str]) -> Sequence[Invoice]:
    """What is owed, of these invoices or of all, in the currency of the oldest: one payment is of one currency."""
    with visit.call.solvent.database.look() as tx:
        view = tx.accounts.view(visit.account.id)
    assert view is not None, "a visit is of an account"
    owed = sorted((i for i in view.open_invoices if i.debt), key=lambda i: (i.due_at, i.id.int))
    if named:
        wanted = {id_in("inv", spelled) for spelled in named}
        for invoice_id in wanted:
            found = visit.call.queries.invoice(invoice_id)
            mine(visit, None if found is None else found[0])
        owed = [i for i in owed if i.id in wanted]
    return [i for i in owed if i.currency == owed[0].currency]


def _credit(visit: Visit, owed: Sequence[Invoice]) -> int:
    """What credit pays of it, by the plan that paying makes."""
    with visit.call.solvent.database.look() as tx:
        view = tx.accounts.view(visit.account.id)
    return 0 if view is None else credit_for(visit.call, view, owed)


def _seen(visit: Visit, owed: Sequence[Invoice]) -> str:
    """What a page says of a debt: how much it is, and what is left beside credit."""
    total = sum(i.debt for i in owed)
    return f"{total}:{total - _credit(visit, owed)}"
