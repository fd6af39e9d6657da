"""What the server is told: its configuration files, and the making of a new data directory.

Owns the settings and the rule who may connect. Everything is in one readable folder, written at every start, so
that the code is the only source; a change for one installation goes through the `settings` of `start`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from solvent.store.embedded.accounts import ServerAccount, our_name
from solvent.store.embedded.binaries import Binaries
from solvent.store.embedded.errors import EmbeddedServerError
from solvent.store.embedded.places import PORT, Cluster

SUPERUSER = "solvent"
INITDB_TIMEOUT_S = 120
BUILTIN_LOCALE_MAJOR = 17
SHARED_BUFFERS_MB_MAX = 512
HEADER = "# Written by Solvent at every start; edits are lost.\n"

# Durability is stated although it is the default: an acknowledged commit survives a crash of the machine.
# Checkpoints: the stock 1 GB of WAL makes one every few seconds under load, and each is followed by whole-page
# images of all it touches; 4 GB and 15 minutes let the batches run. Recovery reads at most that much.
SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "wal_buffers": "16MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
}


def write(cluster: Cluster, settings: Mapping[str, str]) -> Path:
    """Write the three files and return the main one. `settings` win over ours."""
    access = cluster.conf / "pg_hba.conf"
    names = cluster.conf / "pg_ident.conf"
    main = cluster.conf / "postgresql.conf"
    fixed = {
        "data_directory": str(cluster.data),
        "hba_file": str(access),
        "ident_file": str(names),
        "unix_socket_directories": str(cluster.run),
        "port": str(PORT),
    }
    chosen = {"shared_buffers": f"{_shared_buffers_mb()}MB", **SETTINGS, **settings, **fixed}
    _put(main, "".join(f"{name} = {_quoted(value)}\n" for name, value in chosen.items()))
    # The kernel tells the server who is at the other end of the socket: only this login name, no password to keep.
    _put(access, "local all all peer map=solvent\n")
    _put(names, f'solvent "{our_name()}" {SUPERUSER}\n')
    return main


def create_data(cluster: Cluster, binaries: Binaries, account: ServerAccount) -> None:
    """Make the data directory under another name, wholly synced to disk, then give it its name: all or nothing."""
    fresh = cluster.root / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    command = [str(binaries.bin / "initdb"), "-D", str(fresh), *_initdb_options(binaries)]
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    identity = account.identity()
    done = subprocess.run(  # type: ignore[call-overload]  # the identity's keys are checked by its maker
        command,
        cwd=cluster.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=INITDB_TIMEOUT_S,
        check=False,
        **identity,
    )
    if done.returncode:
        raise EmbeddedServerError(f"initdb failed in {cluster.root}: {done.stderr.strip()[-1000:]}")
    fresh.rename(cluster.data)
    _sync_folder(cluster.root)


def data_major(cluster: Cluster) -> int | None:
    """The major version that made the data directory; None when there is none yet."""
    if not cluster.data.exists():
        return None
    return int((cluster.data / "PG_VERSION").read_text(encoding="ascii"))


def _initdb_options(binaries: Binaries) -> list[str]:
    """The C locale sorts by code point on every machine; from 17 on, letters beyond ASCII have cases as well."""
    options = [
        "-U",
        SUPERUSER,
        "-A",
        "peer",
        "-E",
        "UTF8",
        "--locale=C",
        "--data-checksums",
        "--no-instructions",
    ]
    if binaries.major >= BUILTIN_LOCALE_MAJOR:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _shared_buffers_mb() -> int:
    """A quarter of the memory, at most 512 MB: the rest of the machine is also ours to use."""
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return min(SHARED_BUFFERS_MB_MAX, max(32, memory_mb // 4))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _put(path: Path, text: str) -> None:
    """Readable by the server's user, whatever our umask; holds no secret."""
    path.write_text(HEADER + text, encoding="utf-8")
    path.chmod(0o644)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
