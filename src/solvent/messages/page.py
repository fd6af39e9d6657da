"""Page: the page to pay on, as HTML.

Owns its parts as values, its template and style, and the policy under which a browser shows it: no script, nothing from
elsewhere, one style that is known by its hash. Does not own what it shows when (`web.pay_pages`).
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from solvent.core.account import Language
from solvent.messages.composing import templates
from solvent.messages.page_words import PAGE_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One invoice; without an `amount` nothing is owed on it."""

    number: str
    due: str
    amount: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to pay."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is sent to pay; `has_card`: one of the ways asks for a number."""

    action: str
    token: str
    label: str
    ways: Sequence[Way]
    chosen: str
    has_card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to go on."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is shown, all of it text. `reload_s`: it looks again by itself."""

    heading: str
    sender: str | None = None
    for_whom: str | None = None
    problem: str | None = None
    good: str | None = None
    text: str | None = None
    rows: Sequence[Row] = ()
    total: str | None = None
    form: Form | None = None
    link: Link | None = None
    reload_s: int | None = None


def html_of(page: Page, language: Language) -> bytes:
    """The page as it is served."""
    content = {"page": page, "words": PAGE_WORDS[language], "language": language, "style": Markup(_style())}  # noqa: S704 -- our own file
    return templates().get_template("pay.html").render(content).encode()


@cache
def security_policy() -> str:
    """The content security policy under which the page works."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def _style() -> str:
    return (files("solvent.messages") / "templates" / "pay.css").read_text(encoding="utf-8")
