"""Naming: who the customer is: the name on documents and the e-mail address that is written to, and changing them.

Owns these pages. Does not own the rules of a name or an address, nor what debt forbids (`handlers.accounts`).
"""

from solvent.core.restriction import PAY_FIRST
from solvent.web.bodies import AccountChangeBody
from solvent.web.endpoint import Reply
from solvent.web.handlers.accounts import changed
from solvent.web.pages.layout import see_other
from solvent.web.portal.visit import Place, Visit
from solvent.web.problems import Problem

PATH = "/portal/details"


def details(visit: Visit) -> Reply:
    """Name and address, and a form to change them."""
    done = visit.words.details_saved if "saved" in visit.sent else None
    return _shown(visit, visit.account.name, visit.account.email, done=done)


def rename(visit: Visit) -> Reply:
    """Change them, for what is issued and written from now on."""
    name, email = (visit.sent.get(field, "").strip() for field in ("name", "email"))
    try:
        changed(visit.call.solvent, visit.account.id, AccountChangeBody(name=name, email=email), visit.now)
    except Problem as problem:
        return _shown(visit, name, email, wrong=problem)
    return see_other(f"{PATH}?saved=1")


def _shown(
    visit: Visit, name: str, email: str, *, done: str | None = None, wrong: Problem | None = None
) -> Reply:
    """The form; what is wrong is said at the field that it is about, and that debt forbids it above all of them."""
    words = visit.words
    broken = {} if wrong is None else {error.field: error.rule for error in wrong.errors}
    restricted = PAY_FIRST in broken.values()
    content = {
        "name": name,
        "email": email,
        "done": done,
        "problem": words.details_restricted if restricted else None,
        "name_error": words.wrong_name if "name" in broken and not restricted else "",
        "email_error": words.wrong_email if "email" in broken and not restricted else "",
    }
    status = 200 if wrong is None else wrong.status
    return visit.show("portal_details.html", Place.OVERVIEW, words.details_title, content, status)
