"""What only Stripe does: mandates, wallets, authentication on demand, late searches, forgotten keys, odd disputes."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe

from solvent.core.dispute import DisputeReason, DisputeState, Evidence
from solvent.core.payment import ActionKind, Authentication, FailureCause, Outcome, Report
from solvent.ports.provider import NotificationRefused, ProviderDown, ProviderSilent, Subject
from solvent.providers.conformance import (
    Card,
    charge_request,
    pay,
    payment_request,
    refund_request,
)
from solvent.providers.stripe import API_VERSION, StripeProvider, connect, requests
from solvent.providers.stripe.currencies import CURRENCIES, MINIMUMS, from_stripe
from solvent.providers.stripe.notices import BODY_MAX_BYTES
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET, signed
from tests.providers.stripe.stage import LINE, StripeStage

FORGOTTEN = timedelta(hours=25)


def test_the_version_is_the_one_that_the_library_is_made_for() -> None:
    assert stripe.api_version == API_VERSION


def test_a_customer_is_made_once_and_all_that_is_theirs_belongs_to_it(stage: StripeStage) -> None:
    customer = uuid4()
    for _ in range(2):
        pay(stage, customer=customer)
    (made,) = stage.peer.book.of("customer").values()
    assert stage.payers.find("stripe", customer) == made["id"]
    assert {one["customer"] for one in stage.peer.book.of("payment_intent").values()} == {made["id"]}
    assert made["metadata"] == {"solvent_account": customer.hex}


@pytest.mark.parametrize("setup", [False, True])
def test_a_customer_that_was_deleted_at_stripe_is_made_once_more(stage: StripeStage, setup: bool) -> None:
    """Its methods are gone with it; whoever is here pays anew."""
    renewal = charge_request(stage, "pm_card_visa")
    customer = renewal.customer
    gone = stage.payers.find("stripe", customer)
    stage.peer.book.of("customer").clear()
    off_session = stage.provider.charge(renewal)
    assert (off_session.outcome, off_session.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)
    assert stage.payers.find("stripe", customer) == gone, "nobody is here to bring another method"
    amount = {"amount": 0, "setup": True} if setup else {}
    request = payment_request(stage, customer=customer, **amount)
    for _ in range(2):
        told = stage.provider.open(request)
        assert told.outcome is Outcome.REQUIRES_ACTION
    done = stage.provider.confirm(told.key, str(told.ref), "pm_card_visa")
    assert done.outcome is Outcome.SUCCEEDED
    (made,) = stage.peer.book.of("customer").values()
    assert stage.payers.find("stripe", customer) == made["id"] != gone
    pay(stage, customer=customer)
    assert len(stage.peer.book.of("customer")) == 1


def test_a_list_that_is_too_long_is_no_answer(stage: StripeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest come first: what would be missing is the oldest."""
    since = stage.now
    for _ in range(5):
        pay(stage)
    assert len(list(stage.provider.reports_since(since))) == 5
    monkeypatch.setattr("solvent.providers.stripe.calls.PAGES_MAX", 2)
    monkeypatch.setattr("solvent.providers.stripe.calls.PAGE_ROWS", 2)
    with pytest.raises(ProviderSilent, match="ask for less time"):
        list(stage.provider.reports_since(since))


@pytest.mark.parametrize(
    ("method", "kind", "label"),
    [
        ("pm_card_visa", "card", "Visa •••• 4242"),
        ("pm_card_amex", "card", "American Express •••• 8431"),
        ("pm_apple_pay", "wallet", "Apple Pay · Visa •••• 4242"),
        ("pm_google_pay", "wallet", "Google Pay · Visa •••• 4242"),
        ("pm_link", "wallet", "Link"),
    ],
)
def test_methods_are_named_for_people(stage: StripeStage, method: str, kind: str, label: str) -> None:
    vaulted = pay(stage, method).method
    assert vaulted is not None
    assert (vaulted.kind, vaulted.label, vaulted.off_session) == (kind, label, True)


@pytest.mark.parametrize("debit", ["pm_usBankAccount_success", "pm_sepaDebit_success"])
@pytest.mark.parametrize("setup", [True, False])
def test_a_debit_is_charged_under_its_mandate(stage: StripeStage, debit: str, setup: bool) -> None:
    customer = uuid4()
    ready = pay(stage, debit, customer=customer, setup=setup, amount=0 if setup else 1200)
    stage.wait(timedelta(days=7))
    told = stage.provider.get(ready.key, ready.ref)
    assert told is not None
    assert told.method is not None
    assert told.method.kind == "bank_debit"
    method, _, mandate = told.method.token.partition("/")
    assert mandate in stage.peer.book.of("mandate")
    request = payment_request(stage, customer=customer, method=told.method.token, off_session=True)
    assert requests.payment(request, "cus_1")["mandate"] == mandate
    charged = stage.provider.charge(request)
    assert charged.outcome is Outcome.PROCESSING
    stage.provider.detach(told.method.token)
    assert stage.peer.book.of("payment_method")[method]["customer"] is None


