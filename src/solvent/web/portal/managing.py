"""Managing: the collection methods: their order, adding and removing one.

Owns these pages. Does not own the rule about removing (`flows.vault`), nor setups (`paying`).
"""

from collections.abc import Sequence
from uuid import UUID

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.expiry import expired
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod
from solvent.flows.change import open_change
from solvent.flows.vault import detach, reorder
from solvent.web.endpoint import Reply
from solvent.web.page_guard import Stopped
from solvent.web.pages.layout import see_other
from solvent.web.portal.having import Badge
from solvent.web.portal.paying import carry_out, show_ways, ways_content, ways_for, wrong
from solvent.web.portal.quoting import refusal_text
from solvent.web.portal.visit import Place, Visit, id_in, mine


def methods(visit: Visit) -> Reply:
    """All methods in the order in which they are tried."""
    found = visit.call.queries.methods(visit.account.id)
    words = visit.words
    content = {
        "done": _done(visit),
        "rows": [
            {
                "label": _named(visit, method),
                "href": f"/portal/methods/{spell('mth', method.id)}",
                "badge": _badge(visit, method, place),
                "is_first": place == 0,
                "is_last": place == len(found) - 1,
            }
            for place, method in enumerate(found)
        ],
    }
    return visit.show("portal_methods.html", Place.METHODS, words.methods, content)


def _named(visit: Visit, method: CollectionMethod) -> str:
    """Its label, and until when it works."""
    if method.expires_on is None:
        return method.label
    past = expired(method, visit.account.time_zone, visit.account.moment(visit.now))
    text = visit.words.expired_since if past else visit.words.good_until
    return text.format(label=method.label, end=f"{method.expires_on:%m/%Y}")


def make_first(visit: Visit) -> Reply:
    """Have a method tried first."""
    own, found = _own(visit)
    return _ordered(visit, [own.id, *(m.id for m in found if m.id != own.id)])


def up(visit: Visit) -> Reply:
    """Have a method tried one place earlier."""
    return _moved(visit, -1)


def down(visit: Visit) -> Reply:
    """Have a method tried one place later."""
    return _moved(visit, 1)


def asks_to_remove(visit: Visit) -> Reply:
    """What removing a method means, before it is done."""
    own, _ = _own(visit)
    return _removal(visit, own)


def remove(visit: Visit) -> Reply:
    """Remove a method."""
    own, _ = _own(visit)
    refusal = detach(visit.call.solvent.platform, visit.account.id, own.id, visit.now)
    if refusal is None:
        return see_other(f"{Place.METHODS}?removed={spell('mth', own.id)}")
    words = visit.words
    known = {"debt restricts": words.refused_restricted, "last usable": words.refused_last}
    text = next((text for part, text in known.items() if part in refusal.rule), refusal_text(visit, refusal))
    return _removal(visit, own, text)


def add(visit: Visit) -> Reply:
    """A form to add a method."""
    return _adding(visit)


def added(visit: Visit) -> Reply:
    """Open the setup of a method."""
    ways = ways_for(visit, stored=False)
    problem = wrong(visit, ways)
    if problem is not None:
        return _adding(visit, problem)
    way = next(w for w in ways if w.value == visit.sent["way"])
    platform = visit.call.solvent.platform
    done = carry_out(visit, way, lambda asked: open_change(platform, asked, AddMethod(), visit.now))
    if isinstance(done, Stopped):
        return done.on(_adding(visit, done.text, done.status))
    return _adding(visit, refusal_text(visit, done)) if isinstance(done, Refusal) else done


def _done(visit: Visit) -> str | None:
    """What the page before this one did. Whatever an address says, nothing of it is shown but one's own."""
    if "ordered" in visit.sent:
        return visit.words.ordered
    if "removed" not in visit.sent:
        return None
    with visit.call.solvent.database.look() as tx:
        removed = mine(visit, tx.accounts.method(id_in("mth", visit.sent["removed"])))
    return visit.words.removed.format(label=removed.label) if removed.state is MethodState.DETACHED else None


def _adding(visit: Visit, problem: str | None = None, status: int = 422) -> Reply:
    words = visit.words
    ways = ways_for(visit, stored=False)
    content = {"problem": problem, **ways_content(visit, ways, visit.sent.get("way"))}
    shown_as = 200 if problem is None else status
    return show_ways(visit, "portal_add_method.html", Place.METHODS, words.add_title, content, shown_as)


def _removal(visit: Visit, own: CollectionMethod, problem: str | None = None) -> Reply:
    title = visit.words.remove_title.format(label=own.label)
    content = {"problem": problem, "action": f"/portal/methods/{spell('mth', own.id)}/remove"}
    status = 200 if problem is None else 422
    return visit.show("portal_remove_method.html", Place.METHODS, title, content, status)


def _moved(visit: Visit, by: int) -> Reply:
    own, found = _own(visit)
    order = [m.id for m in found]
    at = order.index(own.id)
    to = min(max(at + by, 0), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    return _ordered(visit, order)


def _ordered(visit: Visit, order: Sequence[UUID]) -> Reply:
    refusal = reorder(visit.call.solvent.platform, visit.account.id, order, visit.now)
    # Refused: a method came or went meanwhile. The page that follows shows them as they are.
    return see_other(Place.METHODS if refusal is not None else f"{Place.METHODS}?ordered=1")


def _own(visit: Visit) -> tuple[CollectionMethod, Sequence[CollectionMethod]]:
    """The method that the path names, and all there are."""
    wanted = id_in("mth", visit.call.path["method_id"])
    found = visit.call.queries.methods(visit.account.id)
    return mine(visit, next((m for m in found if m.id == wanted), None)), found


def _badge(visit: Visit, method: CollectionMethod, place: int) -> Badge:
    words = visit.words
    if method.state is MethodState.INVALID:
        return Badge(words.invalid, "bad")
    if not method.off_session:
        return Badge(words.on_session_only, "warn")
    return Badge(words.first, "good") if place == 0 else Badge(words.backup.format(n=place), "neutral")
