"""`solvent up` as a user meets it: first start, a request, other commands beside it, crashes, stop, second start."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE_S, eventually
from tests.ports import free_port

SOLVENT = [sys.executable, "-m", "solvent"]


class Up:
    """A running `solvent up`."""

    def __init__(self, home: Path, port: int) -> None:
        self.log = home.with_suffix(".log")
        self.environment = {**os.environ, "SOLVENT_HOME": str(home), "SOLVENT_PORT": str(port)}
        self.environment.pop("SOLVENT_DATABASE_URL", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*SOLVENT, "up"], env=self.environment, stdout=log, stderr=log)
        self.says("Stop with")

    def says(self, text: str) -> None:
        """Wait until it has printed that; it must not end before."""
        eventually(lambda: text in self.said or self.process.poll() is not None, text)
        assert text in self.said, self.said

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
            [*SOLVENT, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it, and return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def port() -> int:
    """A free port whose neighbour, for the bank, is free too."""
    return free_port(neighbours=1)


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
    return httpx.get(
        f"http://127.0.0.1:{port}/v1/{path}",
        headers=headers,
        trust_env=False,
        timeout=PATIENCE_S,
        verify=False,
    )


def _until_served(port: int, secret: str) -> None:
    """Wait until the accounts are there again."""

    def served() -> bool:
        with suppress(httpx.TransportError):
            return _get(port, "accounts", secret).is_success
        return False

    eventually(served, "not served again")


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
    client = httpx.Client(trust_env=False, timeout=PATIENCE_S, verify=False)
    cart = client.get(f"{link[1]}/v1/checkout/{link[2]}").json()
    assert (cart["state"], cart["account"]["name"], len(cart["lines"])) == ("open", "Ada Lovelace", 4)
    assert client.get(link[0]).status_code == 200


def _leads_into_the_portal(up: Up) -> None:
    link = re.search(r"http://\S+/portal/enter/\S+", up.said)
    assert link is not None
    portal = httpx.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE_S, verify=False).get(
        link[0]
    )
    assert "Billing of Ada Lovelace" in portal.text


def _logs_what_matters(home: Path) -> None:
    """In the logs what the parts do."""
    lines = [line for log in (home / "logs").iterdir() for line in log.read_text("utf-8").splitlines()]
    assert any("serving on" in line for line in lines)
    assert any("works on 256 of 256 buckets" in line for line in lines)
    assert any(re.search(r"Z INFO .* sandbox: confirm pi_\w+: succeeded$", line) for line in lines)
    assert not any("httpx" in line for line in lines)


def _started(home: Path) -> set[str]:
    """The ids of the events that tell of a new subscription; one that a crash interrupted may stand there twice."""
    lines = (home / "events.jsonl").read_bytes().splitlines(keepends=True)
    events = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return {event["id"] for event in events if event["type"] == "subscription.started"}


def _names_nobody(home: Path, addresses: list[str], secret: str) -> None:
    """No log of any part names a customer but by an id, nor tells a secret."""
    said = "".join(log.read_text("utf-8") for log in (home / "logs").iterdir())
    assert "sandbox: " in said, "payments were told of"
    assert [word for word in (*addresses, secret, "client_secret", "sandbox-secret") if word in said] == []


def _outlives_its_parts(up: Up, home: Path, port: int, secret: str) -> None:
    """In the terminal that parts were started again."""
    os.kill(_child(up, "solvent serve"), signal.SIGKILL)
    up.says("the web server ended unexpectedly and is started again")
    _until_served(port, secret)
    database = (home / "postgres/data/postmaster.pid").read_text(encoding="utf-8").split()[0]
    os.kill(int(database), signal.SIGKILL)
    up.says("the database ended unexpectedly and is started again")
    _until_served(port, secret)


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

    _outlives_its_parts(up, home, port, secret)
    assert len(_get(port, "accounts", secret).json()["data"]) == 3

    _logs_what_matters(home)
    _names_nobody(home, [account["email"] for account in accounts], secret)

    eventually(lambda: len(_started(home)) == 3, "not every event is relayed")
    assert up.stop() == 0
    assert not (home / "running.json").exists()
    assert len(_started(home)) == 3

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
            [*SOLVENT, *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert result.returncode == code, result.stderr
    assert not (home / "running.json").exists()
