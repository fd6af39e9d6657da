"""A gate that is on, as HTTP says it."""

from __future__ import annotations

import pytest

from solvent.core.gate import refusal
from solvent.web.handlers.shared import opened
from solvent.web.problems import KINDS, Problem


@pytest.mark.parametrize("change", [True, False])
def test_a_gate_that_is_on_answers_402_and_names_the_way_out(change: bool) -> None:
    with pytest.raises(Problem) as raised:
        opened(refusal(), change=change)
    assert KINDS[raised.value.code].status == 402
    assert "POST /v1/accounts/{account_id}/methods" in raised.value.detail
