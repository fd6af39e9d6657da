"""Stripe passes the conformance kit, through its own library, over real HTTP with real faults."""

from solvent.providers.conformance import (
    Basics,
    Causes,
    Challenges,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
)


class TestStripe(
    Basics, Causes, Challenges, Delays, Disputes, Expiries, Notifications, Outages, Refunds, Statements
):
    """Cards, wallets and bank debits; the stage is the fixture of this folder."""
