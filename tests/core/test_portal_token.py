"""Portal tokens: each says what it was made for, and is nothing else."""

from datetime import UTC, datetime
from uuid import UUID

from solvent.core.portal_token import (
    link_token,
    read_link_token,
    read_session_token,
    read_shown_token,
    session_token,
    shown_token,
)
from solvent.core.request import Quoted

SESSION, OTHER = UUID(int=7), UUID(int=8)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SHOWN = Quoted(at=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), fingerprint="0f" * 16)


def test_each_says_what_it_was_made_for() -> None:
    assert read_link_token(link_token(SESSION, KEY), KEY) == SESSION
    assert read_session_token(session_token(SESSION, KEY), KEY) == SESSION
    assert read_shown_token(shown_token(SHOWN, SESSION, KEY), SESSION, KEY) == SHOWN


def test_none_is_another() -> None:
    assert read_session_token(link_token(SESSION, KEY), KEY) is None, "a link is no cookie"
    assert read_link_token(session_token(SESSION, KEY), KEY) is None
    assert read_link_token(link_token(SESSION, OTHER_KEY), KEY) is None
    assert read_shown_token(shown_token(SHOWN, OTHER, KEY), SESSION, KEY) is None, "of another visit"
    assert read_shown_token("x", SESSION, KEY) is None
