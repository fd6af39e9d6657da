"""System: whether this process and its database are well, and a page for people who find this address."""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.language import Language
from solvent.store.schema import newest
from solvent.web.endpoint import Call, Reply
from solvent.web.pages.layout import Frame, page, wished_language
from solvent.web.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    what: str
    api: str
    dashboard: str
    ready: str
    begin: str


_WORDS: Mapping[Language, _Words] = {
    Language.EN: _Words(
        what="A billing platform that confirms payment before it commits state: if a payment fails, nothing was "
        "committed, so there is nothing to undo.",
        api="The API",
        dashboard="The dashboard",
        ready="Whether it is ready",
        begin="Start with a quote, which writes nothing and says what a change would cost:",
    ),
    Language.DE: _Words(
        what="Eine Abrechnungsplattform, die erst die Zahlung bestätigt und dann schreibt: Scheitert sie, so wurde "
        "nichts geschrieben, und nichts ist rückgängig zu machen.",
        api="Die API",
        dashboard="Das Dashboard",
        ready="Ob sie bereit ist",
        begin="Beginnen Sie mit einem Angebot, das nichts schreibt und sagt, was eine Änderung kosten würde:",
    ),
}


def home(call: Call) -> Reply:
    """What this is, with links."""
    language = wished_language(call)
    return page("home.html", Frame(language=language, title="Solvent"), {"words": _WORDS[language]})


def healthz(_call: Call) -> Reply:
    """This process answers."""
    return Reply({"status": "ok"})


def readyz(call: Call) -> Reply:
    """The database answers and has the schema that this code expects."""
    present = call.queries.revision()
    if present != newest():
        raise Problem(
            "unavailable", f"the database's schema is {present or 'missing'}: run `solvent migrate`"
        )
    return Reply({"status": "ready"})
