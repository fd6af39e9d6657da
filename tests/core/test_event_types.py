"""Every event that Solvent publishes has a name of its own and a line in the manual."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints
from uuid import UUID

from solvent.core import (
    collection_events,
    entitlement_events,
    events,
    hold_events,
    method_events,
    registration_events,
)
from solvent.store.outbox import ID_PREFIXES

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"
KINDS: list[type[events.Event]] = [
    x
    for module in (
        events,
        collection_events,
        entitlement_events,
        hold_events,
        method_events,
        registration_events,
    )
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


def _ids(kind: type) -> set[str]:
    """The names of all fields that hold ids, within what a field holds as well."""
    found: set[str] = set()
    for name, hint in get_type_hints(kind).items():
        held = {hint, *get_args(hint)}
        if UUID in held:
            found.add(name)
        for inner in held:
            if isinstance(inner, type) and is_dataclass(inner):
                found |= _ids(inner)
    return found


def test_every_id_of_an_event_is_spelled_as_the_api_spells_it() -> None:
    told = {name.replace("_ids", "_id") for kind in KINDS for name in _ids(kind)}
    assert len(told) > 10
    assert told - set(ID_PREFIXES) == set()