@pytest.mark.parametrize(
    ("kind", "currency", "types"),
    [
        ("card", "USD", ["card"]),
        ("wallet", "EUR", ["card", "link"]),
        ("bank_debit", "EUR", ["sepa_debit"]),
        ("bank_debit", "USD", ["us_bank_account"]),
        ("bank_debit", "JPY", None),
        (None, "USD", None),
    ],
)
def test_a_kind_of_method_that_was_chosen_is_all_that_the_payer_sees(
    stage: StripeStage, kind: str | None, currency: str, types: list[str] | None
) -> None:
    for setup in (False, True):
        request = payment_request(
            stage, kind=kind, currency=currency, setup=setup, amount=0 if setup else 1200
        )
        opened = stage.provider.open(request)
        intent = stage.peer.book.of("setup_intent" if setup else "payment_intent")[str(opened.ref)]
        assert (intent["automatic_payment_methods"] is None) is (types is not None)
        assert types is None or intent["payment_method_types"] == types


def test_another_kind_than_was_chosen_is_no_method(stage: StripeStage) -> None:
    failed = pay(stage, "pm_usBankAccount_success", kind="card")
    assert (failed.outcome, failed.cause) == (Outcome.FAILED, FailureCause.NO_METHOD)


def test_a_charge_without_the_payer_brings_no_new_method(stage: StripeStage) -> None:
    charged = stage.provider.charge(charge_request(stage, stage.cards[Card.PAYS]))
    assert (charged.outcome, charged.method) == (Outcome.SUCCEEDED, None)


def test_authentication_can_be_demanded_of_a_card_that_would_not_need_it(stage: StripeStage) -> None:
    report = pay(stage, authentication=Authentication.REQUIRED)
    assert report.outcome is Outcome.REQUIRES_ACTION
    stage.challenge(report, passed=True)
    assert stage.provider.confirm(report.key, str(report.ref), None).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("return_url", [None, "https://shop.example/" + "x" * 600])
def test_without_a_way_back_the_payer_is_authenticated_in_the_page(
    stage: StripeStage, return_url: str | None
) -> None:
    report = pay(stage, stage.cards[Card.CHALLENGED], return_url=return_url)
    assert report.action is not None
    assert (report.action.kind, report.action.url) == (ActionKind.CONFIRM, None)
    assert report.action.client_secret


def test_with_a_way_back_the_payer_is_sent_to_the_bank(stage: StripeStage) -> None:
    report = pay(stage, stage.cards[Card.CHALLENGED])
    assert report.action is not None
    assert report.action.kind is ActionKind.REDIRECT
    assert "/3ds/" in str(report.action.url)


def test_a_known_method_is_chosen_when_the_intent_is_opened(stage: StripeStage) -> None:
    customer = uuid4()
    token = stage.stored(customer, stage.cards[Card.PAYS])
    opened = stage.provider.open(payment_request(stage, customer=customer, method=token))
    paid = stage.provider.confirm(opened.key, str(opened.ref), None)
    assert paid.outcome is Outcome.SUCCEEDED


def test_a_payer_who_failed_in_the_page_may_try_again_there_until_the_merchant_looks(
    stage: StripeStage,
) -> None:
    report = pay(stage, stage.cards[Card.CHALLENGED])
    stage.challenge(report, passed=False)
    told = stage.provider.get(report.key, report.ref)
    assert told is not None
    assert told.outcome is Outcome.REQUIRES_ACTION
    given_up = stage.provider.cancel(report.key, report.ref)
    assert given_up is not None
    assert (given_up.outcome, given_up.cause) == (Outcome.FAILED, FailureCause.AUTHENTICATION_FAILED)


def test_a_failed_confirmation_cannot_succeed_later(stage: StripeStage) -> None:
    failed = pay(stage, stage.causes[FailureCause.DECLINED])
    assert failed.outcome is Outcome.FAILED
    again = stage.provider.confirm(failed.key, str(failed.ref), stage.cards[Card.PAYS])
    assert (again.outcome, again.cause) == (Outcome.FAILED, FailureCause.DECLINED)
    assert not stage.charged(failed.key)


def test_what_a_search_does_not_know_yet_is_met_under_its_key(stage: StripeStage) -> None:
    stage.peer.book.search_lag = timedelta(minutes=1)
    request = charge_request(stage, stage.cards[Card.PAYS])
    paid = stage.provider.charge(request)
    assert stage.provider.get(request.key, None) is None
    assert stage.provider.charge(request).ref == paid.ref
    assert [one.ref for one in stage.provider.payments_of(request.key, paid.ref)] == [paid.ref]
    assert list(stage.charged(request.key)) == [1200]


