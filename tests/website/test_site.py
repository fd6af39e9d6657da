"""The documentation site: every page has a place, and every link of it leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.web import routes
from website import build as site


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_every_link_leads_somewhere(tmp_path: Path) -> None:
    source = tmp_path / "source"
    assert site.build(tmp_path / "site", source, "dummy") == 0
    reference = "".join(page.read_text(encoding="utf-8") for page in (source / "reference").glob("*.md"))
    for endpoint in routes.API:
        assert f"## `{endpoint.method} {endpoint.path}`\n" in reference
        assert f"`{endpoint.name}`" in reference


def test_a_page_without_a_place_ends_it() -> None:
    with pytest.raises(SystemExit, match="new-page"):
        list(site._navigation({**site.sources(), "docs/new-page.md": "new-page.md"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tax](tax.md#rates)", "[tax](../tax.md#rates)"),
        ("[kit](../src/solvent/ids.py)", "kit (`src/solvent/ids.py`)"),
        ("[`ids.py`](../src/solvent/ids.py)", "`ids.py`"),
        ("[out](https://example.com) [here](#there)", "[out](https://example.com) [here](#there)"),
        ("```md\n[tax](tax.md)\n```", "```md\n[tax](tax.md)\n```"),
    ],
)
def test_links_lead_to_pages(text: str, said: str) -> None:
    assert site._relinked(text, "docs/api.md", "clients/api.md", site.sources()) == said


def test_a_link_that_leads_nowhere_ends_it() -> None:
    with pytest.raises(SystemExit, match="leads nowhere"):
        site._relinked("[x](nothing.md)", "docs/api.md", "api.md", site.sources())


def test_what_would_be_loaded_from_elsewhere_is_found() -> None:
    assert site._FOREIGN.search('<script async src="https://cdn.example/x.js">')
    assert not site._FOREIGN.search('<a href="https://example.com">')
