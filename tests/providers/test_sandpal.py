"""What is peculiar to the redirect provider: approval elsewhere, capture, agreements."""

from typing import Any

from solvent.core.payment import ActionKind, FailureCause, Outcome

World = Any


def test_confirming_before_approval_still_requires_action(pal_world: World) -> None:
    opened = pal_world.provider.open(pal_world.request())
    assert pal_world.provider.confirm(opened.key, opened.ref, None) == opened
    assert pal_world.charged(opened.key) == []


def test_an_approved_order_waits_for_capture_and_asks_nothing_more_of_the_customer(pal_world: World) -> None:
    opened = pal_world.provider.open(pal_world.request())
    pal_world.control("approve", ref=opened.ref)
    waiting = pal_world.provider.get(opened.key, None)
    assert (waiting.outcome, waiting.action.kind) == (Outcome.REQUIRES_ACTION, ActionKind.NONE)
    assert pal_world.charged(opened.key) == []
    assert pal_world.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.SUCCEEDED
    assert pal_world.charged(opened.key) == [1200]


def test_a_refused_order_is_failed(pal_world: World) -> None:
    opened = pal_world.provider.open(pal_world.request())
    pal_world.control("refuse", ref=opened.ref)
    report = pal_world.provider.confirm(opened.key, opened.ref, None)
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.CANCELED)


def test_an_order_that_is_not_approved_in_time_expires(pal_world: World) -> None:
    opened = pal_world.provider.open(pal_world.request())
    pal_world.clock.advance(hours=1)
    pal_world.control("approve", ref=opened.ref)
    report = pal_world.provider.confirm(opened.key, opened.ref, None)
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.EXPIRED)


def test_an_approved_order_may_be_captured_late_unless_it_was_cancelled(pal_world: World) -> None:
    opened = pal_world.provider.open(pal_world.request())
    pal_world.control("approve", ref=opened.ref)
    pal_world.clock.advance(hours=2)
    assert pal_world.provider.confirm(opened.key, opened.ref, None).outcome is Outcome.SUCCEEDED


def test_an_agreement_pays_on_session_without_another_approval(pal_world: World) -> None:
    token = pal_world.vaulted()
    opened = pal_world.provider.open(pal_world.request(method=token))
    assert opened.action.kind is ActionKind.NONE
    paid = pal_world.provider.confirm(opened.key, opened.ref, None)
    assert (paid.outcome, paid.method.token, paid.method.kind) == (Outcome.SUCCEEDED, token, "agreement")


def test_a_revoked_agreement_fails_for_good(pal_world: World) -> None:
    token = pal_world.vaulted()
    pal_world.control("revoke", token=token)
    report = pal_world.provider.charge(pal_world.charge_request(token))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.AGREEMENT_REVOKED)
    opened = pal_world.provider.open(pal_world.request(method=token))
    assert pal_world.provider.confirm(opened.key, opened.ref, None).cause is FailureCause.AGREEMENT_REVOKED


def test_a_currency_that_the_wallet_does_not_take_opens_nothing(pal_world: World) -> None:
    takes = pal_world.provider.capabilities.takes
    assert (takes("EUR"), takes("JPY"), takes("KWD")) == (True, True, False)
    request = pal_world.request(currency="KWD")
    assert pal_world.provider.open(request).outcome is Outcome.UNKNOWN
    assert pal_world.provider.get(request.key, None) is None
