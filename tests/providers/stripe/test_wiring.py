"""Stripe is switched on by keys."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr, ValidationError

from solvent.config import Settings
from solvent.copies import copy_sinks
from solvent.customers import customer_sinks
from solvent.providers.boundary import Boundary
from solvent.wiring import build

KEYS = {
    "stripe_secret_key": SecretStr("sk_test_4eC39HqLyjWDarjtT1zdp7dc"),
    "stripe_webhook_secret": SecretStr("whsec_a-secret-of-the-endpoint"),
}
NOWHERE = "postgresql://127.0.0.1:1/none"  # nothing of the database is asked


def test_with_keys_stripe_is_there_behind_the_boundary_and_the_sandbox_is_not() -> None:
    settings = Settings.model_validate(KEYS)
    solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
    assert tuple(solvent.platform.providers.names()) == ("stripe",)
    assert isinstance(solvent.platform.providers.default, Boundary)
    solvent.close()


def test_copies_are_kept_where_the_merchant_wants_them() -> None:
    for wanted, sinks in (("none", []), ("copied", ["stripe-subscriptions"])):
        settings = Settings.model_validate(KEYS | {"stripe_subscriptions": wanted})
        solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
        assert [sink.name for sink in copy_sinks(solvent.platform, solvent.clock)] == sinks
        told = [sink.name for sink in customer_sinks(solvent.platform, lambda _: None)]
        assert told == ["stripe-customers"], "in both"
        solvent.close()


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_half_of_the_keys_is_refused_at_the_start_by_name(missing: str) -> None:
    some = {name: value for name, value in KEYS.items() if name != missing}
    with pytest.raises(ValidationError, match=f"Stripe also needs SOLVENT_{missing.upper()}"):
        Settings.model_validate(some)


def test_a_publishable_key_is_refused_without_being_printed() -> None:
    wrong = KEYS | {"stripe_secret_key": SecretStr("pk_test_publishable")}
    with pytest.raises(ValidationError, match="sk_… or rk_…") as raised:
        Settings.model_validate(wrong)
    assert "pk_test_publishable" not in str(raised.value)


def test_the_secrets_are_not_in_what_is_printed() -> None:
    printed = repr(Settings.model_validate(KEYS))
    assert "sk_test_" not in printed
    assert "whsec_" not in printed
