"""What PayPal refuses before it may have looked whether it knows the request: no failure until that is looked into."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from solvent.core.payment import FailureCause, Outcome
from solvent.ports.provider import ProviderSilent
from tests.peers.paypal.acts import capture
from tests.providers.wire import Mishap

World = Any  # the fixture's class; see conftest


@pytest.mark.parametrize(
    "issue", ["PAYEE_ACCOUNT_RESTRICTED", "PAYMENT_SOURCE_CANNOT_BE_USED", "A_NEW_ISSUE"]
)
@pytest.mark.parametrize("mishap", [Mishap.CUT_BEFORE, Mishap.CUT_AFTER, Mishap.BREAK, Mishap.TRUNCATE])
def test_a_refusal_that_may_hide_a_payment_claims_nothing_until_it_is_looked_into(
    world: World, issue: str, mishap: Mishap
) -> None:
    token = world.vaulted()
    request = world.charge_request(token)
    with world.wire.always(Mishap.CUT_AFTER), pytest.raises(ProviderSilent):
        world.provider.charge(request)
    world.peer.book.refusing = issue
    on_the_way = iter([Mishap.NONE])
    before, world.wire.choose = world.wire.choose, lambda: next(on_the_way, mishap)
    with pytest.raises(ProviderSilent):
        world.provider.charge(request)
    world.wire.choose = before
    report = world.provider.charge(request)
    assert (report.outcome, world.peer.charged(request.key.hex)) == (Outcome.SUCCEEDED, [1200])
    world.peer.witness.faults.clear()  # the document does not have each issue here


def test_a_capture_in_a_status_that_nobody_mapped_may_have_moved_money(world: World) -> None:
    token = world.vaulted()
    world.becomes(token, status="PONDERED")
    request = world.charge_request(token)
    with world.wire.always(Mishap.CUT_AFTER), pytest.raises(ProviderSilent):
        world.provider.charge(request)
    world.peer.book.refusing = "PAYEE_ACCOUNT_RESTRICTED"
    report = world.provider.charge(request)
    assert (report.outcome, report.unmapped) == (Outcome.UNKNOWN, "PONDERED")
    world.peer.witness.faults.clear()  # the document has no such status


@pytest.mark.parametrize("captured", [True, False])
def test_a_refused_capture_is_told_by_the_order(world: World, captured: bool) -> None:
    """Another process captured it in that very moment, or nobody did."""
    opened = world.provider.open(world.request())
    world.peer.approve(opened.ref, None)
    book = world.peer.book

    def another() -> None:
        if captured:
            capture(book, book.orders[opened.ref], {})
        book.refusing = "AGREEMENT_ALREADY_CANCELLED"

    on_the_way: Iterator[Callable[[], None]] = iter([lambda: None, another])

    def choose() -> Mishap:
        next(on_the_way, lambda: None)()
        return Mishap.NONE

    before, world.wire.choose = world.wire.choose, choose
    report = world.provider.confirm(opened.key, opened.ref, None)
    world.wire.choose = before
    wanted = (Outcome.SUCCEEDED, None) if captured else (Outcome.FAILED, FailureCause.AGREEMENT_REVOKED)
    assert (report.outcome, report.cause) == wanted


def test_a_decline_is_not_looked_into(world: World) -> None:
    token = world.vaulted()
    world.becomes(token, issue="INSTRUMENT_DECLINED")
    asked = len(world.wire.met)
    assert world.provider.charge(world.charge_request(token)).cause is FailureCause.DECLINED
    assert len(world.wire.met) == asked + 1