def test_after_stripe_has_forgotten_the_key_the_search_knows(stage: StripeStage) -> None:
    request = charge_request(stage, stage.cards[Card.PAYS])
    paid = stage.provider.charge(request)
    stage.wait(FORGOTTEN)
    found = stage.provider.get(request.key, None)
    assert found is not None
    assert found.ref == paid.ref


def test_movements_of_a_setup_and_of_another_key_are_none(stage: StripeStage) -> None:
    ready = pay(stage, amount=0, setup=True)
    paid = pay(stage)
    assert list(stage.provider.payments_of(ready.key, ready.ref)) == []
    assert list(stage.provider.payments_of(uuid4(), paid.ref)) == []
    assert list(stage.provider.payments_of(uuid4(), "pi_unheard_of")) == []


def test_a_setup_that_is_refused_says_why(stage: StripeStage) -> None:
    refused = pay(stage, stage.causes[FailureCause.INSUFFICIENT_FUNDS], amount=0, setup=True)
    assert (refused.outcome, refused.cause) == (Outcome.FAILED, FailureCause.INSUFFICIENT_FUNDS)


def test_many_changes_come_page_by_page(stage: StripeStage) -> None:
    since = stage.now
    keys = [stage.provider.open(payment_request(stage)).key for _ in range(60)]
    for key in keys:
        stage.provider.cancel(key, None)
    told = [report.key for report in stage.provider.reports_since(since)]
    assert told == keys


def test_a_wrong_key_is_turned_away_at_the_door(stage: StripeStage) -> None:
    stranger = StripeProvider(
        connect("sk_test_wrong", LINE, stage.wire.url),
        stage.payers,
        lambda: stage.now,
        webhook_secret=WEBHOOK_SECRET,
        livemode=False,
    )
    with pytest.raises(ProviderDown, match="HTTP 401"):
        stranger.get(uuid4(), "pi_1")


def test_nothing_secret_is_in_the_log_even_of_the_library(
    stage: StripeStage,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "stripe._util.STRIPE_LOG", "debug"
    )  # as an environment may have it when the library is loaded
    connect(SECRET_KEY, LINE, stage.peer.url)
    with caplog.at_level(logging.DEBUG):
        opened = stage.provider.open(payment_request(stage))
        pay(stage, stage.causes[FailureCause.DECLINED])
    assert opened.action is not None
    assert str(opened.action.client_secret) not in caplog.text
    assert "_secret_" not in caplog.text
    assert "_secret_" not in capsys.readouterr().err
    assert SECRET_KEY not in caplog.text
    assert "stripe" in {record.name for record in caplog.records}


def test_currencies_that_stripe_counts_in_parts_that_do_not_exist() -> None:
    assert from_stripe(120_000, "ISK") == 1200
    with pytest.raises(ValueError, match="hundredths of ISK"):
        from_stripe(120_050, "ISK")
    assert "MGA" not in CURRENCIES
    assert set(MINIMUMS) <= CURRENCIES


def test_a_third_decimal_that_stripe_does_not_take_moves_nothing(stage: StripeStage) -> None:
    report = stage.provider.open(payment_request(stage, currency="KWD", amount=12_345))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.PROVIDER_UNAVAILABLE)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", DisputeState.WARNING),
        ("warning_closed", DisputeState.WITHDRAWN),
        ("under_review", DisputeState.UNDER_REVIEW),
        ("prevented", DisputeState.LOST),
        ("brand_new", DisputeState.UNKNOWN),
    ],
)
def test_states_of_a_dispute(stage: StripeStage, status: str, state: DisputeState) -> None:
    ref = stage.contest(pay(stage))
    stage.peer.book.of("dispute")[ref]["status"] = status
    if status == "brand_new":
        stage.peer.witness.judge = None  # no document knows it
    told = stage.provider.get_dispute(ref)
    assert told is not None
    assert told.state is state


