"""Which operating-system user runs the server, and what that user can reach.

Owns the choice (ourselves; as root an existing unprivileged user, because PostgreSQL refuses to run as root) and
the question whether a folder is open to that user. Creates no user and changes no mode.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from solvent.store.embedded.errors import EmbeddedServerError

PREFERRED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAccount:
    """The user and group of the server process; `foreign` when they are not our own."""

    name: str
    uid: int
    gid: int
    foreign: bool

    def identity(self) -> dict[str, int | list[int]]:
        """Arguments that make `subprocess` run a program as this user, without supplementary groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.foreign else {}

    def own(self, path: Path) -> None:
        """Hand a file or folder that we have just made to this user."""
        if self.foreign:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_pass(self, folder: Path) -> bool:
        """Whether this user may walk through `folder` and every folder above it."""
        return not self.foreign or all(self._may_enter(part) for part in (folder, *folder.parents))

    def _may_enter(self, folder: Path) -> bool:
        info = folder.stat()
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)


def our_name() -> str:
    """The login name of this process, which is who may connect."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedServerError(
            f"user id {os.geteuid()} has no entry in the user database, and PostgreSQL needs one. "
            "Add the entry, run as another user, or set SOLVENT_DATABASE_URL to a server elsewhere."
        ) from None


def server_account() -> ServerAccount:
    """Ourselves, or as root the first of `postgres` and `nobody` that exists."""
    if os.geteuid() != 0:
        return ServerAccount(name=our_name(), uid=os.geteuid(), gid=os.getegid(), foreign=False)
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(name=name, uid=entry.pw_uid, gid=entry.pw_gid, foreign=True)
    raise EmbeddedServerError(
        "PostgreSQL refuses to run as root, and neither user `postgres` nor `nobody` exists to run it. "
        "Start Solvent as a normal user, or set SOLVENT_DATABASE_URL to a server elsewhere."
    )
