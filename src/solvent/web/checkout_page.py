"""Checkout page: the hosted page around `<solvent-checkout>`.

Owns the page. Does not own what a browser may load for it (`pages.browser_policy`), the element (`frontend/`), its
files (`static_files`), nor what it asks (the API).
The page is the same for every token: what a token leads to is the API's to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

from solvent.core.language import Language
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.pages.browser_policy import parted
from solvent.web.pages.layout import (
    HTML,
    ICON,
    NONCE_BYTES,
    address,
    security_headers,
    templates,
    wished_language,
)
from solvent.web.provider_parts import parts_of_checkout

TOKEN_CHARS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    title: str
    script: str


WORDS: Mapping[Language, _Words] = {
    Language.EN: _Words(
        title="Checkout",
        script="This page needs JavaScript to take a payment. Please allow it, or ask who sent you here.",
    ),
    Language.DE: _Words(
        title="Bezahlen",
        script="Diese Seite braucht JavaScript, um eine Zahlung anzunehmen. Bitte erlauben Sie es, oder fragen Sie, "
        "wer Sie hierher geschickt hat.",
    ),
}


def endpoints() -> tuple[Endpoint, ...]:
    """The page's route; no part of what the API's document describes."""
    return (
        Endpoint(
            method="GET",
            path="/checkout/{token}",
            name="checkoutPage",
            summary="The hosted page to check out",
            tag="pages",
            run=show,
            scope=None,
            answers={},
            query=dict[str, str],  # banks and wallets add their own to the address to which they send back
            media="text/html",
        ),
    )


def show(call: Call) -> Reply:
    """The page."""
    language, nonce = wished_language(call), token_urlsafe(NONCE_BYTES)
    placed = {
        "language": language,
        "words": WORDS[language],
        "icon": address(ICON),
        "token": call.path["token"][:TOKEN_CHARS_MAX],
        "nonce": nonce,
    }
    html = templates().get_template("checkout.html").render(placed).encode()
    parts = parts_of_checkout(call.solvent.platform)
    return Reply(html, 200, parted(security_headers(), parts, nonce), HTML)
