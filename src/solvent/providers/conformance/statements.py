"""Statements: what moved on our balance, by the names that our books have for it.

Owns what a list of movements must hold. Does not own what is compared with it (`core.reconciliation`).
"""

from datetime import timedelta

import pytest

from solvent.core.movement import MovementKind
from solvent.providers.conformance.stage import AMOUNT, CURRENCY, Stage, pay, refund_request

PART = 500
LATER = timedelta(minutes=10)


class Statements:
    """What every adapter must tell of the balance."""

    def test_a_payment_is_in_the_statement_as_it_was_reported(self, stage: Stage) -> None:
        since = stage.now
        paid = pay(stage)
        rows = stage.provider.movements_since(since, stage.now + LATER)
        (row,) = [row for row in rows if row.key == paid.key]
        assert (row.kind, row.ref) == (MovementKind.PAYMENT, paid.ref)
        assert (row.amount, row.currency) == (AMOUNT, CURRENCY)
        assert since - LATER <= row.moved_at <= stage.now + LATER
        assert 0 <= row.fee < AMOUNT

    def test_a_refund_is_in_the_statement_under_its_own_key(self, stage: Stage) -> None:
        since = stage.now
        paid = pay(stage)
        request = refund_request(paid, PART if stage.provider.capabilities.partial_refunds else AMOUNT)
        refunded = stage.provider.refund(request)
        rows = stage.provider.movements_since(since, stage.now + LATER)
        (row,) = [row for row in rows if row.key == request.key]
        assert (row.kind, row.ref) == (MovementKind.REFUND, refunded.ref)
        assert (row.amount, row.currency) == (-request.amount, CURRENCY)

    def test_a_movement_has_one_name_and_bears_it_whenever_it_is_asked_for(self, stage: Stage) -> None:
        since = stage.now
        for _ in range(3):
            pay(stage)
        until = stage.now + LATER
        names = [row.name for row in stage.provider.movements_since(since, until)]
        assert len(set(names)) == len(names) >= 3
        assert {row.name for row in stage.provider.movements_since(since, until)} == set(names)

    def test_what_moved_long_before_or_after_is_left_out(self, stage: Stage) -> None:
        before = pay(stage)
        stage.wait(timedelta(hours=1))
        since = stage.now
        meant = pay(stage)
        stage.wait(timedelta(hours=1))
        until = stage.now
        stage.wait(timedelta(hours=1))
        after = pay(stage)
        keys = {row.key for row in stage.provider.movements_since(since, until)}
        assert meant.key in keys
        assert not keys & {before.key, after.key}

    def test_what_moved_no_money_is_not_in_the_statement(self, stage: Stage) -> None:
        if not stage.provider.capabilities.mandates:
            pytest.skip("mandates=False: there is no setup that could be in a statement")
        since = stage.now
        ready = pay(stage, amount=0, setup=True)
        rows = stage.provider.movements_since(since, stage.now + LATER)
        assert ready.key not in {row.key for row in rows}
