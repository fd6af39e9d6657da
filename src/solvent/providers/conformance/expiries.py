"""Expiries: cards that work until the end of a month, and that their bank renews.

Owns what an adapter must tell of that. Does not own what follows from it (`flows.expiring`).
"""

from datetime import timedelta

from solvent.core.expiry import last_day
from solvent.ports.provider import Subject
from solvent.providers.conformance.stage import Stage, pay


class Expiries:
    """What every adapter must do whose provider says until when cards work."""

    def test_a_card_that_was_vaulted_says_its_last_day_and_says_it_again(self, stage: Stage) -> None:
        method = pay(stage).method
        assert method is not None
        assert method.expires_on is not None
        assert (method.expires_on + timedelta(days=1)).day == 1, "it works to the end of its month"
        seen = stage.provider.get_method(method.token)
        assert seen is not None
        assert (seen.label, seen.expires_on) == (method.label, method.expires_on)

    def test_a_card_that_its_bank_renewed_is_told_by_its_token_and_shows_the_new_day(
        self, stage: Stage
    ) -> None:
        method = pay(stage).method
        assert method is not None
        stage.sent()
        stage.renew(method.token, 2041, 2)
        told = [stage.provider.parse(one.headers, one.body, stage.now) for one in stage.sent()]
        assert [(n.subject, n.ref, n.key) for n in told] == [(Subject.METHOD, method.token, None)]
        seen = stage.provider.get_method(method.token)
        assert seen is not None
        assert seen.expires_on == last_day(2041, 2)
