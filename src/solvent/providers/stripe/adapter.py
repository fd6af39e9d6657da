"""The adapter: `Provider` over Stripe.

Owns which calls an operation makes. A payment is a payment intent, a mandate without money a setup intent; both belong
to our own plans and carry our attempt's id, which is also the idempotency key. Does not own parameters (`requests`),
the reading of answers (`reading`), refusals (`calls`), disputes, notifications, nor any repeating.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import stripe

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import ActionKind, FailureCause, MethodSeen, Outcome, Report
from solvent.core.recurring import Recurring
from solvent.core.way import WayKind
from solvent.ports.customers import Customer, CustomerRefused
from solvent.ports.payers import Payers
from solvent.ports.provider import (
    Capabilities,
    DisputeAnswer,
    Notification,
    PaymentRequest,
    RefundReport,
    RefundRequest,
)
from solvent.providers.stripe import requests
from solvent.providers.stripe.calls import Refused, Replayed, ask
from solvent.providers.stripe.currencies import CURRENCIES, MINIMUMS
from solvent.providers.stripe.disputes import Disputes
from solvent.providers.stripe.intents import Intents
from solvent.providers.stripe.movements import movements
from solvent.providers.stripe.notices import Notices
from solvent.providers.stripe.reading import ACCOUNT, NAME, RETURN_URL, Told, last_error, seen
from solvent.providers.stripe.refunds import Refunds
from solvent.providers.stripe.refusals import refused
from solvent.providers.stripe.subscriptions import INVOICE, Subscriptions

CAPABILITIES = Capabilities(
    actions=frozenset({ActionKind.CONFIRM, ActionKind.REDIRECT, ActionKind.MANDATE}),
    off_session=True,
    partial_refunds=True,
    mandates=True,
    delayed_settlement=True,
    three_ds_control=frozenset({requests.CARD}),
    currencies=CURRENCIES,
    minimums=MINIMUMS,
    dispute_answers=frozenset(DisputeAnswer),
    kinds=frozenset({"bank_debit", "card", "wallet"}),
    ways=(WayKind.CARD, WayKind.APPLE_PAY, WayKind.GOOGLE_PAY, WayKind.LINK, WayKind.BANK_DEBIT),
    tells_expiry=True,
    keeps_customers=True,
)
COPYING = replace(
    CAPABILITIES,
    kinds=frozenset({"card", "wallet"}),
    ways=(WayKind.CARD, WayKind.APPLE_PAY, WayKind.GOOGLE_PAY, WayKind.LINK),
    delayed_settlement=False,
    copies_subscriptions=True,
)

_CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation"})


class StripeProvider:
    """Stripe as one of our providers.

    `payers` remembers who our accounts are there, `clock` is the present, `webhook_secret` verifies notifications,
    `publishable_key` is what the page may know. `copies_subscriptions` keeps subscriptions of Stripe's own beside ours.
    """

    def __init__(
        self,
        client: stripe.StripeClient,
        payers: Payers,
        clock: Callable[[], datetime],
        *,
        webhook_secret: str,
        livemode: bool,
        publishable_key: str | None = None,
        copies_subscriptions: bool = False,
    ) -> None:
        # Whatever is brought anew is brought in Stripe's own part of the page.
        can = COPYING if copies_subscriptions else CAPABILITIES
        ways = () if publishable_key is None else can.ways
        self._capabilities = replace(can, ways=ways, public_key=publishable_key)
        self._client = client
        self._payers = payers
        self._intents = Intents(client, clock)
        self._refunds = Refunds(client)
        self._disputes = Disputes(client)
        self._notices = Notices(webhook_secret, livemode=livemode)
        self._subscriptions = Subscriptions(client)

    @property
    def name(self) -> str:
        """``stripe``."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What Stripe can do; which methods a payer sees is switched on in the merchant's account there."""
        return self._capabilities

    def open(self, request: PaymentRequest) -> Report:
        """Open an intent for the payer's browser."""
        return self._created(request)

    def charge(self, request: PaymentRequest) -> Report:
        """Open and confirm in one call, with a stored method. What then needs the payer has failed."""
        if request.method is None:
            return Report(outcome=Outcome.FAILED, key=request.key, cause=FailureCause.NO_METHOD)
        return self._created(request)

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """Look first; confirm with `method` where something is still to be confirmed. A try of the payer that has
        failed ends the attempt: the intent is given up, so that no later try can succeed."""
        intent = self._intents.find(key, ref)
        if intent is None:
            return Report(outcome=Outcome.UNKNOWN, key=key, unmapped="resource_missing")
        chosen = method or _chosen(intent)
        if intent["status"] in _CONFIRMABLE and chosen is not None:
            try:
                intent = self._intents.confirm(
                    intent, key, requests.token_parts(chosen)[0], _return_url(intent)
                )
            except Refused as refusal:
                failed = _intent_in(refusal.error)
                if failed is None:
                    return self._ended(intent, key, refusal)
                intent = failed
        if intent["status"] == "requires_payment_method" and last_error(intent) is not None:
            intent = self._given_up(intent)
        return self._intents.told(intent, key)

    def get(self, key: UUID, ref: str | None) -> Report | None:
        """How the attempt stands. Without `ref` it is searched for; an intent too new to be found there is not lost:
        opening or charging again under the same key meets it."""
        intent = self._intents.find(key, ref)
        return None if intent is None else self._intents.told(intent, key)

    def payments_of(self, key: UUID, ref: str | None = None) -> list[Report]:
        """Every intent under our key that has moved money."""
        return self._intents.movements(key, ref)

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        """Cancel what can still be cancelled, or say how it stands."""
        intent = self._intents.find(key, ref)
        return None if intent is None else self._intents.told(self._given_up(intent), key)

    def refund(self, request: RefundRequest) -> RefundReport:
        """Refund a payment."""
        return self._refunds.refund(request)

    def get_refund(self, ref: str) -> RefundReport | None:
        """How a refund stands."""
        return self._refunds.find(ref)

    def refunds_since(self, since: datetime) -> Iterator[RefundReport]:
        """Refunds with an event since then, each as it stands now."""
        return self._refunds.changed(since)

    def detach(self, token: str) -> None:
        """Take a method away from its customer; one that has none is away already."""
        method, _ = requests.token_parts(token)
        with suppress(Refused):
            ask(self._client.v1.payment_methods.detach, method)

    def get_method(self, token: str) -> MethodSeen | None:
        """The method as Stripe has it now; its card may have been renewed by its bank."""
        method, _ = requests.token_parts(token)
        try:
            told = ask(self._client.v1.payment_methods.retrieve, method)
        except Refused:
            return None
        return None if told.get("customer") is None else seen(told)  # one that was taken away stays readable

    def reports_since(self, since: datetime) -> Iterator[Report]:
        """Intents with an event since then, each as it stands now."""
        return self._intents.changed(since)

    def disputes_since(self, since: datetime) -> Iterator[DisputeReport]:
        """Disputes with an event since then, each as it stands now."""
        return self._disputes.changed(since)

    def movements_since(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Balance transactions."""
        return movements(self._client, since, until)

    def get_dispute(self, ref: str) -> DisputeReport | None:
        """How a dispute stands."""
        return self._disputes.find(ref)

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Answer a dispute."""
        return self._disputes.answer(ref, evidence)

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        """Leave the money to the payer."""
        return self._disputes.accept(ref)

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """Verify and read an event."""
        return self._notices.read(headers, body, now)

    def _created(self, request: PaymentRequest) -> Report:
        try:
            customer = self._customer(request)
            intent = self._opened(request, customer)
        except Refused as refusal:
            return self._not_made(request, refusal)
        return self._intents.told(intent, request.key)

    def _not_made(self, request: PaymentRequest, refusal: Refused) -> Report:
        """What a refusal comes to: an intent that was made all the same counts, also one of an earlier request whose
        answer was lost. Off-session one that nobody can confirm any more is given up."""
        found = _intent_in(refusal.error) or self._made_before(request, refusal)
        if found is None:
            return refused(refusal, request.key)
        untried = found["status"] in _CONFIRMABLE and last_error(found) is None
        if request.off_session and untried:
            return self._ended(found, request.key, refusal)
        return self._intents.told(found, request.key)

    def _made_before(self, request: PaymentRequest, refusal: Refused) -> Told | None:
        """The intent of the request by the list of its customer; who is none yet has none."""
        customer = self._payers.find(NAME, request.customer) if refusal.final else None
        return None if customer is None else self._intents.made(customer, request.key, setup=request.setup)

    def _ended(self, intent: Told, key: UUID, refusal: Refused) -> Report:
        """An intent whose confirmation was refused as a request: it is given up, and failed by what was refused; or how
        it stands, if something else came first, or nothing is certain."""
        if not refusal.final:
            return refused(refusal, key)
        last = self._given_up(intent)
        given_up = last["status"] == "canceled" and last_error(last) is None
        return refused(refusal, key, str(last["id"])) if given_up else self._intents.told(last, key)

    def _opened(self, request: PaymentRequest, customer: str) -> Told:
        """Of a customer that was deleted at Stripe, with all methods, another is made, once: who is here pays anew."""
        try:
            intent = self._invoiced(request, customer) if not request.setup else None
            return intent or self._intent(request, customer, request.key.hex)
        except Refused as refusal:
            if not refusal.customer_gone or request.off_session or request.method is not None:
                raise
        return self._intent(request, self._instead_of(customer, request), f"{request.key.hex}-anew")

    def _intent(self, request: PaymentRequest, customer: str, key: str) -> Told:
        """A failure that Stripe keeps under our key bars it for a day. Opening moves no money, so the customer need not
        wait: what was made all the same is found, or is made under a second key. A charge waits until it is certain."""
        if request.setup:
            make, parameters = self._intents.create_setup, requests.setup(request, customer)
        else:
            make, parameters = self._intents.create_payment, requests.payment(request, customer)
        try:
            return make(parameters, key)
        except Replayed:
            if request.off_session:
                raise
            return self._intents.find(request.key, None) or make(parameters, f"{key}-again")

    def keep(self, account_id: UUID, live: Sequence[Recurring]) -> None:
        """As `ports.copies.Keeper`. Whoever never came to Stripe has nothing there."""
        customer = self._payers.find(NAME, account_id)
        if customer is not None:
            self._subscriptions.keep(customer, live)

    def keep_customer(self, customer: Customer) -> None:
        """As `ports.customers.CustomerKeeper`. Whoever never came to Stripe is not made a customer there."""
        ref = self._payers.find(NAME, customer.account_id)
        if ref is None:
            return
        try:
            ask(self._client.v1.customers.update, ref, {"name": customer.name, "email": customer.email})
        except Refused as refusal:
            raise CustomerRefused(str(refusal)) from None

    def _invoiced(self, request: PaymentRequest, customer: str) -> Told | None:
        """The intent of an invoice of Stripe's own, where it has a subscription that is begun or changed so."""
        return (
            self._subscriptions.open(request, customer) if self._capabilities.copies_subscriptions else None
        )

    def _given_up(self, intent: Told) -> Told:
        """An intent that can no longer succeed, or how it stands. One of an invoice ends with that."""
        if INVOICE not in intent["metadata"]:
            return self._intents.give_up(intent)
        self._subscriptions.give_up(intent)
        return self._intents.retrieve(intent["id"]) or intent

    def _customer(self, request: PaymentRequest) -> str:
        """Who the account is at Stripe. Two calls at once create one customer: its key is the account's id. Where
        Stripe keeps a failure under that, each attempt has a key of its own, and the first that is kept counts."""
        account_id = request.customer
        known = self._payers.find(NAME, account_id)
        if known is not None:
            return known
        wanted, key = {"metadata": {ACCOUNT: account_id.hex}}, f"customer-{account_id.hex}"
        try:
            created = ask(self._client.v1.customers.create, wanted, {"idempotency_key": key})
        except Replayed:
            other = {"idempotency_key": f"{key}-{request.key.hex}"}
            created = ask(self._client.v1.customers.create, wanted, other)
        return self._payers.keep(NAME, account_id, created["id"])

    def _instead_of(self, gone: str, request: PaymentRequest) -> str:
        """Another customer for the account; two calls at once make one."""
        wanted, key = {"metadata": {ACCOUNT: request.customer.hex}}, f"customer-{request.customer.hex}-{gone}"
        created = ask(self._client.v1.customers.create, wanted, {"idempotency_key": key})
        return self._payers.replace(NAME, request.customer, gone, created["id"])


def _intent_in(error: Told) -> Told | None:
    """The intent that an error is about: a decline has made one."""
    intent: Told | None = error.get("payment_intent") or error.get("setup_intent")
    return intent


def _chosen(intent: Told) -> str | None:
    """The method that an intent already has."""
    method = intent.get("payment_method")
    return method["id"] if isinstance(method, Mapping) else method


def _return_url(intent: Told) -> str | None:
    url: str | None = intent["metadata"].get(RETURN_URL)
    return url
