"""The serving processes: they end with the one that started them, also when that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import httpx

from tests.web.house import SERVE, House, free_port, process

PATIENCE_S = 15


def test_a_killed_server_leaves_no_process_and_no_listener(house: House) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1/healthz"
    settings = {"SOLVENT_PORT": str(port), "SOLVENT_WEB_PROCESSES": "2"}
    with process([sys.executable, "-c", SERVE, house.database_url], settings, url) as server:
        serving = _serving(server.pid)
        assert len(serving) == 2
        server.send_signal(signal.SIGKILL)
        server.wait()
        deadline = time.monotonic() + PATIENCE_S
        while any(_lives(pid) for pid in serving):
            assert time.monotonic() < deadline, "the serving processes live on"
            time.sleep(0.05)
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
