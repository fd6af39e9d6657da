"""What may become of what: every state machine of the core, as golden text."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from solvent.core import dispute as disputes
from solvent.core import invoice as invoices
from solvent.core import manual as manual_invoices
from solvent.core import payment as payments
from solvent.core import subscription as subscriptions

if TYPE_CHECKING:
    pass
from tests.core.verdicts import table


def transitions(name: str, moves: Mapping[Any, frozenset[Any]]) -> str:
    """One row per state: what it may become, in the order of the states."""
    kind: Any = type(next(iter(moves)))
    states = list(kind)
    assert set(states) == set(moves)
    rows = [(state.value, ", ".join(x.value for x in states if x in moves[state])) for state in states]
    return table(name, "may become", rows=[(state, after or "nothing else") for state, after in rows])


def test_transitions_of_attempts_invoices_subscriptions_and_disputes() -> None:
    tables = [
        transitions("attempt", payments.TRANSITIONS),
        transitions("invoice", invoices.TRANSITIONS),
        transitions("subscription", subscriptions.TRANSITIONS),
        transitions("dispute", disputes.TRANSITIONS),
        transitions("draft", manual_invoices.TRANSITIONS),
    ]
    assert "\n".join(tables) == dedent("""\
        attempt          may become
        opening          requires_action, processing, unknown, failed, committed, returned
        requires_action  processing, unknown, failed, committed, returned
        processing       requires_action, unknown, failed, committed, returned
        unknown          requires_action, processing, failed, committed, returned
        failed           committed, returned
        committed        nothing else
        returned         nothing else

        invoice        may become
        open           paid, resolved, uncollectible
        paid           open, resolved
        resolved       open, uncollectible
        uncollectible  resolved

        subscription  may become
        trialing      active, ended
        active        ended
        ended         nothing else

        dispute         may become
        warning         needs_response, under_review, won, withdrawn, lost, accepted
        needs_response  under_review, won, withdrawn, lost, accepted
        under_review    needs_response, won, withdrawn, lost, accepted
        won             nothing else
        withdrawn       nothing else
        lost            won, withdrawn
        accepted        won, withdrawn
        unknown         nothing else

        draft   may become
        draft   issued, voided
        issued  nothing else
        voided  nothing else
        """)
