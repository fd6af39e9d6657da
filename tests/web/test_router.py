"""The router: every path of the API leads to its endpoint; of two that match, the one with the longer text."""

import re

import pytest

from solvent.web import routes
from solvent.web.endpoint import Endpoint, Reply
from solvent.web.problems import Problem
from solvent.web.router import Router


def endpoint(path: str, method: str = "GET") -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        name=f"{method} {path}",
        summary="",
        tag="",
        run=lambda _: Reply(None),
        answers={},
    )


PATHS = (
    "/",
    "/v1/things",
    "/v1/things/{id}",
    "/v1/things/{id}.pdf",
    "/v1/things/first",
    "/pay/{token}",
    "/pay/me",
)


@pytest.mark.parametrize(
    ("path", "found", "values"),
    [
        ("/", "/", {}),
        ("/v1/things", "/v1/things", {}),
        ("/v1/things/7", "/v1/things/{id}", {"id": "7"}),
        ("/v1/things/7.pdf", "/v1/things/{id}.pdf", {"id": "7"}),
        ("/v1/things/first", "/v1/things/first", {}),
        ("/pay/you", "/pay/{token}", {"token": "you"}),
        ("/pay/me", "/pay/me", {}),
    ],
)
def test_of_two_that_match_the_longer_text_wins(path: str, found: str, values: dict[str, str]) -> None:
    for order in (PATHS, PATHS[::-1]):
        led_to, parameters = Router(map(endpoint, order)).find("GET", path)
        assert (led_to.path, parameters) == (found, values)


@pytest.mark.parametrize("path", ["", "/v1", "/v1/none", "/v1/things/7/parts", "/v2/things", "/pay"])
def test_where_there_is_nothing_that_is_said(path: str) -> None:
    with pytest.raises(Problem, match="no such path"):
        Router(map(endpoint, PATHS)).find("GET", path)


def test_another_method_is_told_which_there_are() -> None:
    router = Router([endpoint("/v1/things"), endpoint("/v1/things", "POST")])
    with pytest.raises(Problem, match="allowed: GET, POST"):
        router.find("PUT", "/v1/things")


def test_every_path_of_the_api_leads_to_its_endpoint() -> None:
    router = Router(routes.API)
    for each in routes.API:
        assert router.find(each.method, re.sub(r"{\w+}", "x", each.path))[0] is each
