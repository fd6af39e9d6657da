"""The sweep of the whole fleet, as the command line runs it: by several processes, interrupted, and only looking."""

from __future__ import annotations

import re

import psycopg
import pytest

from bench.fleet import make_fleet, present
from solvent.core.ids import spell
from tests.cli.conftest import Run

ACCOUNTS = 300
ONE = "select account_id from entitlement order by account_id limit 1"
DRIFT = "delete from entitlement where account_id = %s"
INTERRUPTED = "update fleet_sweep set ended_at = null where bucket in (3, 200)"


def words(run: Run, *given: str) -> str:
    result = run("recompute", *given)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_the_fleet_is_swept_by_several_processes_and_goes_on_where_it_was(
    run: Run, database_url: str
) -> None:
    make_fleet(database_url, ACCOUNTS, present())
    assert words(run, "--all", "--workers", "2") == "300 accounts, 300 read whole, 0 not at rest"
    assert words(run, "--all", "--workers", "1") == "300 accounts, 0 read whole, 0 not at rest"
    with psycopg.connect(database_url) as connection:
        ((account,),) = connection.execute(ONE).fetchall()
        connection.execute(DRIFT, (account,))
        connection.execute(INTERRUPTED)
    words_of = "1 whose stores contradict each other 1 had other entitlements than the facts say"
    changed = f"{words_of} {{}} {spell('acc', account)}"
    observed = words(run, "--all", "--observe", "--workers", "1")
    assert observed == f"300 accounts, 1 read whole, 1 not at rest {changed.format('would be changed:')}"
    again = words(run, "--all", "--workers", "1")
    assert again.startswith("goes on with the sweep of ")
    assert again.endswith("3 accounts, 0 read whole, 0 not at rest")
    found = words(run, "--all", "--anew", "--workers", "1")
    assert found == f"300 accounts, 1 read whole, 1 not at rest {changed.format('were changed:')}"
    with psycopg.connect(database_url) as connection:
        assert connection.execute(ONE).fetchone() == (account,)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "ACCOUNT: name one account, or --all of them"),
        (("acc_1", "--all"), "ACCOUNT: name one account, or --all of them"),
        (("acc_1", "--observe"), "--observe, --anew and --workers go with --all"),
    ],
)
def test_what_cannot_be_meant_is_refused(refused: Run, given: tuple[str, ...], says: str) -> None:
    result = refused("recompute", *given)
    assert (result.exit_code, says in " ".join(result.output.split())) == (2, True)


def test_who_cannot_be_read_is_named_and_holds_up_nobody(run: Run, database_url: str) -> None:
    make_fleet(database_url, 16, present())
    with psycopg.connect(database_url) as connection:
        connection.execute("update item set booked_price = 'gone@1' where bucket = 5")
        ((account,),) = connection.execute("select id from account where bucket = 5").fetchall()
    result = run("recompute", "--all", "--workers", "1")
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert said.startswith("16 accounts, 16 read whole, 0 not at rest cannot be swept:")
    assert f"{spell('acc', account)}: " in said
    again = run("recompute", "--all", "--workers", "1")
    assert "16 accounts, 1 read whole" in again.output


def test_a_process_that_cannot_go_on_is_told(run: Run, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("drop table examined")
    result = run("recompute", "--all", "--workers", "2")
    assert result.exit_code == 1
    assert re.search(r"error bucket [01]: UndefinedTable", result.output)
