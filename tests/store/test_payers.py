"""Payers: what a provider calls an account is remembered once, whoever comes second."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from solvent.store.database import Database
from tests.store.worlds import World


def test_what_was_kept_first_stays(world: World, database: Database) -> None:
    account = world.account().id
    assert database.payers.find("bank", account) is None
    assert database.payers.keep("bank", account, "cus_1") == "cus_1"
    assert database.payers.keep("bank", account, "cus_2") == "cus_1"
    assert database.payers.find("bank", account) == "cus_1"
    assert database.payers.find("other", account) is None


def test_a_name_that_is_gone_is_replaced_once(world: World, database: Database) -> None:
    account = world.account().id
    database.payers.keep("bank", account, "cus_1")
    assert database.payers.replace("bank", account, "cus_1", "cus_2") == "cus_2"
    assert database.payers.replace("bank", account, "cus_1", "cus_3") == "cus_2"
    assert database.payers.find("bank", account) == "cus_2"


def test_two_at_once_agree(world: World, database: Database) -> None:
    account = world.account().id
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda n: database.payers.keep("bank", account, f"cus_{n}"), range(8)))
    assert len(set(kept)) == 1


def test_only_of_accounts_that_exist(database: Database) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        database.payers.keep("bank", UUID(int=7), "cus_1")
