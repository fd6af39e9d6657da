"""Books: what a commit writes, read back through the reading side."""

from __future__ import annotations

from tests.store.worlds import World


def test_a_paid_start_is_there_to_be_read(world: World) -> None:
    account, attempt, booking = world.subscribed()
    with world.database.begin() as tx:
        view = tx.accounts.view(account.id)
        known = tx.journal.get(attempt.id)
    assert view is not None
    assert view.subscriptions == (booking.subscription,)
    assert known is not None
    assert known.state == booking.state
