"""The serving processes: they end with the one that started them, also when that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx

from tests.patience import eventually
from tests.ports import free_port
from tests.web.house import SERVE, House, process


def test_a_killed_server_leaves_no_process_and_no_listener(house: House) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1/healthz"
    settings = {"SOLVENT_PORT": str(port), "SOLVENT_WEB_PROCESSES": "2"}
    with process([sys.executable, "-c", SERVE, house.database_url], settings, url) as server:
        serving = _serving(server.pid)
        assert len(serving) == 2
        server.send_signal(signal.SIGKILL)
        server.wait()
        eventually(lambda: not any(_lives(pid) for pid in serving), "the serving processes live on")
    try:
        httpx.get(url, timeout=1, trust_env=False)
    except httpx.TransportError:
        return
    raise AssertionError("somebody still answers")


def _serving(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True
    ).stdout
    return [int(pid) for pid in listed.split()]


def _lives(pid: int) -> bool:
    """Whether it runs; where nobody reaps orphans, one that ended stays listed as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return not state.startswith("Z") and bool(state.strip())
