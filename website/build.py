"""The documentation site: `docs/`, the clients' READMEs and the API reference, as pages that need no server.

Owns what is a page, where it stands, and that each link of the repository leads to a page of the site. Does not own the
texts (`docs/`), how a page looks (`conf`), nor the reference of the API (`reference`).
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from sphinx.cmd.build import build_main

from solvent.web import routes
from solvent.web.openapi import document
from website.reference import pages as reference_pages

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "build" / "site"
CLIENTS = {
    "clients/python/README.md": "clients/entitlements.md",
    "clients/python/solvent_client/README.md": "clients/python.md",
}
# Each heading of the navigation with its pages; whatever of docs/ is not named here ends the build.
READERS: Mapping[str, tuple[str, ...]] = {
    "Start": ("Start <start>", "sandbox", "what-goes-wrong"),
    "The six steps": ("payment-sequence", "recompute", "policy", "entitlements", "architecture"),
    "Guides": (
        *(
            "api",
            "checkout",
            "portal",
            "dashboard",
            "pages",
            "coupons",
            "usage",
            "invoices",
            "credit-notes",
            "credit",
        ),
        *("tax", "e-invoice", "messages", "webhooks", "clients/python", "clients/entitlements"),
    ),
    "Providers": ("stripe", "paypal", "manual", "routing", "disputes", "adding-a-provider"),
    "Operations": (
        *("operations", "observability", "reconciliation", "drift", "ledger", "migration-gate", "benchmarks"),
    ),
}
WELCOME = """# Solvent

A self-hosted billing platform with one idea: **confirm payment before committing state**. If payment fails, nothing was
committed, so there is nothing to undo.

| you want to | read |
|---|---|
| see it run, in a minute | [Start](start.md) |
| understand it, in five | [the six steps of a payment](payment-sequence.md) |
| call it | [the API, walked through](api.md), [the Python client](clients/python.md), [all of it](reference/index.md) |
| take money by another provider, in an hour | [adding a provider](adding-a-provider.md) |
| run it for real | [operations](operations.md), [what to watch](observability.md) |
| know why it is as it is | [decisions](decisions/index.md) |

"""
_LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\])\(([^()\s]+)\)")
_FOREIGN = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](https?:[^"']+)""")
_FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)$", re.DOTALL | re.MULTILINE)


def sources() -> dict[str, str]:
    """Which file of the repository becomes which page."""
    docs = {
        f"docs/{path.relative_to(ROOT / 'docs').as_posix()}": path for path in (ROOT / "docs").rglob("*.md")
    }
    found = {name: name.removeprefix("docs/") for name in docs}
    return {
        **found,
        **CLIENTS,
        "README.md": "start.md",
        "CHANGELOG.md": "changelog.md",
        "CONTRIBUTING.md": "contributing.md",
    }


def prepare(folder: Path) -> None:
    """Write what Sphinx builds."""
    known = sources()
    for origin, page in known.items():
        _write(folder / page, _relinked((ROOT / origin).read_text(encoding="utf-8"), origin, page, known))
    for page, text in reference_pages(document(routes.API)).items():
        _write(folder / page, text)
    decisions = sorted(p.removesuffix(".md") for p in known.values() if p.startswith("decisions/"))
    head = "# Decisions\n\nOne page each, written when it was decided; superseded, never edited.\n\n"
    _write(
        folder / "decisions" / "index.md", head + _tree("", [d.removeprefix("decisions/") for d in decisions])
    )
    _write(folder / "index.md", WELCOME + "".join(_navigation(known)))
    shutil.copy(Path(__file__).with_name("conf.py"), folder / "conf.py")
    (folder / "_static").mkdir()
    shutil.copy(Path(__file__).with_name("solvent.css"), folder / "_static")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _navigation(known: Mapping[str, str]) -> Iterator[str]:
    named = {page.rpartition("<")[2].rstrip(">") for pages in READERS.values() for page in pages}
    forgotten = (
        {p.removesuffix(".md") for p in known.values() if "/" not in p}
        - named
        - {"changelog", "contributing"}
    )
    if forgotten:
        raise SystemExit(f"pages without a place in website/build.py: {', '.join(sorted(forgotten))}")
    for caption, pages in READERS.items():
        yield _tree(caption, list(pages))
    yield _tree("API reference", ["reference/index"])
    yield _tree("The project", ["decisions/index", "contributing", "changelog"])


def _tree(caption: str, pages: list[str]) -> str:
    options = f":caption: {caption}\n:hidden:\n" if caption else ""
    return f"```{{toctree}}\n{options}:maxdepth: 1\n\n" + "\n".join(pages) + "\n```\n\n"


def _relinked(text: str, origin: str, page: str, known: Mapping[str, str]) -> str:
    """The text with its links leading to pages; a link to a file that is no page becomes its name."""

    def target(match: re.Match[str]) -> str:
        words, link = match[1], match[2]
        if re.match(r"[a-z]+:|#", link):
            return match[0]
        path, mark, anchor = link.partition("#")
        there = _normal(PurePosixPath(origin).parent / path)
        if not (ROOT / there).exists():
            raise SystemExit(f"{origin}: {link} leads nowhere")
        if there not in known:
            return words[1:-1] if words.startswith("[`") else f"{words[1:-1]} (`{there}`)"
        up = "../" * page.count("/")
        return f"{words}({up}{known[there]}{mark}{anchor})"

    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(target, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, _LINK.sub(target, text[end:])])


def _normal(path: PurePosixPath) -> str:
    kept: list[str] = []
    for part in path.parts:
        if part == "..":
            kept.pop()
        else:
            kept.append(part)
    return "/".join(kept)


def build(target: Path, scratch: Path, builder: str = "html") -> int:
    """Build strictly: any warning, a link without a target among them, is a failure. The exit status."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    prepare(scratch)
    options = ["-q", "-W", "--keep-going", "-b", builder, "-d", f"{scratch}.trees"]
    status: int = build_main([*options, str(scratch), str(target)])
    for page in target.rglob("*.html"):
        for found in _FOREIGN.finditer(page.read_text(encoding="utf-8")):
            sys.stderr.write(f"{page}: would load {found[1]}\n")
            status = 1
    return status


if __name__ == "__main__":
    status = build(TARGET, ROOT / "build" / "site-source")
    sys.stdout.write(f"{TARGET}/index.html\n" if status == 0 else "")
    sys.exit(status)
