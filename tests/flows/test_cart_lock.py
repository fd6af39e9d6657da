"""A cart stands still while an attempt about it is added: nobody cancels or edits it between the look and the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from solvent.core.attempt import Attempt
from solvent.store import carts, journal
from tests.flows.test_checkout import ZONE, Shopper, shopper
from tests.simulation.fragile import FragileWorld

__all__ = ["shopper"]


def test_a_cart_is_not_cancelled_while_its_attempt_is_added(
    world: FragileWorld, shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart, add, met = shopper.cart(ZONE), journal._ADD, list[str]()

    class Meeting:
        """The insert of attempts, and somebody who cancels the cart just before it."""

        def run(self, connection: psycopg.Connection, rows: Sequence[Any], **scalars: object) -> object:
            with world.database.pool.connection() as other:
                other.execute("set local lock_timeout = '300ms'")
                try:
                    carts.CartRoom(other).put(replace(cart, version=2, canceled_at=world.now))
                except psycopg.errors.LockNotAvailable:
                    other.rollback()
                    met.append("waits")
            return add.run(connection, rows, **scalars)

    monkeypatch.setattr(journal, "_ADD", Meeting())
    opened = shopper.ask(cart)
    monkeypatch.undo()
    assert met == ["waits"]
    assert isinstance(opened, Attempt)
    assert shopper.shown(cart).cart.canceled_at is None
