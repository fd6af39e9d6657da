"""A copy of the server programs for when the server's user cannot reach the originals.

Owns the shared folder of copies: made atomically, named by content, owned by root and writable by nobody else.
Needed only as root, when the environment lies below a closed folder such as /root. Never touches the originals.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from solvent.store.embedded.accounts import ServerAccount
from solvent.store.embedded.binaries import Binaries, probe
from solvent.store.embedded.errors import EmbeddedServerError

SHARED_ROOTS = (Path("/var/cache/solvent"), Path("/var/lib/solvent"), Path("/var/tmp/solvent"))  # noqa: S108  # ownership and mode are verified before use


def runnable_by(account: ServerAccount, binaries: Binaries) -> Binaries:
    """`binaries` if the account can run them where they are, else a copy that it can run."""
    refusal = probe(binaries.bin, **account.identity())
    if not isinstance(refusal, str):
        return binaries
    if not account.foreign or not binaries.parts:
        raise EmbeddedServerError(f"user {account.name} cannot run {binaries.bin}: {refusal}")
    return _copied(binaries, shared_root(account, SHARED_ROOTS))


def shared_root(account: ServerAccount, roots: tuple[Path, ...]) -> Path:
    """The first of our system-wide folders that is ours, safe from other writers and open to the account."""
    refused: list[str] = []
    for root in roots:
        try:
            with suppress(FileExistsError):
                root.mkdir(mode=0o700)
                root.chmod(0o755)  # whatever our umask; an existing folder keeps its mode
            info = root.lstat()
        except OSError as error:
            refused.append(f"{root}: {error.strerror}")
            continue
        safe = stat.S_ISDIR(info.st_mode) and info.st_uid == os.geteuid() and not info.st_mode & 0o022
        if safe and account.can_pass(root):
            return root
        refused.append(f"{root}: not a folder of ours that {account.name} can enter and others cannot write")
    raise EmbeddedServerError(f"no place for what user {account.name} must reach. Tried {'; '.join(refused)}")


def _copied(binaries: Binaries, root: Path) -> Binaries:
    """The complete copy below `root`. Its name tells its content, so one cut short is seen and made again."""
    name = f"postgresql-{'.'.join(map(str, binaries.version))}-{_fingerprint(binaries.base, binaries.parts)}"
    home = root / name
    parts = tuple(home / part.relative_to(binaries.base) for part in binaries.parts)
    copy = replace(binaries, base=home, parts=parts, bin=home / binaries.bin.relative_to(binaries.base))
    if home.exists() and not name.endswith(_fingerprint(home, parts)):
        with tempfile.TemporaryDirectory(prefix="incomplete-", dir=root) as aside:
            home.rename(Path(aside, name))
    if not home.exists():
        _copy_into(binaries, root, home)
    return copy


def _copy_into(binaries: Binaries, root: Path, home: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="copying-", dir=root) as scratch:
        fresh = Path(scratch, "copy")
        for part in binaries.parts:
            shutil.copytree(part, fresh / part.relative_to(binaries.base), symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            fresh.rename(home)
        except OSError:
            if not home.is_dir():  # otherwise another process finished the same copy first
                raise


def _fingerprint(base: Path, parts: tuple[Path, ...]) -> str:
    """Names and sizes of all files, and the content of the server program itself."""
    digest = blake2b(digest_size=8)
    for path in _files(parts):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(base)}\0{size}\n".encode())
        if path.name == "postgres":
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(parts: tuple[Path, ...]) -> Iterator[Path]:
    for part in parts:
        yield from sorted(path for path in part.rglob("*") if path.is_file())
