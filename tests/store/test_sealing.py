"""Sealing: what was sealed opens under the same secret and for the same purpose, and is nothing to anybody else."""

from datetime import UTC, datetime

import pytest

from solvent.store.link_keys import LinkKeys
from solvent.store.sealing import Seal, SealBrokenError, SealedAddresses
from tests.store.worlds import World

SECRET = "a-secret-of-sixteen"
BACK = "https://shop.example/checkout/link"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_what_is_sealed_opens_for_its_purpose_alone() -> None:
    sealed = Seal(SECRET, "one thing").close(b"word")
    assert b"word" not in sealed
    assert Seal(SECRET, "one thing").open(sealed, sealed=True) == b"word"
    for other in (
        Seal(SECRET, "another"),
        Seal("another-secret-of-ours", "one thing"),
        Seal(None, "one thing"),
    ):
        with pytest.raises(SealBrokenError):
            other.open(sealed, sealed=True)


def test_a_return_address_is_sealed_where_there_is_a_secret() -> None:
    sealed = SealedAddresses(SECRET).close(BACK)
    assert "shop" not in sealed
    assert SealedAddresses(SECRET).open(sealed) == BACK
    assert SealedAddresses(SECRET).open(BACK) == BACK, "from before there was a secret"
    assert SealedAddresses("another-secret-of-ours").open(sealed) is None
    assert SealedAddresses(None).close(BACK) == BACK


def test_the_key_of_links_is_sealed_and_shared(world: World) -> None:
    pool = world.database.pool
    key = LinkKeys(pool, SECRET).key(NOW)
    assert LinkKeys(pool, SECRET).key(NOW) == key
    ((kept,),) = world.rows("select secret from link_key")
    assert isinstance(kept, bytes)
    assert key not in kept
    with pytest.raises(SealBrokenError):
        LinkKeys(pool, None).key(NOW)
