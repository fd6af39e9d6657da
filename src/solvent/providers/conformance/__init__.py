"""The conformance kit: the tests that every adapter must pass, ours and yours.

A module of tests gives the classes a `stage`, which says how the provider (or a server that stands for it) is played:

    from solvent.providers.conformance import Abilities, Basics, Causes, Notifications, Outages, Refunds, Statements

    class TestMine(Abilities, Basics, Causes, Notifications, Outages, Refunds, Statements):
        @pytest.fixture
        def stage(self) -> Stage: ...

`Basics` asserts that every class is there which the adapter's capabilities call for: `Brought`, `Challenges`,
`Redirects`, `Customers`, `Delays`, `Disputes`, `Expiries`, `Imports`. What is about charges without the customer, or
about mandates, is skipped with that reason where the table says that there are none, and that there are none is tested.
Of an adapter whose payments the merchant records, `Recorded` is all. Needs pytest. Owns what a provider must do; does
not own how any provider is played.
"""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{part}"
        for part in (
            "abilities",
            "actions",
            "basics",
            "customers",
            "disputes",
            "expiries",
            "imports",
            "notices",
            "outages",
            "recorded",
            "refunds",
            "statements",
        )
    )
)

from solvent.providers.conformance.abilities import Abilities  # noqa: E402 - rewritten
from solvent.providers.conformance.actions import Brought, Causes, Challenges, Delays, Redirects  # noqa: E402
from solvent.providers.conformance.basics import Basics  # noqa: E402
from solvent.providers.conformance.customers import Customers  # noqa: E402
from solvent.providers.conformance.disputes import Disputes  # noqa: E402
from solvent.providers.conformance.expiries import Expiries  # noqa: E402
from solvent.providers.conformance.imports import Imports  # noqa: E402
from solvent.providers.conformance.notices import Notifications  # noqa: E402
from solvent.providers.conformance.outages import Outages  # noqa: E402
from solvent.providers.conformance.recorded import Recorded  # noqa: E402
from solvent.providers.conformance.refunds import Refunds  # noqa: E402
from solvent.providers.conformance.stage import (  # noqa: E402
    Card,
    Fault,
    Remembered,
    Sent,
    Stage,
    charge_request,
    pay,
    payment_request,
    refund_request,
    sold,
)
from solvent.providers.conformance.statements import Statements  # noqa: E402

__all__ = [
    "Abilities",
    "Basics",
    "Brought",
    "Card",
    "Causes",
    "Challenges",
    "Customers",
    "Delays",
    "Disputes",
    "Expiries",
    "Fault",
    "Imports",
    "Notifications",
    "Outages",
    "Recorded",
    "Redirects",
    "Refunds",
    "Remembered",
    "Sent",
    "Stage",
    "Statements",
    "charge_request",
    "pay",
    "payment_request",
    "refund_request",
    "sold",
]
