"""Every event that Solvent publishes has a name of its own and a line in the manual."""

from dataclasses import fields
from pathlib import Path

from solvent.core import entitlement_events, events, hold_events, method_events, registration_events

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"
KINDS: list[type[events.Event]] = [
    x
    for module in (events, entitlement_events, hold_events, method_events, registration_events)
    for x in vars(module).values()
    if isinstance(x, type) and issubclass(x, events.Event) and "type" in vars(x)
]


def test_every_event_has_a_name_of_its_own() -> None:
    assert len({kind.type for kind in KINDS}) == len(KINDS) > 0


def test_every_event_is_documented_with_all_that_it_says() -> None:
    lines = MANUAL.read_text(encoding="utf-8").splitlines()
    for kind in KINDS:
        line = next((x for x in lines if x.startswith(f"| `{kind.type}` |")), "")
        assert line, f"docs/api.md does not name {kind.type}"
        assert [f.name for f in fields(kind) if f"`{f.name}`" not in line] == [], kind.type
