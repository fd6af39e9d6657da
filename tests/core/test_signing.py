"""Which key signs when, and which are published: before use, and until the last token has expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from solvent.core.signing import (
    CLOCK_SKEW_MAX,
    LEAD,
    PUBLISHED_AGE_MAX,
    TOKEN_LIFE_MAX,
    KeyTimes,
    next_signs_from,
    published,
    signer,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
OVER = TOKEN_LIFE_MAX + CLOCK_SKEW_MAX


def key(kid: str, signs_from: datetime) -> KeyTimes:
    return KeyTimes(kid=kid, made_at=NOW, signs_from=signs_from)


def kids(keys: tuple[KeyTimes, ...]) -> list[str]:
    return [k.kid for k in keys]


def test_without_keys_nothing_signs_and_the_first_one_may_at_once() -> None:
    assert signer([], NOW) is None
    assert published([], NOW) == ()
    assert next_signs_from([], NOW) == NOW


def test_a_key_is_published_before_it_signs() -> None:
    old, new = key("old", NOW), key("new", NOW + LEAD)
    assert signer([old, new], NOW + LEAD - INSTANT) == old
    assert signer([new, old], NOW + LEAD) == new
    assert kids(published([new, old], NOW)) == ["old", "new"]
    assert LEAD > PUBLISHED_AGE_MAX  # whoever checks tokens has asked for the keys in between


def test_a_key_stays_published_until_its_last_token_has_expired() -> None:
    keys = [key("old", NOW), key("new", NOW + LEAD)]
    assert kids(published(keys, NOW + LEAD + OVER - INSTANT)) == ["old", "new"]
    assert kids(published(keys, NOW + LEAD + OVER)) == ["new"]


def test_one_key_waits_at_a_time() -> None:
    keys = [key("old", NOW)]
    later = next_signs_from(keys, NOW)
    assert later == NOW + LEAD
    keys.append(key("new", later))
    assert next_signs_from(keys, NOW) is None
    assert next_signs_from(keys, later) == later + LEAD
