"""Subscriptions: Stripe's own, for a merchant who keeps them for a while.

Owns the two calls by which a payment begins or changes one, so that nothing of it holds before the payment, and the
making of the copies as our subscriptions are (decision 0032). None has a method that Stripe could charge by itself, and
none collects. Does not own prices (`prices`) nor the intents of their invoices (`intents`).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import stripe

from solvent.core.recurring import Recurring
from solvent.ports.copies import CopyRefused
from solvent.ports.provider import PaymentRequest, ProviderSilent
from solvent.providers.stripe import requests
from solvent.providers.stripe.calls import Refused, ask, pages
from solvent.providers.stripe.currencies import to_stripe
from solvent.providers.stripe.prices import Prices, can_be_shown
from solvent.providers.stripe.reading import KEY, Told, uuid_of

SUBSCRIPTION = "solvent_subscription"
VERSION = "solvent_version"
INVOICE = "solvent_stripe_invoice"
COPY = "solvent_stripe_subscription"
BEGINS = "solvent_begins"

_PAUSED = {"behavior": "void"}
_GOING_ON = frozenset({"active", "trialing", "past_due", "unpaid", "paused"})
_OWES = frozenset(
    {"past_due", "unpaid"}
)  # a period that began while Stripe might collect: nobody pays its invoice
_INVOICED = ["latest_invoice.payments"]

Items = Mapping[str, int]


class Subscriptions:
    """Stripe's subscriptions that are copies of ours."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._subscriptions = client.v1.subscriptions
        self._invoices = client.v1.invoices
        self._intents = client.v1.payment_intents
        self._prices = Prices(client)

    def open(self, request: PaymentRequest, customer: str) -> Told | None:
        """The intent of the invoice by which Stripe's subscription begins or changes once it is paid. None: Stripe
        cannot have such a subscription, or has none to change; the payment is then one as any other."""
        recurring = request.recurring
        if recurring is None or not can_be_shown(recurring):
            return None
        items = self._prices.quantities(recurring)
        if recurring.version == 1:
            begun = self._begin(request, recurring, items, customer)
            return self._named(request, recurring, begun)
        copy = self._copies(customer).get(recurring.subscription_id)
        changed = None if copy is None else self._change(request, recurring, items, copy)
        return None if changed is None else self._named(request, recurring, changed)

    def give_up(self, intent: Told) -> None:
        """Void the invoice of an intent, unless it is paid: then what it would have begun or changed is off."""
        self._void(intent["metadata"])

    def _void(self, written: Mapping[str, str]) -> None:
        try:
            ask(self._invoices.void_invoice, written[INVOICE])
        except Refused:
            return
        with suppress(Refused):
            if BEGINS in written:
                ask(self._subscriptions.cancel, written[COPY])
            else:
                ask(self._subscriptions.update, written[COPY], {"pause_collection": _PAUSED})

    def keep(self, customer: str, live: Sequence[Recurring]) -> None:
        """Make the customer's copies what ours are. One that we do not have is ended, if it was kept once: before that
        it may be of a payment that is being settled."""
        try:
            copies = self._copies(customer)
            for recurring in filter(can_be_shown, live):
                copy = copies.pop(recurring.subscription_id, None)
                items = self._prices.quantities(recurring)
                if copy is None or copy["status"] in _OWES:
                    copy = self._create(recurring, items, customer, instead_of=copy)
                self._follow(copy, recurring, items)
            for left in copies.values():
                if VERSION in left["metadata"]:
                    self._end(left["id"])
        except Refused as refusal:
            raise CopyRefused(f"Stripe refused to keep a subscription: {refusal}") from None

    def _end(self, ref: str) -> None:
        """End a copy; an earlier call that arrived late may have done so since it was listed."""
        try:
            ask(self._subscriptions.cancel, ref)
        except Refused as refusal:
            if not refusal.missing:
                raise

    def _begin(self, request: PaymentRequest, recurring: Recurring, items: Items, customer: str) -> Told:
        """One that is incomplete until its first invoice is paid; and that ends with its period unless it is kept."""
        return ask(
            self._subscriptions.create,
            {
                "customer": customer,
                "currency": request.currency.lower(),
                "items": _listed(items),
                "add_invoice_items": self._difference(request, to_stripe(recurring.amount, request.currency)),
                "payment_behavior": "default_incomplete",
                "payment_settings": _settings(request),
                "cancel_at_period_end": True,
                "metadata": {KEY: request.key.hex, SUBSCRIPTION: recurring.subscription_id.hex},
                "expand": _INVOICED,
            },
            {"idempotency_key": f"{request.key.hex}-begin"},
        )

    def _change(self, request: PaymentRequest, recurring: Recurring, items: Items, copy: Told) -> Told | None:
        """The difference as an update that waits for its invoice to be paid. Its prorations are Stripe's; a line makes
        them come to what is due here."""
        changes = _changes(copy, items)
        if not changes or copy["status"] != "active":
            return None
        paused_off = {"pause_collection": "", "payment_settings": _settings(request)}
        ask(self._subscriptions.update, copy["id"], paused_off)  # an invoice made while paused would be void
        try:
            return self._invoiced_change(request, recurring, changes, copy)
        except (Refused, ProviderSilent):
            with suppress(
                Refused, ProviderSilent
            ):  # what is lost here too is made good when the copy is kept
                ask(self._subscriptions.update, copy["id"], {"pause_collection": _PAUSED})
            raise

    def _invoiced_change(
        self, request: PaymentRequest, recurring: Recurring, changes: list[dict[str, Any]], copy: Told
    ) -> Told:
        prorated = {
            "items": changes,
            "proration_behavior": "always_invoice",
            "proration_date": _within(copy, int(recurring.at.timestamp())),
        }
        ahead = ask(
            self._invoices.create_preview, {"subscription": copy["id"], "subscription_details": prorated}
        )
        return ask(
            self._subscriptions.update,
            copy["id"],
            {
                **prorated,
                "payment_behavior": "pending_if_incomplete",
                "add_invoice_items": self._difference(request, ahead["total"]),
                "expand": _INVOICED,
            },
            {"idempotency_key": f"{request.key.hex}-change"},
        )

    def _named(self, request: PaymentRequest, recurring: Recurring, invoiced: Told) -> Told:
        """The intent of what was invoiced, with all that is written into one of our own. Only now can it be paid."""
        invoice = invoiced["latest_invoice"]
        written = requests.written(request) | {INVOICE: invoice["id"], COPY: invoiced["id"]}
        if recurring.version == 1:
            written[BEGINS] = "yes"
        parameters: dict[str, Any] = {
            "metadata": written,
            "description": request.description,
            "expand": requests.EXPANDED,
        }
        if request.method is not None:
            parameters["payment_method"], _ = requests.token_parts(request.method)
        ref = invoice["payments"]["data"][0]["payment"]["payment_intent"]
        key = {"idempotency_key": f"{request.key.hex}-name"}
        try:
            intent = ask(self._intents.update, ref, parameters, key)
        except Refused:
            self._void(written)
            raise
        if intent["amount"] != to_stripe(request.amount, request.currency):
            self.give_up(intent)  # Stripe has a balance of its own for this customer, and counted it in
            raise ProviderSilent("Stripe's invoice does not come to what is due")
        return intent

    def _difference(self, request: PaymentRequest, at_stripe: int) -> list[dict[str, Any]]:
        """What Stripe's invoice lacks, or has too much, against what is due here."""
        amount = to_stripe(request.amount, request.currency) - at_stripe
        if not amount:
            return []
        data = {
            "currency": request.currency.lower(),
            "product": self._prices.adjustment(),
            "unit_amount": amount,
        }
        return [{"price_data": data, "quantity": 1}]

    def _copies(self, customer: str) -> dict[UUID, Told]:
        """The customer's copies of ours that go on, by our id."""
        rows = pages(self._subscriptions.list, {"customer": customer, "status": "all"})
        ours = ((uuid_of(row["metadata"].get(SUBSCRIPTION)), row) for row in rows)
        return {id_: row for id_, row in ours if id_ is not None and row["status"] in _GOING_ON}

    def _create(
        self, recurring: Recurring, items: Items, customer: str, *, instead_of: Told | None = None
    ) -> Told:
        """One for which nothing is paid at Stripe: it was paid otherwise, or is on trial. The one that it replaces is
        ended, and what that would have collected is void."""
        if instead_of is not None:
            with suppress(Refused):
                ask(self._invoices.void_invoice, instead_of["latest_invoice"])
            self._end(instead_of["id"])
        until = int(recurring.until.timestamp())
        begins = {"trial_end": until} if recurring.trial else {"billing_cycle_anchor": until}
        name = f"{recurring.subscription_id.hex}-{recurring.version}"
        if instead_of is not None:
            name += f"-after-{instead_of['id']}"
        return ask(
            self._subscriptions.create,
            {
                "customer": customer,
                "currency": recurring.currency.lower(),
                "items": _listed(items),
                "proration_behavior": "none",
                "payment_behavior": "default_incomplete",
                "metadata": {SUBSCRIPTION: recurring.subscription_id.hex},
                **begins,
            },
            {"idempotency_key": f"{name}-copy"},
        )

    def _follow(self, copy: Told, recurring: Recurring, items: Items) -> None:
        """Make a copy as ours is, if it is not."""
        changes = _changes(copy, items)
        is_as_ours = (
            copy["metadata"].get(VERSION) == str(recurring.version)
            and copy["pause_collection"] is not None
            and copy["cancel_at_period_end"] is recurring.ends
        )
        if is_as_ours and not changes:
            return
        parameters: dict[str, Any] = {
            "metadata": {VERSION: str(recurring.version)},
            "pause_collection": _PAUSED,
            "cancel_at_period_end": recurring.ends,
        }
        if changes:
            parameters |= {"items": changes, "proration_behavior": "none"}
        ask(self._subscriptions.update, copy["id"], parameters)


