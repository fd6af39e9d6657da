"""What a browser may do for a page: somebody else's hosts stand in its policy only where they are on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solvent.config import Settings
from solvent.providers.stripe.currencies import CURRENCIES, to_stripe
from solvent.providers.stripe.requests import types_of
from solvent.web.pages.browser_policy import opener_policy, parted, scripted_policy
from solvent.web.pages.layout import security_headers

STRIPE_TS = Path(__file__).parents[2] / "frontend" / "src" / "providers" / "stripe_js.ts"


def test_with_the_sandbox_there_is_nobody_else() -> None:
    policy = scripted_policy(["sandbox", "sandpal"], "n0nce")
    assert "script-src 'self'; style-src 'self'" in policy
    assert "https:" not in policy
    assert "nonce" not in policy
    assert opener_policy(["sandbox"]) == "same-origin"


def test_a_provider_and_a_check_that_are_on_are_let_in() -> None:
    policy = scripted_policy(["stripe", "turnstile"], "n0nce")
    assert (
        "script-src 'self' https://js.stripe.com https://*.js.stripe.com https://challenges.cloudflare.com;"
        in policy
    )
    assert "connect-src 'self' https://api.stripe.com;" in policy
    assert "paypal" not in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy


def test_what_paypals_script_adds_to_the_page_bears_the_nonce_of_the_page() -> None:
    policy = scripted_policy(["paypal"], "n0nce")
    assert "style-src 'self' 'nonce-n0nce' https://*.paypal.com https://*.paypalobjects.com;" in policy
    assert "unsafe" not in policy


def test_a_page_with_a_part_keeps_every_other_header() -> None:
    plain, with_part = dict(security_headers(scripted=True)), dict(parted(security_headers(), ["stripe"]))
    assert plain.keys() == with_part.keys()
    changed = {name for name in plain if plain[name] != with_part[name]}
    assert changed == {"content-security-policy", "cross-origin-opener-policy"}


def test_the_page_names_and_counts_as_the_adapter_does() -> None:
    source = STRIPE_TS.read_text(encoding="utf-8")
    debits = dict(re.findall(r"^  ([A-Z]{3}): '(\w+)',$", source, re.MULTILINE))
    assert debits == {
        code: found[0] for code in CURRENCIES for found in [types_of("bank_debit", code)] if found
    }
    hundredths = re.findall(r"HUNDREDTHS = new Set\(\[(.*?)\]\)", source)[0]
    assert set(re.findall(r"[A-Z]{3}", hundredths)) == {c for c in CURRENCIES if to_stripe(1, c) == 100}
    assert (types_of("card", "USD"), types_of("wallet", "USD")) == (["card"], ["card", "link"])


@pytest.mark.parametrize(
    ("key", "rule"), [("sk_test_x", "must be a publishable key"), ("pk_live_x", "must be of the mode")]
)
def test_a_publishable_key_that_is_none_is_refused_at_the_start(key: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Settings.model_validate(
            {
                "stripe_secret_key": "sk_test_x",
                "stripe_webhook_secret": "whsec_x",
                "stripe_publishable_key": key,
            }
        )
