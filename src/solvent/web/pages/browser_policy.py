"""Browser policy: what a browser may load, call and show of whom.

Owns the hosts of providers and bot checks that have a part of their own in our pages, and the content security policy
that follows from which of them are on: nobody else's script, style, frame or call, and none of theirs where they are
off. Does not own which are on (settings), nor any page.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a browser must be allowed of somebody else. `inline`: their script adds scripts and styles of its own to the
    page, which bear the page's nonce; `opens`: it talks with a window that it has opened."""

    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    inline: bool = False
    opens: bool = False


_STRIPE = ("https://js.stripe.com", "https://*.js.stripe.com")
_PAYPAL = ("https://*.paypal.com", "https://*.paypalobjects.com")
_CLOUDFLARE = ("https://challenges.cloudflare.com",)
FOREIGN: Mapping[str, Foreign] = {
    "stripe": Foreign(
        scripts=_STRIPE,
        frames=(*_STRIPE, "https://hooks.stripe.com"),
        calls=("https://api.stripe.com",),
        opens=True,
    ),
    "paypal": Foreign(
        scripts=_PAYPAL,
        styles=_PAYPAL,
        images=_PAYPAL,
        frames=_PAYPAL,
        calls=_PAYPAL,
        inline=True,
        opens=True,
    ),
    "turnstile": Foreign(scripts=_CLOUDFLARE, frames=_CLOUDFLARE),
}


def scripted_policy(parts: Collection[str], nonce: str | None = None) -> str:
    """The content security policy of a page with our scripts, where these providers and checks are on."""
    on = [FOREIGN[name] for name in sorted(parts) if name in FOREIGN]
    own = ("'self'", *((f"'nonce-{nonce}'",) if nonce and any(one.inline for one in on) else ()))
    scripts = " ".join([*own, *(host for one in on for host in one.scripts)])
    styles = " ".join([*own, *(host for one in on for host in one.styles)])
    images = " ".join(["'self'", "data:", *(host for one in on for host in one.images)])
    calls = " ".join(["'self'", *(host for one in on for host in one.calls)])
    frames = " ".join(host for one in on for host in one.frames) or "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src {images}; connect-src {calls}; "
        f"frame-src {frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def opener_policy(parts: Collection[str]) -> str:
    """Who may talk with a window that a page has opened: nobody else, but for parts that work so."""
    opens = any(FOREIGN[name].opens for name in parts if name in FOREIGN)
    return "same-origin-allow-popups" if opens else "same-origin"


def parted(
    headers: list[tuple[str, str]], parts: Collection[str], nonce: str | None = None
) -> list[tuple[str, str]]:
    """The security headers of a page in which those parts may stand."""
    own = {
        "content-security-policy": scripted_policy(parts, nonce),
        "cross-origin-opener-policy": opener_policy(parts),
    }
    return [(name, own.get(name, value)) for name, value in headers]