def _listed(items: Items) -> list[dict[str, Any]]:
    return [{"price": ref, "quantity": quantity} for ref, quantity in items.items()]


def _changes(copy: Told, items: Items) -> list[dict[str, Any]]:
    """What makes the items of a copy these."""
    there = {row["price"]["id"]: row for row in copy["items"]["data"]}
    gone = [{"id": row["id"], "deleted": True} for ref, row in there.items() if ref not in items]
    other = [
        {"id": there[ref]["id"], "quantity": quantity}
        for ref, quantity in items.items()
        if ref in there and there[ref]["quantity"] != quantity
    ]
    return [*gone, *other, *_listed({ref: n for ref, n in items.items() if ref not in there})]


def _within(copy: Told, moment: int) -> int:
    """The moment, within the period that Stripe is in."""
    row = copy["items"]["data"][0]
    begins, until = int(row["current_period_start"]), int(row["current_period_end"])
    return max(begins, min(moment, until - 1))


def _settings(request: PaymentRequest) -> dict[str, Any]:
    """Only what is confirmed at once: a debit would leave a change waiting for longer than Stripe lets one wait. No
    method is made the default of the subscription, so that Stripe has none to charge."""
    return {"save_default_payment_method": "off", **requests.methods(request, [requests.CARD, "link"])}
