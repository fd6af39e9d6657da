"""PayPal is switched on by keys."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr, ValidationError

from solvent.config import Settings
from solvent.providers.boundary import Boundary
from solvent.wiring import build
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID

KEYS = {"paypal_client_id": CLIENT_ID, "paypal_secret": SecretStr(SECRET), "paypal_webhook_id": WEBHOOK_ID}
NOWHERE = "postgresql://127.0.0.1:1/none"  # nothing of the database is asked


def names(settings: Settings) -> tuple[str, ...]:
    solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
    assert all(
        isinstance(solvent.platform.providers.get(name), Boundary)
        for name in solvent.platform.providers.names()
    )
    solvent.close()
    return tuple(solvent.platform.providers.names())


@pytest.mark.parametrize("proof", ["certificate", "api"])
def test_with_keys_paypal_is_there_and_the_sandbox_is_not(proof: str) -> None:
    assert names(Settings.model_validate(KEYS | {"paypal_proof": proof})) == ("paypal",)


def test_the_sandbox_is_beside_it_only_where_it_is_asked_for() -> None:
    with_both = Settings.model_validate(KEYS | {"sandbox_url": "http://127.0.0.1:1"})
    assert names(with_both) == ("paypal", "sandbox", "sandpal")
    assert names(Settings()) == ("sandbox", "sandpal")


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_half_of_the_keys_is_refused_at_the_start_by_name(missing: str) -> None:
    some = {name: value for name, value in KEYS.items() if name != missing}
    with pytest.raises(ValidationError, match=f"PayPal also needs SOLVENT_{missing.upper()}"):
        Settings.model_validate(some)


def test_the_secret_is_not_in_what_is_printed() -> None:
    assert SECRET not in repr(Settings.model_validate(KEYS))


def test_its_rate_limit_is_its_own() -> None:
    settings = Settings.model_validate(KEYS | {"paypal_calls_per_s": 7, "stripe_calls_per_s": 11})
    solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
    boundary = solvent.platform.providers.default
    assert isinstance(boundary, Boundary)
    assert boundary._limits.calls_per_s == 7
    solvent.close()
    with pytest.raises(ValidationError, match="paypal_calls_per_s"):
        Settings.model_validate(KEYS | {"paypal_calls_per_s": 0})
