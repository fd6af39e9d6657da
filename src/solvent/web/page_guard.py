"""Page guard: what stands before a payment on pages that the server renders (links to pay, the portal), as before one
of the checkout.

Owns which bot check such a page shows, and in which words and with which status a payment is refused there. Does not
own the limits, nor the asking (`flows.guarding`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from solvent.core.account import Account
from solvent.core.card_testing import FROM_ADDRESS, wait
from solvent.core.language import Language
from solvent.flows.guarding import NOT_A_PERSON, stopped
from solvent.flows.opening import Asked
from solvent.web.endpoint import Call, Reply, retry_after
from solvent.web.pages.pay import Bot
from solvent.web.pages.pay_words import PAGE_WORDS
from solvent.web.visitors import token_in, visitor_of


class Stopped(NamedTuple):
    """Why nothing was opened, in words."""

    text: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()

    def on(self, page: Reply) -> Reply:
        """The page that tells it, with what it says to programs."""
        return page._replace(headers=[*page.headers, *self.headers])


def bot_of(call: Call) -> Bot | None:
    """What a page shows before it pays; None: it asks nothing."""
    check = call.solvent.platform.bot_check
    return None if check.kind == "none" else Bot(kind=check.kind, site_key=check.site_key)


def stopped_on_page(
    call: Call, account: Account, language: Language, sent: Mapping[str, str], asked: Asked
) -> Stopped | None:
    """What forbids a form to open that; a form that was sent before is not asked again."""
    visitor = visitor_of(call, token_in(sent))
    refusal = stopped(call.solvent.platform, visitor, asked, account.moment(call.now))
    if refusal is None:
        return None
    words = PAGE_WORDS[language]
    if refusal.field == NOT_A_PERSON:
        return Stopped(words.not_a_person, 403)
    text = words.too_often_here if refusal == FROM_ADDRESS else words.too_often
    return Stopped(text, 429, (retry_after(wait(refusal)),))
