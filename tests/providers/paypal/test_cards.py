"""A card in PayPal's vault, and a wallet: what each says of its end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from solvent.ports.provider import ProviderSilent
from tests.peers.paypal.state import Book

CARD = {"brand": "VISA", "last_digits": "4949", "expiry": "2028-02", "name": "Ada"}

World = Any


def becomes(book: Book, token: str, source: dict[str, object]) -> None:
    book.tokens[token.partition(".")[0]]["payment_source"] = source


def test_a_wallet_has_no_end_and_an_agreement_from_before_the_vault_says_nothing(world: World) -> None:
    seen = world.provider.get_method(world.vaulted())
    assert seen is not None
    assert seen.label.startswith("PayPal ")
    assert seen.expires_on is None
    assert world.provider.get_method("B-1234567890") is None
    assert world.provider.get_method("nothing.nobody") is None


def test_a_card_has_the_last_day_of_its_month(world: World) -> None:
    token = world.vaulted()
    becomes(world.peer.book, token, {"card": CARD})
    seen = world.provider.get_method(token)
    assert (seen.label, seen.expires_on) == ("Visa •••• 4949", date(2028, 2, 29))
    becomes(world.peer.book, token, {"card": {k: v for k, v in CARD.items() if k != "expiry"}})
    assert world.provider.get_method(token).expires_on is None


def test_an_answer_that_says_nothing_is_none(world: World) -> None:
    token = world.vaulted()
    becomes(world.peer.book, token, {"card": {"brand": "VISA"}})
    with pytest.raises(ProviderSilent, match="KeyError"):
        world.provider.get_method(token)
