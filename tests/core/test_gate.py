"""The gate: when it applies, and that it must not be open where a provider commits before the payment."""

from __future__ import annotations

import pytest

from solvent.core.gate import OPEN, Gate, UnsafeGate, ensure_safe, met, parse, refusal
from solvent.core.payment import Path
from solvent.core.plan import Plan
from solvent.core.request import AddMethod, NewItem, Start
from tests.core.conftest import Shop


@pytest.mark.parametrize("commits_first", [True, False])
@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("path", Path)
def test_a_gate_may_be_off_only_where_payment_is_confirmed_first(
    path: Path, gate: Gate, commits_first: bool
) -> None:
    gates = dict.fromkeys(Path, Gate.ON) | {path: gate}
    modes = {"new": frozenset(), "legacy": frozenset({path}) if commits_first else frozenset()}
    if gate is Gate.OFF and commits_first:
        with pytest.raises(UnsafeGate, match=f"must be on or soft for {path}, because legacy commits there"):
            ensure_safe(gates, modes)
    else:
        ensure_safe(gates, modes)


@pytest.mark.parametrize("gate", Gate)
def test_a_gate_is_met_by_what_must_be_paid_without_a_method(gate: Gate) -> None:
    shop = Shop()
    gates = dict(OPEN) | {Path.PURCHASE: gate}
    paid = shop.plan(Start(items=(NewItem(price_id="pro", object="zone:a.example"),)))
    assert isinstance(paid, Plan)
    assert met(paid, gates, has_method=False) is gate
    assert met(paid, gates, has_method=True) is Gate.OFF
    way_out = shop.plan(AddMethod())
    assert isinstance(way_out, Plan)
    assert met(way_out, dict.fromkeys(Path, gate), has_method=False) is Gate.OFF


def test_gates_are_read_from_words() -> None:
    assert parse("") == OPEN
    assert parse(" purchase=on, change=soft ,") == dict(OPEN) | {
        Path.PURCHASE: Gate.ON,
        Path.CHANGE: Gate.SOFT,
    }
    for text in ("purchase", "purchase=maybe", "rent=on", "=on"):
        with pytest.raises(ValueError, match=f"must be like purchase=on,change=soft .*got {text!r}"):
            parse(text)


def test_a_refusal_names_the_way_out() -> None:
    assert "/v1/accounts/{account_id}/methods" in refusal().rule
