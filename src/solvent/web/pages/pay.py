"""Pay: the page to pay on, as its parts and as an answer.

Owns its parts as values. Does not own what it shows when (`pay_pages`), nor its look (`layout`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solvent.core.language import Language
from solvent.web.endpoint import Reply
from solvent.web.pages.layout import Frame, page
from solvent.web.pages.pay_words import PAGE_WORDS

PART_SCRIPT = "pay.js"


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
class Bot:
    """The bot check of a page: the sandbox's is a box of ours, Turnstile's a widget of its own under `site_key`."""

    kind: str
    site_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is sent to pay; `seen`: the debt that it is for; `has_card`: one of the ways asks for a number."""

    action: str
    token: str
    seen: str
    label: str
    ways: Sequence[Way]
    chosen: str
    has_card: bool
    bot: Bot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to go on."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A provider's own part, for a payment that is open; then it goes `back`, where how it went is asked. Fields
    confirm it by its `secret`. A button, where there is a `url`, opens a window in which its payer approves it; without
    script that is the page at the `url`. In a `setup` is no money. `key` names the merchant."""

    provider: str
    key: str
    secret: str
    back: str
    label: str
    url: str | None = None
    currency: str = ""
    setup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is shown, all of it text. `reload_s`: it looks again by itself. `otherwise` is where a button gives up the
    payment under way, so that another can be begun."""

    heading: str
    sender: str | None = None
    for_whom: str | None = None
    problem: str | None = None
    good: str | None = None
    notice: str | None = None
    text: str | None = None
    rows: Sequence[Row] = ()
    total: str | None = None
    form: Form | None = None
    link: Link | None = None
    part: Part | None = None
    reload_s: int | None = None
    otherwise: str | None = None


def answer(
    shown: Page, language: Language, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> Reply:
    """The page as it is answered."""
    frame = Frame(
        language=language,
        title=shown.heading,
        reload_s=shown.reload_s,
        script=PART_SCRIPT if shown.part else None,
        part=shown.part.provider if shown.part else bot_part(None if shown.form is None else shown.form.bot),
    )
    return page("pay.html", frame, {"page": shown, "words": PAGE_WORDS[language]}, status, headers)


def bot_part(bot: Bot | None) -> str | None:
    """Whose script a bot check brings to a page; None: nobody's."""
    return bot.kind if bot is not None and bot.site_key is not None else None
