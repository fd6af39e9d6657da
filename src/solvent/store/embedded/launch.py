"""Becomes the server process: drops privileges, ties its life to ours, then executes the server.

Run as a program by path (`python -I -S launch.py PARENT_PID UID GID PROGRAM ARG…`), never imported; standard
library only. A program of its own rather than a `preexec_fn`, because code between fork and exec of a threaded
process may deadlock. The order matters: Linux forgets the parent-death signal when the user id changes, so it is
set after; and the parent may have died before it was set, so that is looked at last.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
OWNER_ONLY = 0o077


def main(parent: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by `command`. SIGINT at our death is PostgreSQL's fast, clean shutdown."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(OWNER_ONLY)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the process that asked for the server is gone")
    os.execv(command[0], command)  # noqa: S606  # no shell: the program is given by absolute path


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
