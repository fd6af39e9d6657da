"""`solvent up` as a user meets it: first start, a request, other commands beside it, crashes, stop, second start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

START_TIMEOUT_S = 60
SOLVENT = [sys.executable, "-m", "solvent"]


class Up:
    """A running `solvent up`."""

    def __init__(self, home: Path, port: int) -> None:
        self.log = home.with_suffix(".log")
        self.environment = {**os.environ, "SOLVENT_HOME": str(home), "SOLVENT_PORT": str(port)}
        self.environment.pop("SOLVENT_DATABASE_URL", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*SOLVENT, "up"], env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while "Stop with" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def secret(self) -> str | None:
        """The API key, when it printed one."""
        found = re.search(r"sk_[\w-]+", self.said)
        return found and found[0]

    def beside(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command, while it runs."""
        return subprocess.run(
            [*SOLVENT, *words], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it, and return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(60)


@pytest.fixture
def port() -> int:
    """A free port whose neighbour is free too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


@pytest.fixture
def up(home: Path, port: int) -> Iterator[Up]:
    """A first start on an empty home."""
    started = Up(home, port)
    yield started
    if started.process.poll() is None:
        started.stop()
    started.log.unlink()


def _get(port: int, path: str, secret: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {secret}"}
    return httpx.get(f"http://127.0.0.1:{port}/v1/{path}", headers=headers, trust_env=False)


def _until_ready(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/v1/readyz", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail("not ready again after 30 s")


def _child(up: Up, words: str) -> int:
    """The process id of a child, by its command line."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, parent, command = line.split(None, 2)
        if parent == str(up.process.pid) and words in command:
            return int(pid)
    pytest.fail(f"no child {words!r} in\n{listed}")


def _leads_on(up: Up) -> None:
    """The links of the welcome lead where they say."""
    _leads_into_the_portal(up)
    _leads_to_a_cart(up)


def _leads_to_a_cart(up: Up) -> None:
    link = re.search(r"(http://\S+)/checkout/(\S+)", up.said)
    assert link is not None, up.said
    client = httpx.Client(trust_env=False)
    cart = client.get(f"{link[1]}/v1/checkout/{link[2]}").json()
    assert (cart["state"], cart["account"]["name"], len(cart["lines"])) == ("open", "Ada Lovelace", 4)
    assert client.get(link[0]).status_code == 200


def _leads_into_the_portal(up: Up) -> None:
    link = re.search(r"http://\S+/portal/enter/\S+", up.said)
    assert link is not None
    portal = httpx.Client(trust_env=False, follow_redirects=True).get(link[0])
    assert "Billing of Ada Lovelace" in portal.text


def _says_what_matters(up: Up, home: Path) -> None:
    """In the terminal that parts were started again; in the logs what they do."""
    assert "the web server ended unexpectedly and is started again" in up.said
    assert "the database ended unexpectedly and is started again" in up.said
    lines = [line for log in (home / "logs").iterdir() for line in log.read_text("utf-8").splitlines()]
    assert any("serving on" in line for line in lines)
    assert any("works on 256 of 256 buckets" in line for line in lines)
    assert any(re.search(r"Z INFO .* sandbox: confirm pi_\w+: succeeded$", line) for line in lines)
    assert not any("httpx" in line for line in lines)


def _names_nobody(home: Path, addresses: list[str], secret: str) -> None:
    """No log of any part names a customer but by an id, nor tells a secret."""
    said = "".join(log.read_text("utf-8") for log in (home / "logs").iterdir())
    assert "sandbox: " in said, "payments were told of"
    assert [word for word in (*addresses, secret, "client_secret", "sandbox-secret") if word in said] == []


def test_the_life_of_up(up: Up, home: Path, port: int) -> None:
    secret = up.secret
    assert secret is not None
    accounts = _get(port, "accounts", secret).json()["data"]
    assert len(accounts) == 3
    entitled = [_get(port, f"accounts/{a['id']}/entitlements", secret).json() for a in accounts]
    assert all(answer["entitlements"] for answer in entitled), "each example customer has what it bought"
    _leads_on(up)
    assert oct((home / "running.json").stat().st_mode)[-3:] == "600"

    checked = up.beside("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    second = up.beside("up")
    assert second.returncode == 1
    assert "SOLVENT_PORT" in second.stderr

    os.kill(_child(up, "solvent serve"), signal.SIGKILL)
    time.sleep(0.5)
    _until_ready(port)
    os.kill(
        int((home / "postgres/data/postmaster.pid").read_text(encoding="utf-8").split()[0]), signal.SIGKILL
    )
    time.sleep(0.5)
    _until_ready(port)
    assert len(_get(port, "accounts", secret).json()["data"]) == 3

    _says_what_matters(up, home)
    _names_nobody(home, [account["email"] for account in accounts], secret)

    assert up.stop() == 0
    assert not (home / "running.json").exists()
    assert (home / "events.jsonl").read_bytes().count(b"subscription.started") == 3

    again = Up(home, port)
    assert again.secret is None
    assert "as printed at the first start" in again.said
    assert len(_get(port, "accounts", secret).json()["data"]) == 3
    assert again.stop(signal.SIGTERM) == 0


def test_a_command_without_up_runs_the_server_itself(home: Path) -> None:
    environment = {**os.environ, "SOLVENT_HOME": str(home)}
    environment.pop("SOLVENT_DATABASE_URL", None)
    (home / "running.json").write_text(
        '{"url": "postgresql://nobody@/gone?host=/nowhere", "pid": 1}', encoding="utf-8"
    )
    for words, code in ((["migrate"], 0), (["check"], 0)):
        result = subprocess.run(
            [*SOLVENT, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert result.returncode == code, result.stderr
    assert not (home / "running.json").exists()
