"""The supervisor: children are kept alive, given up with their last words, and ended with what they leave behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from solvent.commands import supervisor as module
from solvent.commands.supervisor import Child, GivenUp, Supervisor
from tests.patience import PATIENCE_S, eventually


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """One with short pauses, stopped at the end."""
    monkeypatch.setattr(module, "PAUSES_S", (0.01, 0.02))
    made = Supervisor()
    yield made
    made.stop()


def child(folder: Path, code: str, *, timeout_s: float = PATIENCE_S) -> Child:
    """A child that runs some Python and is ready when it has made a file."""
    ready = folder / "ready"
    return Child(
        name="the child",
        command=[sys.executable, "-c", f"from pathlib import Path\nready = Path({str(ready)!r})\n{code}"],
        environment=dict(os.environ),
        log=folder / "logs" / "child.log",
        ready=ready.exists,
        ready_timeout_s=timeout_s,
    )


def test_one_that_dies_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    one = child(tmp_path, "ready.touch()\nimport time\ntime.sleep(60)")
    said: list[str] = []
    supervisor.say = said.append
    supervisor.start(one)
    assert one.process is not None
    first = one.process.pid
    one.process.kill()
    stop = Event()

    def until_said() -> None:
        try:
            eventually(lambda: one.process is not None and one.process.pid != first)
        finally:
            stop.set()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(until_said)
        supervisor.watch(stop)
    assert one.running
    assert one.process.pid != first
    assert said == [f"the child ended unexpectedly and is started again, see {one.log}"]
    assert one.log.stat().st_mode & 0o077 == 0


def test_one_that_keeps_dying_is_given_up_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    once = "import sys\nif not ready.exists():\n    ready.touch()\n    import time\n    time.sleep(0.3)\n"
    supervisor.start(child(tmp_path, once + "sys.exit('the disk is full')"))
    with pytest.raises(GivenUp, match=r"the child keeps dying.*the disk is full"):
        supervisor.watch(Event())


def test_one_that_ends_at_once_is_told_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(GivenUp, match="ended at once: no such option"):
        supervisor.start(child(tmp_path, "raise SystemExit('no such option')"))


def test_one_that_never_serves_is_not_waited_for_for_ever(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(GivenUp, match="not ready after 0 s"):
        supervisor.start(child(tmp_path, "import time\ntime.sleep(60)", timeout_s=0.3))


def test_what_a_child_leaves_behind_is_ended(supervisor: Supervisor, tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        f"    Path({str(tmp_path / 'grandchild')!r}).write_text(str(os.getpid()))\n"
        "    ready.touch()\n"
        "    time.sleep(60)\n"
        "os.wait()"
    )
    one = child(tmp_path, code)
    supervisor.start(one)
    grandchild = int((tmp_path / "grandchild").read_text(encoding="utf-8"))
    assert one.process is not None
    one.process.kill()
    one.process.wait()
    supervisor.stop()
    eventually(lambda: _gone(grandchild), "the grandchild lives on")


def _gone(pid: int) -> bool:
    """A container without an init process may not reap it; it has ended all the same."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with suppress(OSError):  # where there is no /proc, or no longer this process
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    return False
