"""Checkout page: the hosted page around `<solvent-checkout>`.

Owns the page and the policy under which a browser shows it: scripts and styles of our own alone, and of a provider or
bot check only where it is on. Does not own the element (`frontend/`), its files (`static_files`), nor what it asks (the
API).
The page is the same for every token: what a token leads to is the API's to say.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from solvent.core.account import Language
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.pages.layout import HTML, ICON, address, security_headers, templates, wished_language

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a browser must be allowed to load of somebody else."""

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()


FOREIGN: Mapping[str, Foreign] = {
    "stripe": Foreign(
        scripts=("https://js.stripe.com",),
        frames=("https://js.stripe.com", "https://hooks.stripe.com"),
        calls=("https://api.stripe.com",),
    ),
    "turnstile": Foreign(
        scripts=("https://challenges.cloudflare.com",), frames=("https://challenges.cloudflare.com",)
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
    language = wished_language(call)
    placed = {
        "language": language,
        "words": WORDS[language],
        "icon": address(ICON),
        "token": call.path["token"][:TOKEN_CHARS_MAX],
    }
    platform = call.solvent.platform
    html = templates().get_template("checkout.html").render(placed).encode()
    policy = security_policy([*platform.providers.names(), platform.bot_check.kind])
    kept = [(name, value) for name, value in security_headers() if name != "content-security-policy"]
    return Reply(html, 200, [("content-security-policy", policy), *kept], HTML)


def security_policy(parts: Collection[str]) -> str:
    """The content security policy where these providers and checks are on."""
    on = [FOREIGN[name] for name in sorted(parts) if name in FOREIGN]
    scripts = " ".join(["'self'", *(host for one in on for host in one.scripts)])
    frames = " ".join(host for one in on for host in one.frames) or "'none'"
    calls = " ".join(["'self'", *(host for one in on for host in one.calls)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src {calls}; "
        f"frame-src {frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
