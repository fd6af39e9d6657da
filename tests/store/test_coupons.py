"""Coupons in the database: declared in versions, immutable, and their seats counted by constraints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from solvent.core.catalog import CatalogError
from solvent.core.coupon import Duration, Limit
from solvent.store import catalog_file, offers
from solvent.store.coupon_offers import CouponDraft
from solvent.store.database import Database
from tests.store.worlds import NOW, World

DRAFT = CouponDraft(code="SAVE", name="Spring", duration=Duration.ONCE, ppm=200_000)
LIMIT = Limit(bucket=7, holder="*:SAVE", most=2, rule="must have one left")
LINE = "{code: SAVE, name: Spring, "


def apply(database: Database, *drafts: CouponDraft) -> list[str]:
    return offers.apply(database, coupons=drafts, now=NOW)


def test_a_changed_coupon_is_a_next_version_that_takes_the_place_of_the_old(database: Database) -> None:
    assert apply(database, DRAFT) == ["coupon SAVE@1: added"]
    assert apply(database, DRAFT) == []
    changed = replace(DRAFT, ppm=100_000, limit=5)
    assert apply(database, changed) == ["coupon SAVE@1: off offer", "coupon SAVE@2: added, supersedes SAVE@1"]
    assert apply(database, replace(changed, active=False)) == ["coupon SAVE@2: off offer"]
    assert apply(database, replace(changed, active=False)) == []
    assert apply(database, changed) == ["coupon SAVE@2: on offer"]
    assert apply(database, replace(changed, active=False)) == ["coupon SAVE@2: off offer"]
    assert apply(database, replace(DRAFT, priority=1)) == ["coupon SAVE@3: added, supersedes SAVE@2"]
    database.shelf._checked_s = 0.0
    catalog = database.catalog()
    assert [(c.id, c.ppm, c.active) for c in catalog.coupons.values()] == [
        ("SAVE@1", 200_000, False), ("SAVE@2", 100_000, False), ("SAVE@3", 200_000, True)
    ]  # fmt: skip


def test_a_code_is_known_at_once_to_whoever_names_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent.store.shelf.CHECK_INTERVAL_S", 3600)
    assert database.catalog().coupon_of("NEW") is None
    apply(database, replace(DRAFT, code="NEW"))
    assert database.catalog().coupon_of("NEW") is None
    found = database.catalog(["NEW"]).coupon_of("NEW")
    assert found is not None
    assert found.id == "NEW@1"
    assert database.catalog(["NEVER"]).coupon_of("NEVER") is None


def test_a_declaration_that_breaks_a_rule_writes_nothing(database: Database) -> None:
    with pytest.raises(CatalogError, match=r"products.0.: must name a product"):
        apply(database, DRAFT, replace(DRAFT, code="OTHER", products=("nope",)))
    with pytest.raises(CatalogError, match=r"coupons.SAVE: must occur once"):
        apply(database, DRAFT, DRAFT)
    assert database.catalog().coupons == {}


def test_all_that_a_file_says_of_a_coupon_is_kept(database: Database) -> None:
    text = (
        "coupons: [{code: A, name: Fixed, amount: '1.250', currency: KWD, duration: repeating, periods: 3,"
        " limit: 9, limit_per_account: null, valid_from: 2026-01-01T00:00:00Z, valid_until: 2026-02-01T01:00:00+01:00,"
        " exclusive: true, priority: -3, active: false}, {code: B, name: Percent, percent: '12.5'}]"
    )
    apply(database, *catalog_file.parse(text).coupons)
    fixed, percent = database.catalog().coupons.values()
    assert (fixed.amount, fixed.currency, fixed.ppm, fixed.periods) == (1250, "KWD", None, 3)
    assert (fixed.limit, fixed.limit_per_account, fixed.exclusive, fixed.priority) == (9, None, True, -3)
    assert (fixed.valid_from, fixed.valid_until) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
    )
    assert (percent.ppm, percent.duration, percent.limit_per_account) == (125_000, Duration.ONCE, 1)
    assert apply(database, *catalog_file.parse(text).coupons) == []


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("percent: 20}", "coupons[0].percent", "Expected `str | null`"),
        ("percent: '20.00001'}", "coupons[0].percent", "at most 4 decimals"),
        ("percent: x}", "coupons[0].percent", "plain decimal"),
        ("amount: '5.001', currency: USD}", "coupons[0].amount", "USD has 2 decimals"),
        ("amount: '5'}", "coupons[0].currency", "must be given with an amount"),
        ("percent: '5', currency: USD}", "coupons[0].currency", "must be given with an amount"),
        ("percent: '5', duration: twice}", "coupons[0].duration", "twice"),
        ("percent: '5', limit: 0}", "coupons[0].limit", ">= 1"),
        ("percent: '5', valid_from: 2026-01-01T00:00:00}", "coupons[0].valid_from", "timezone"),
        ("percent: '5', colour: red}", "coupons[0]", "unknown field `colour`"),
    ],
)
def test_an_error_in_the_file_names_the_field(text: str, field: str, rule: str) -> None:
    with pytest.raises(CatalogError) as broken:
        catalog_file.parse(f"coupons: [{LINE}{text}]")
    assert broken.value.field == field
    assert rule in broken.value.rule


def test_the_database_keeps_coupons_and_counts_seats(world: World) -> None:
    apply(world.database, DRAFT)
    first, second, third = uuid4(), uuid4(), uuid4()
    with world.database.begin() as tx:
        assert [tx.seats.take(LIMIT, i, NOW) for i in (first, first, second, third)] == [
            True,
            True,
            True,
            False,
        ]
    attacks = [
        "update coupon set ppm = 1",
        "delete from coupon",
        "update coupon_tally set taken = taken + 1",
        "delete from coupon_tally",
        f"insert into coupon_seat (bucket, holder, attempt_id, taken_at) values (7, '*:SAVE', '{first}', now())",
        f"insert into coupon_seat (bucket, holder, attempt_id, taken_at) values (7, 'X', '{third}', now())",
    ]
    for attack in attacks:
        with pytest.raises(psycopg.errors.IntegrityError), world.database.transaction() as connection:
            connection.execute(attack)


def test_seats_are_sorted_out_by_what_became_of_their_attempts(database: Database) -> None:
    ids = [uuid4() for _ in range(3)]
    with database.begin() as tx:
        assert (tx.seats.held(LIMIT, 5).taken, tx.seats.held(LIMIT, 5).held) == (0, ())
        for moment, identifier in enumerate(ids[:2]):
            tx.seats.take(LIMIT, identifier, NOW.replace(hour=moment))
    with database.begin() as tx:
        assert tx.seats.held(LIMIT, 1).held == (ids[0],)
        tx.seats.sort_out(LIMIT, committed=[ids[0]], ended=[ids[1]])
        tx.seats.sort_out(LIMIT, committed=[], ended=[ids[0]])  # kept for good
        seen = tx.seats.held(LIMIT, 5)
    assert (seen.taken, seen.held) == (1, ())
