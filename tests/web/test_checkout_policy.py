"""The policy of the checkout page: somebody else's hosts stand in it only where they are on."""

from solvent.web.checkout_page import security_policy


def test_with_the_sandbox_there_is_nobody_else() -> None:
    policy = security_policy(["sandbox", "sandpal"])
    assert "script-src 'self'; style-src 'self'" in policy
    assert "https:" not in policy


def test_a_provider_and_a_check_that_are_on_are_let_in() -> None:
    policy = security_policy(["stripe", "turnstile"])
    assert "script-src 'self' https://js.stripe.com https://challenges.cloudflare.com;" in policy
    assert "connect-src 'self' https://api.stripe.com;" in policy
    assert "unsafe" not in policy
