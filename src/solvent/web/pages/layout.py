"""Layout: from a template and what it places to an answer that a browser may show.

Owns the templates' environment, the security headers of every page, and the files that pages load: the style sheet and
the sign of the tab, at addresses that change with their content. Does not own any page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from solvent.core.language import Language
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.pages.browser_policy import parted
from solvent.web.pages.layout_words import LAYOUT_WORDS
from solvent.web.problems import Problem

HTML = "text/html; charset=utf-8"
STYLE = "solvent.css"
ICON = "icon.svg"
KINDS: Mapping[str, str] = {STYLE: "text/css; charset=utf-8", ICON: "image/svg+xml"}
YEAR_S = 31_536_000
DIGEST_CHARS = 16
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A place that every page of a kind leads to."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a page. `brand` is whose page it is; `who` sees it; `leave` is where a form signs out, with
    `form`; `reload_s`: the page looks again by itself; `script`: a built file that it loads; `part`: the provider whose
    own fields or button stand on it."""

    language: Language
    title: str
    brand: str | None = None
    who: str | None = None
    nav: Sequence[NavItem] = ()
    leave: str | None = None
    form: str | None = None
    reload_s: int | None = None
    wide: bool = False
    script: str | None = None
    part: str | None = None


def page(
    template: str,
    frame: Frame,
    content: Mapping[str, Any],
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
) -> Reply:
    """A page as it is answered: all that it places is text, and escaped."""
    nonce = token_urlsafe(NONCE_BYTES)
    placed = {
        **content,
        "frame": frame,
        "shared": LAYOUT_WORDS[frame.language],
        "style": address(STYLE),
        "icon": address(ICON),
        "nonce": nonce,
    }
    html = templates().get_template(template).render(placed).encode()
    security = security_headers(scripted=frame.script is not None)
    if frame.part is not None:
        security = parted(security, [frame.part], nonce)
    return Reply(html, status, [*security, *headers], HTML)


def see_other(where: str, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    """After a form comes a page of its own, which can be loaded again."""
    return Reply(b"", 303, [("location", where), *security_headers(), *headers], HTML)


def security_headers(*, scripted: bool = False) -> list[tuple[str, str]]:
    """No script, or none but our own, nothing from elsewhere, in nobody's frame. Addresses of pages may be secrets and
    their content is somebody's: they go to no other site, and nothing keeps them."""
    scripts = "'self'" if scripted else "'none'"
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return [
        ("content-security-policy", policy),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex"),
    ]


def from_our_page(call: Call, base: str) -> bool:
    """Whether a browser says that the form was on our own page: at the address that customers know (`base`), or at the
    one that was asked, for a proxy may pass on another. One that says nothing is old, or no browser."""
    site = call.header("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = call.header("origin")
    return origin is None or urlsplit(origin).netloc in (urlsplit(base).netloc, call.header("host") or "")


def wished_language(call: Call) -> Language:
    """Of a visitor of whom nothing else says it."""
    return spoken(call.header("accept-language"))


def spoken(accepted: str | None) -> Language:
    """The language of what a browser accepts first."""
    return Language.DE if (accepted or "").lower().startswith("de") else Language.EN


def assets() -> tuple[Endpoint, ...]:
    """The route of the files that pages load; no part of what the API's document describes."""
    return (
        Endpoint(
            method="GET",
            path="/assets/{digest}/{name}",
            name="asset",
            summary="A file that pages load",
            tag="pages",
            run=_asset,
            scope=None,
            answers={},
        ),
    )


def address(name: str) -> str:
    """Where a file of ours is."""
    return f"/assets/{_digest(name)}/{name}"


def _asset(call: Call) -> Reply:
    name = call.path["name"]
    if name not in KINDS:
        raise Problem("not_found", "there is no such file")
    # Another process may serve pages of another version meanwhile: they get what we have, and do not keep it.
    is_current = call.path["digest"] == _digest(name)
    kept = f"public, max-age={YEAR_S}, immutable" if is_current else "no-store"
    return Reply(
        _file(name), 200, [("cache-control", kept), ("x-content-type-options", "nosniff")], KINDS[name]
    )


@cache
def templates() -> Environment:
    """The templates of all pages."""
    return Environment(
        loader=PackageLoader("solvent.web.pages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _digest(name: str) -> str:
    return sha256(_file(name)).hexdigest()[:DIGEST_CHARS]


@cache
def _file(name: str) -> bytes:
    return (files("solvent.web.pages") / "static" / name).read_bytes()
