"""Intents: payment and setup intents alike, as calls.

Owns creating, finding, confirming, cancelling and listing them. Which of the two an intent is shows in its id. Does not
own what is asked for (`requests`) nor what it means (`reading`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import stripe

from solvent.core.ids import drawn_by
from solvent.core.payment import Outcome, Report
from solvent.ports.provider import ProviderSilent
from solvent.providers.stripe.calls import PAGE_ROWS, Refused, Replayed, ask, changed, pages
from solvent.providers.stripe.reading import KEY, Told, key_of, report_of
from solvent.providers.stripe.requests import EXPANDED, EXPANDED_SETUP, Parameters

SETUP_PREFIX = "seti_"
SETUP_AGE_MAX = timedelta(hours=26)  # longer than the longest life of an attempt on-session
CLOCKS_APART_MAX = timedelta(days=1)  # Stripe's and ours, by which ids are drawn

_CHANGES = [
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "setup_intent.canceled",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
]


class Intents:
    """The merchant's intents. `clock` is the present, for the age of setups."""

    def __init__(self, client: stripe.StripeClient, clock: Callable[[], datetime]) -> None:
        self._payments = client.v1.payment_intents
        self._setups = client.v1.setup_intents
        self._events = client.v1.events
        self._clock = clock

    def told(self, intent: Told, key: UUID) -> Report:
        """An intent in our words; one that lacks what it must say cannot be read."""
        try:
            return report_of(intent, key)
        except (KeyError, TypeError, ValueError) as fault:
            raise ProviderSilent(f"Stripe's answer cannot be read: {type(fault).__name__}") from None

    def create_payment(self, parameters: Parameters, key: str) -> Told:
        """A payment intent, once under that key."""
        return ask(self._payments.create, parameters, {"idempotency_key": key})

    def create_setup(self, parameters: Parameters, key: str) -> Told:
        """A setup intent, once under that key."""
        return ask(self._setups.create, parameters, {"idempotency_key": key})

    def confirm(self, intent: Told, key: UUID, method: str, return_url: str | None) -> Told:
        """Confirm with a method. The key names the method too: with another one it is another confirmation."""
        ref = intent["id"]
        parameters: Parameters = {"payment_method": method, "expand": _expanded(ref)}
        if return_url is not None:
            parameters["return_url"] = return_url
        service = self._setups if ref.startswith(SETUP_PREFIX) else self._payments
        once = f"{key.hex}-{method}"
        try:
            return ask(service.confirm, ref, parameters, {"idempotency_key": once})
        except Replayed:  # an intent is paid once, under whatever key it is confirmed
            return ask(service.confirm, ref, parameters, {"idempotency_key": f"{once}-again"})

    def give_up(self, intent: Told) -> Told:
        """Cancel an intent; where that comes too late, how it stands."""
        ref = intent["id"]
        service = self._setups if ref.startswith(SETUP_PREFIX) else self._payments
        try:
            return ask(service.cancel, ref, {"cancellation_reason": "abandoned", "expand": _expanded(ref)})
        except Refused:
            return self.retrieve(ref) or intent

    def find(self, key: UUID, ref: str | None) -> Told | None:
        """The intent of an attempt, by its id where that is known. What a search finds may be a minute old."""
        if ref is not None:
            return self.retrieve(ref)
        for found in self._search(key):
            return self.retrieve(found["id"])
        return self._find_setup(key)

    def made(self, customer: str, key: UUID, *, setup: bool) -> Told | None:
        """The intent of an attempt among its customer's, of which Stripe's list is never behind, as its search may be.
        Of a customer that Stripe no longer lists, what the search knows."""
        service, parts = (self._setups, EXPANDED_SETUP) if setup else (self._payments, EXPANDED)
        begin = drawn_by(key, self._clock()) - CLOCKS_APART_MAX
        parameters = {
            "customer": customer,
            "created": {"gte": max(0, int(begin.timestamp()))},
            "expand": [f"data.{part}" for part in parts],
        }
        try:
            return next((one for one in pages(service.list, parameters) if key_of(one) == key), None)
        except Refused:
            return self.find(key, None)

    def movements(self, key: UUID, ref: str | None) -> list[Report]:
        """The intents under a key that have moved money. What a search does not know yet is looked up by `ref`."""
        found = {intent["id"]: intent for intent in self._search(key)}
        if ref is not None and ref not in found and not ref.startswith(SETUP_PREFIX):
            known = self.retrieve(ref)
            found |= {} if known is None or key_of(known) != key else {ref: known}
        reports = [self.told(intent, key) for intent in found.values()]
        return [report for report in reports if report.outcome is Outcome.SUCCEEDED and report.amount]

    def changed(self, since: datetime) -> Iterator[Report]:
        """The intents with an event since then, in the order of their last one, each as it stands now."""
        for thing in changed(self._events.list, since, _CHANGES):
            intent = self.retrieve(thing["id"]) if key_of(thing) is not None else None
            key = key_of(intent) if intent is not None else None
            if intent is not None and key is not None:
                yield self.told(intent, key)

    def retrieve(self, ref: str) -> Told | None:
        """An intent by its id."""
        service = self._setups if ref.startswith(SETUP_PREFIX) else self._payments
        try:
            return ask(service.retrieve, ref, {"expand": _expanded(ref)})
        except Refused as refusal:
            if refusal.missing:
                return None
            raise ProviderSilent(f"Stripe refused a look-up: {refusal}") from None

    def _search(self, key: UUID) -> list[Told]:
        query = f"metadata['{KEY}']:'{key.hex}'"
        parameters = {"query": query, "expand": [f"data.{part}" for part in EXPANDED], "limit": PAGE_ROWS}
        try:
            rows = ask(self._payments.search, parameters)["data"]
        except Refused as refusal:
            raise ProviderSilent(f"Stripe refused a search: {refusal}") from None
        return [row for row in rows if key_of(row) == key]

    def _find_setup(self, key: UUID) -> Told | None:
        """Setups cannot be searched for; they are few, and one that matters is young."""
        created = {"gte": int((self._clock() - SETUP_AGE_MAX).timestamp())}
        parameters = {"created": created, "expand": [f"data.{part}" for part in EXPANDED_SETUP]}
        try:
            return next((one for one in pages(self._setups.list, parameters) if key_of(one) == key), None)
        except Refused as refusal:
            raise ProviderSilent(f"Stripe refused a list: {refusal}") from None


def _expanded(ref: str) -> list[str]:
    return EXPANDED_SETUP if ref.startswith(SETUP_PREFIX) else EXPANDED
