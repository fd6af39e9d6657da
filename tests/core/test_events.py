"""The public names of events: consumers depend on them, so a change shows here."""

from __future__ import annotations

from solvent.core import events
from solvent.core.events import Event


def test_every_event_has_a_name_of_its_own() -> None:
    kinds = [
        x for x in vars(events).values() if isinstance(x, type) and issubclass(x, Event) and "type" in vars(x)
    ]
    assert sorted(kind.type for kind in kinds) == [
        "account.created",
        "account.profile_changed",
        "account.tax_changed",
        "account.terms_changed",
        "coupon.ended",
        "coupon.redeemed",
        "credit.expired",
        "credit.granted",
        "credit.refunded",
        "credit.taken",
        "credit.used",
        "credit.voided",
        "credit_note.issued",
        "dispute.lost",
        "dispute.opened",
        "dispute.updated",
        "dispute.won",
        "dunning.changed",
        "dunning.notice",
        "grace.granted",
        "grace.lifted",
        "invoice.issued",
        "invoice.paid",
        "invoice.reopened",
        "invoice.resolved",
        "invoice.uncollectible",
        "method.added",
        "method.detached",
        "method.invalidated",
        "payment.received",
        "payment.stranded",
        "refund.returned",
        "refund.settled",
        "standing.changed",
        "subscription.changed",
        "subscription.ended",
        "subscription.renewed",
        "subscription.scheduled",
        "subscription.started",
    ]
