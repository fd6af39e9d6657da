"""`solvent coupon`: put on offer, shown, superseded, taken off offer."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG


@pytest.fixture
def shop(run: Run) -> Run:
    """Runs commands on a database with the example catalog."""
    run("catalog", "apply", CATALOG)
    return run


def test_a_coupon_from_creation_to_archive(shop: Run) -> None:
    terms = ("--percent", "12.5", "--duration", "repeating", "--periods", 3, "--product", "zone-pro")
    words = ("coupon", "create", "spring", "--name", "Spring", *terms, "--limit", 100)
    made = shop(*words, "--json")
    assert made.exit_code == 0, made.output
    (coupon,) = json.loads(made.output)
    assert (coupon["id"], coupon["percent"], coupon["periods"], coupon["products"], coupon["active"]) == (
        "SPRING@1", "12.5", 3, ["zone-pro"], True
    )  # fmt: skip
    assert "taken of its limit: 0 of 100" in shop(*words).output
    other = ("coupon", "create", "SPRING", "--name", "Spring", "--amount", 500, "--currency", "USD")
    refused = shop(*other)
    assert (refused.exit_code, "CODE: must be new, or come with --supersede" in refused.output) == (2, True)
    assert shop(*other, "--supersede", "--limit-per-account", 0, "--exclusive").exit_code == 0
    versions = shop("coupon", "show", "spring").output
    assert "SPRING@1" in versions
    assert "5.00 USD" in versions
    assert "SPRING@1" not in shop("coupon", "list").output
    assert "SPRING@2" in shop("coupon", "list").output
    assert shop("coupon", "archive", "SPRING").output.strip() == "coupon SPRING@2: off offer"
    assert shop("coupon", "archive", "SPRING").output.strip() == "coupon SPRING@2: off offer already"
    assert "SPRING" not in shop("coupon", "list").output
    assert "SPRING@2" in {c["id"] for c in json.loads(shop("coupon", "list", "--all", "--json").output)}


def test_what_is_no_coupon_is_one_line(shop: Run) -> None:
    new = ("coupon", "create", "X", "--name", "X")
    for words, code, says in (
        (("coupon", "show", "NONE"), 1, "no coupon NONE"),
        (("coupon", "archive", "NONE"), 1, "no coupon NONE"),
        (new, 2, "coupons.X@1.percent: must be given, or an amount"),
        ((*new, "--percent", "1,5"), 2, "--percent: must be a plain decimal"),
        ((*new, "--percent", "5", "--product", "nothing"), 2, "coupons.X@1.products"),
        ((*new, "--percent", "5", "--duration", "often"), 2, "--duration: must be one of"),
        ((*new, "--percent", "5", "--valid-from", "soon"), 2, "--valid-from: must be like"),
    ):
        result = shop(*words)
        assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output