def test_a_prevented_dispute_that_took_no_money_was_withdrawn(stage: StripeStage) -> None:
    ref = stage.peer.dispute(str(pay(stage).ref), inquiry=True)
    stage.peer.book.of("dispute")[ref]["status"] = "prevented"
    told = stage.provider.get_dispute(ref)
    assert told is not None
    assert told.state is DisputeState.WITHDRAWN


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("insufficient_funds", DisputeReason.DEBIT_RETURNED),
        ("incorrect_account_details", DisputeReason.DEBIT_RETURNED),
        ("bank_cannot_process", DisputeReason.DEBIT_RETURNED),
        ("debit_not_authorized", DisputeReason.FRAUDULENT),
    ],
)
def test_a_debit_that_is_returned_weeks_later_is_a_dispute_that_is_lost(
    stage: StripeStage, reason: str, told: DisputeReason
) -> None:
    paid = pay(stage, "pm_sepaDebit_success", currency="EUR")
    assert paid.outcome is Outcome.PROCESSING
    stage.wait(timedelta(days=7))
    settled = stage.provider.get(paid.key, paid.ref)
    assert settled is not None
    assert settled.outcome is Outcome.SUCCEEDED
    stage.sent()
    ref = stage.peer.return_debit(str(paid.ref), reason)
    report = stage.provider.get_dispute(ref)
    assert report is not None
    assert (report.state, report.reason, report.key) == (DisputeState.LOST, told, paid.key)
    assert (report.amount, report.evidence_due_by) == (1200, None)
    heard = [stage.provider.parse(sent.headers, sent.body, stage.now) for sent in stage.sent()]
    assert {(n.subject, n.ref) for n in heard} == {(Subject.DISPUTE, ref)}


def test_a_dispute_has_a_reason_a_fee_and_a_last_day(stage: StripeStage) -> None:
    told = stage.provider.get_dispute(stage.contest(pay(stage)))
    assert told is not None
    assert (told.reason, told.fee, told.fee_currency) == (DisputeReason.FRAUDULENT, 1500, "USD")
    assert told.evidence_due_by == stage.now + timedelta(days=9)


def test_evidence_is_submitted_once_and_accepting_loses(stage: StripeStage) -> None:
    first, second = stage.contest(pay(stage)), stage.contest(pay(stage))
    evidence = Evidence(statement="It was delivered on 1 March.")
    states = [stage.provider.submit_evidence(first, evidence) for _ in range(2)]
    states += [stage.provider.accept_dispute(second) for _ in range(2)]
    assert [told.state for told in states if told] == [
        DisputeState.UNDER_REVIEW,
        DisputeState.UNDER_REVIEW,
        DisputeState.LOST,
        DisputeState.LOST,
    ]
    text = stage.peer.book.of("dispute")[first]["evidence"]["uncategorized_text"]
    assert text == evidence.statement
    assert stage.provider.submit_evidence("dp_unheard_of", evidence) is None
    assert stage.provider.accept_dispute("dp_unheard_of") is None


def test_a_refund_that_somebody_made_by_hand_is_not_ours(stage: StripeStage) -> None:
    paid = pay(stage)
    client = connect(SECRET_KEY, LINE, stage.peer.url)
    client.v1.refunds.create({"payment_intent": str(paid.ref), "amount": 200})
    request = refund_request(paid, 1000)
    stage.provider.refund(request)
    stage.wait(FORGOTTEN)
    stage.provider.refund(request)
    assert stage.refunded(paid.key) == 1200


def _event(stage: StripeStage, **other: object) -> dict[str, Any]:
    pay(stage)
    return stage.peer.book.undelivered[-1] | other


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"livemode": True}, "of a test"),
        ({"data": {}}, "not an event"),
        ({"created": "today"}, "not an event"),
        ({"created": 10**30}, "not an event"),
        ({"padding": "x" * BODY_MAX_BYTES}, "more than 262144 bytes"),
    ],
)
def test_a_signed_event_that_is_none_of_ours_is_refused(
    stage: StripeStage, other: dict[str, Any], reason: str
) -> None:
    headers, body = signed(_event(stage, **other), stage.now)
    with pytest.raises(NotificationRefused, match=reason):
        stage.provider.parse(headers, body, stage.now)


def test_an_event_about_something_else_is_told_as_such(stage: StripeStage) -> None:
    event = _event(stage)
    event["data"] = {"object": {"object": "balance", "metadata": None}}
    headers, body = signed(event, stage.now)
    told = stage.provider.parse(headers, body, stage.now)
    assert (told.subject, told.key, told.ref) == (Subject.OTHER, None, None)


def test_an_event_from_the_future_is_refused(stage: StripeStage) -> None:
    headers, body = signed(_event(stage), stage.now + timedelta(minutes=6))
    with pytest.raises(NotificationRefused, match="s away"):
        stage.provider.parse(headers, body, stage.now)


@pytest.mark.parametrize("lacks", ["status", "amount", "metadata", "currency"])
def test_an_intent_that_lacks_what_it_must_say_cannot_be_read(stage: StripeStage, lacks: str) -> None:
    stage.peer.witness.judge = None
    opened: Report = stage.provider.open(payment_request(stage))
    del stage.peer.book.of("payment_intent")[str(opened.ref)][lacks]
    with pytest.raises(ProviderSilent, match="cannot be read"):
        stage.provider.get(opened.key, opened.ref)
