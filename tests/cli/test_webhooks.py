"""Webhooks on the command line: endpoints made, shown, tried and told once more."""

from __future__ import annotations

import json
import re

from tests.cli.conftest import Run
from tests.ports import free_port


def test_an_endpoint_from_its_making_to_its_end(run: Run) -> None:
    assert "no webhook endpoint" in run("webhooks", "list").output
    url = f"http://127.0.0.1:{free_port()}/hook"
    made = run("webhooks", "add", url, "--type", "invoice.paid", "--description", "The shop")
    id_ = made.output.split()[0]
    secret = re.search(r"secret: (whsec_\S+)", made.output)
    assert secret is not None
    assert run("webhooks", "secret", id_).output.split() == [secret[1]]
    (shown,) = json.loads(run("webhooks", "list", "--json").output)
    assert (shown["id"], shown["url"], shown["types"], shown["deliveries"]) == (
        id_,
        url,
        ["invoice.paid"],
        {},
    )
    assert json.loads(run("webhooks", "show", id_, "--json").output) == shown | {"told": []}
    listed = run("webhooks", "list").output
    assert listed == f"{id_} enabled {url} (The shop): invoice.paid; nothing told yet\n"
    assert run("webhooks", "show", id_, "--state", "failed").output == listed
    rotated = run("webhooks", "rotate", id_).output.strip()
    assert run("webhooks", "secret", id_).output.split() == [rotated, secret[1]]
    tried = run("webhooks", "test", id_)
    assert tried.exit_code == 1
    assert "ConnectError" in tried.output
    assert run("webhooks", "replay", id_, "--hours", "1").output == "0 events will be told once more\n"
    assert run("webhooks", "disable", id_).output == f"{id_} is disabled\n"
    assert "disabled: by hand" in run("webhooks", "list").output
    assert run("webhooks", "enable", id_).output == f"{id_} is enabled\n"
    second = json.loads(run("webhooks", "add", url, "--json").output)
    assert (second["types"], second["secret"][:6]) == ([], "whsec_")
    assert run("webhooks", "delete", id_).output == f"{id_} is deleted\n"
    assert f"no webhook endpoint {id_}" in run("webhooks", "show", id_).output


def test_bad_input_is_one_line_that_names_it(run: Run) -> None:
    for words, said in (
        (("add", "ftp://x"), "URL: must begin with https://"),
        (("add", "http://x.example", "--type", "no.such"), "--type: must be a type of event that there is"),
        (("show", "whe_1"), "ENDPOINT:"),
        (
            ("show", "whe_" + 32 * "0", "--state", "lost"),
            "--state: must be one of waiting, delivered, failed",
        ),
    ):
        answer = run("webhooks", *words)
        assert answer.exit_code == 2, answer.output
        assert said in answer.output
