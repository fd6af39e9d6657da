"""Where a server's files live, and who owns each of them.

    <home>/postgres/           ours; as root and with <home> closed to the server's user, a link to such a folder
        conf/ server.log lock  ours: a server account that other programs share cannot plant links for root to follow
        data/                  the server's, mode 0700: the data directory
        run/                   the server's, mode 0700: the socket (or a short folder, when the path is too long)

Owns this layout. Does not own what the files say (`conf`). Modes of folders that existed before are never changed.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from platformdirs import user_data_path

from solvent.store.embedded.accounts import ServerAccount
from solvent.store.embedded.clones import shared_root
from solvent.store.embedded.errors import EmbeddedServerError

PORT = 5432
SOCKET_PATH_BYTES_MAX = 100  # the kernel allows 107, some platforms 103, with the name of the socket included
CLUSTER_ROOTS = (Path("/var/lib/solvent"),)
SHORT_ROOTS = (Path("/run"), Path("/tmp"))  # noqa: S108  # only for the socket's folder, whose owner and mode are verified


@dataclass(frozen=True, slots=True)
class Cluster:
    """The places of one server. `run` holds its socket."""

    root: Path
    run: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory; it exists only when it is complete."""
        return self.root / "data"

    @property
    def conf(self) -> Path:
        """Folder of the three configuration files, written by us at every start."""
        return self.root / "conf"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "server.log"


def cluster_lock(root: Path) -> Path:
    """Locked for the life of the process that serves this folder; says who that is."""
    return root / "lock"


def default_home() -> Path:
    """The platform's folder for a user's data (XDG_DATA_HOME on Linux): where everything lies unless told otherwise."""
    return user_data_path("solvent", appauthor=False)


def prepare(home: Path, account: ServerAccount) -> Path:
    """The folder that holds everything of this home's server, made if missing."""
    home = home.expanduser().absolute()
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        _make(home, account)
    link = home / "postgres"
    if not link.exists():
        if account.can_pass(home.resolve()):
            _make(link, account)
        else:
            with suppress(FileExistsError):  # another process was first; who serves is the lock's question
                link.symlink_to(_elsewhere(account))
    root = link.resolve()
    if not root.is_dir():
        raise EmbeddedServerError(f"{link} points to {root}, which is not there")
    if not account.can_pass(root):
        raise EmbeddedServerError(f"user {account.name}, who runs the server, cannot enter {root}")
    return root


def furnish(root: Path, account: ServerAccount) -> Cluster:
    """The folders inside `root`. To be called by the holder of its lock. `data` is made by `conf.create_data`."""
    conf = root / "conf"
    conf.mkdir(exist_ok=True)
    conf.chmod(0o755)
    return Cluster(root=root, run=_socket_folder(root, account))


def _make(folder: Path, account: ServerAccount) -> None:
    """A folder of ours that the server's user can pass through; an existing one is left as it is."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(0o711 if account.foreign else 0o700)


def _elsewhere(account: ServerAccount) -> Path:
    """A new folder that the account can reach, for a home that it cannot."""
    root = shared_root(account, CLUSTER_ROOTS) / f"cluster-{secrets.token_hex(6)}"
    _make(root, account)
    return root


def _socket_folder(root: Path, account: ServerAccount) -> Path:
    inside = root / "run"
    if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES_MAX:
        return _private(inside, account)
    name = f"solvent-{os.geteuid()}-{blake2b(os.fsencode(root), digest_size=6).hexdigest()}"
    for place in SHORT_ROOTS:
        if os.access(place, os.W_OK | os.X_OK) and account.can_pass(place):
            return _private(place / name, account)
    raise EmbeddedServerError(f"the path of {root} is too long for a socket; choose a shorter SOLVENT_HOME")


def _private(folder: Path, account: ServerAccount) -> Path:
    """`folder`, made if missing, after checking that nobody but the account can enter it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.lstat().st_uid == os.geteuid():
        account.own(folder)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != account.uid or info.st_mode & 0o077:
        raise EmbeddedServerError(f"{folder} must be a folder of {account.name} with mode 0700")
    return folder
