"""A real browser for tests of pages: which one, and what it must not complain about.

Owns where a Chromium is looked for (`SOLVENT_BROWSER`, then PATH), a page that fails its test when the browser reports
an error or asks a host that is not this machine, and what axe finds on a page. Does not own what is tested.
Playwright's own browsers are not used.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.patience import PATIENCE_S

# The first is the same engine without what only a window needs, and takes a third less of a processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT_MS = PATIENCE_S * 1000  # of one step
AXE = Path(__file__).parent / "vendor" / "axe.min.js"  # as npm has it; `make frontend` puts it there
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PACKED_BYTES_MAX = 150_000  # of a page with all that it loads
OURS = frozenset({"127.0.0.1", "localhost", None})  # data: and blob: have no host

CHROMIUM = os.environ.get("SOLVENT_BROWSER") or next(
    (path for name in NAMES if (path := shutil.which(name))), None
)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no browser: set SOLVENT_BROWSER to a Chromium, or put one on PATH "
    "(Debian: apt-get install chromium-headless-shell)",
)


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser, until the block ends."""
    with sync_playwright() as driver:
        # Whoever is root, as in a container, cannot have Chromium's sandbox; the pages are our own.
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched_page(
    browser: Browser,
    *,
    forgiven: tuple[str, ...] = (),
    hosts: frozenset[str] = frozenset(),
    **context: Any,  # noqa: ANN401 -- as Playwright takes them
) -> Iterator[Page]:
    """A page in a context of its own. When the block ends, nothing may have been complained of except what contains a
    text of `forgiven`, and no host but this machine and `hosts` may have been asked."""
    opened = browser.new_context(**context)
    opened.set_default_timeout(TIMEOUT_MS)
    complaints: list[str] = []
    strangers: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    opened.on(
        "request",
        lambda sent: None if urlsplit(sent.url).hostname in OURS | hosts else strangers.append(sent.url),
    )
    try:
        yield opened.new_page()
    finally:
        opened.close()
    assert [text for text in complaints if not any(part in text for part in forgiven)] == []
    assert strangers == []


def weight(page: Page) -> int:
    """The bytes of the page and of all that it loaded, as they came."""
    entries = "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
    return int(page.evaluate(f"{entries}.reduce((sum, one) => sum + one.encodedBodySize, 0)"))


def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands, one line each: rule, what it is about, and where."""
    if not page.evaluate("'axe' in window"):  # which it is for as long as the page stands
        page.evaluate(AXE.read_text(encoding="utf-8"))  # not as a tag: the page's policy lets no stranger in
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", WCAG)
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node['html'][:120]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
