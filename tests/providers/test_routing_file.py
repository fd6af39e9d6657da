"""The routing file: what it may say, and how a mistake is named, before anything starts."""

from pathlib import Path

import pytest

from solvent.config import Settings
from solvent.core.account import Segment
from solvent.core.routing import Route, Routing
from solvent.providers.routing_file import RoutingRefused, parse
from solvent.wiring import build

NAMES = {"sandbox": frozenset({"bank_debit", "card"}), "sandpal": frozenset({"agreement"}), "odd": None}
NOWHERE = "postgresql://127.0.0.1:1/none"  # nothing of the database is asked
EXAMPLE = b"""
routes:
  - {provider: sandpal, methods: [agreement], currencies: [EUR, USD], segments: [standard], entities: [solvent-us]}
  - {provider: sandbox}
"""


def test_a_file_is_read_into_routes() -> None:
    first = Route(
        provider="sandpal",
        kinds=frozenset({"agreement"}),
        currencies=frozenset({"EUR", "USD"}),
        segments=frozenset({Segment.STANDARD}),
        entities=frozenset({"solvent-us"}),
    )
    assert parse(EXAMPLE, NAMES) == Routing(routes=(first, Route(provider="sandbox")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"routes: []", "routes: must have at least one"),
        (b"{}", "missing required field `routes`"),
        (
            b"routes: [{provider: nobody}]",
            r"routes\[0\].provider: must be one of sandbox, sandpal, odd, got 'nobody'",
        ),
        (b"routes: [{provider: sandbox, currencies: [EURO]}]", r"routes\[0\].currencies: .*EURO"),
        (
            b"routes: [{provider: sandbox}, {provider: sandpal, methods: [agreement, card]}]",
            r"routes\[1\].methods: must be of agreement, which sandpal takes, got 'card'",
        ),
        (
            b"routes: [{provider: sandbox, methods: []}]",
            r"routes\[0\].methods: must name at least one, or be left out",
        ),
        (b"routes: [{provider: sandbox, currencies: []}]", r"routes\[0\].currencies: must name at least one"),
        (b"routes: [{provider: sandbox, segments: []}]", r"routes\[0\].segments: must name at least one"),
        (b"routes: [{provider: sandbox, entities: []}]", r"routes\[0\].entities: must name at least one"),
        (
            b"routes: [{provider: sandbox, segments: [rich]}]",
            r"routes\[0\].segments: must be of standard, .*, got 'rich'",
        ),
        (b"routes: [{provider: sandbox, countries: [US]}]", "unknown field `countries`"),
        (b"routes: [", "SOLVENT_ROUTING"),
    ],
)
def test_a_mistake_is_named(text: bytes, told: str) -> None:
    with pytest.raises(RoutingRefused, match=told):
        parse(text, NAMES)


def test_of_a_provider_that_does_not_say_what_it_takes_any_kind_may_be_named() -> None:
    (route,) = parse(b"routes: [{provider: odd, methods: [voucher]}]", NAMES).routes
    assert route.kinds == frozenset({"voucher"})


def test_the_setting_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_bytes(EXAMPLE)
    solvent = build(Settings(routing=file), NOWHERE)
    assert solvent.platform.routing == parse(EXAMPLE, NAMES)
    solvent.close()
    file.write_bytes(b"routes: [{provider: nobody}]")
    with pytest.raises(RoutingRefused, match="must be one of sandbox, sandpal"):
        build(Settings(routing=file), NOWHERE)
