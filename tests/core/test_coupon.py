"""The rules that a coupon keeps, alone and beside others."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from solvent.core.catalog import Catalog, CatalogError, validate
from solvent.core.coupon import Coupon, Duration, limits, spelled
from tests.core.conftest import PRICES, PRODUCTS
from tests.core.coupons import coupon, forever, repeating

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def problems(*coupons: Coupon) -> list[str]:
    catalog = Catalog(
        products={p.id: p for p in PRODUCTS},
        prices={p.id: p for p in PRICES},
        coupons={c.id: c for c in coupons},
    )
    return [f"{problem.field}: {problem.rule}" for problem in validate(catalog)]


@pytest.mark.parametrize(
    "sound",
    [
        coupon(),
        coupon(amount=500, limit=10, limit_per_account=None, valid_from=DAY),
        repeating("SAVE", 3, products=("pro", "seats"), exclusive=True),
        forever("SAVE", ppm=1_000_000, valid_from=DAY, valid_until=DAY.replace(year=2027)),
    ],
)
def test_a_sound_coupon_breaks_no_rule(sound: Coupon) -> None:
    assert problems(sound) == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (coupon("save"), "SAVE"),
        (replace(coupon(), id="SAVE@2"), "id: must be the code"),
        (coupon(name=" "), "name: must be 1 to 100"),
        (coupon(name="\u202dTen"), "name: must have no marks that turn its direction"),
        (replace(coupon(), ppm=None), "percent: must be given"),
        (replace(coupon(), amount=1, currency="USD"), "percent: must be given"),
        (coupon(ppm=0), "percent: must be more than 0"),
        (coupon(ppm=1_000_001), "percent: must be more than 0"),
        (coupon(amount=0), "amount: must be more than 0"),
        (coupon(currency="USD"), "currency: must be left out"),
        (coupon(amount=5, currency="XXX"), "currency: must be an active"),
        (replace(coupon(amount=5), currency=None), "currency: must be an active"),
        (coupon(periods=3), "periods: must be left out, unless it is repeating"),
        (coupon(duration=Duration.REPEATING), "periods: must be given with repeating"),
        (repeating("SAVE", 0), "periods: must be from 1"),
        (coupon(limit=0), "limit: must be from 1"),
        (coupon(limit_per_account=0), "limit_per_account: must be from 1"),
        (coupon(valid_from=DAY, valid_until=DAY), "valid_until: must be after valid_from"),
        (coupon(priority=10_000_000), "priority: must be from"),
        (coupon(products=("nope",)), "products[0]: must name a product"),
        (coupon(products=("pro", "pro")), "products[1]: must not repeat"),
        (coupon(version=2), "supersedes: must name the version before"),
        (coupon(supersedes="SAVE@1"), "supersedes: must be empty in version 1"),
    ],
)
def test_a_broken_coupon_is_told_by_field_and_rule(broken: Coupon, told: str) -> None:
    found = problems(broken)
    if told == "SAVE":
        assert "coupons.save@1.code: must be 1 to 64 capital letters" in found[0]
    else:
        assert any(told in problem for problem in found), found


def test_of_a_code_one_version_is_on_offer() -> None:
    first, second = coupon(active=False), coupon(version=2, supersedes="SAVE@1", ppm=100_000)
    assert problems(first, second) == []
    assert any("active: must be true of one" in x for x in problems(replace(first, active=True), second))
    assert any("version: must occur once" in x for x in problems(first, replace(first, id="SAVE@x")))


def test_a_catalog_finds_coupons_by_id_and_by_code() -> None:
    first, second = coupon(active=False), coupon(version=2, supersedes="SAVE@1")
    catalog = Catalog.checked(PRODUCTS, PRICES, coupons=[first, second, coupon("GONE", active=False)])
    assert catalog.coupon("SAVE@1") is first
    assert catalog.coupon_of("SAVE") is second
    assert catalog.coupon_of("SAVE") is second
    assert catalog.coupon_of("GONE") is None
    with pytest.raises(CatalogError, match="must name a coupon"):
        catalog.coupon("SAVE@3")
    with pytest.raises(CatalogError, match="must occur once"):
        Catalog.checked(PRODUCTS, PRICES, coupons=[second, second])


def test_a_coupon_says_what_it_takes_off_and_how_long() -> None:
    assert [str(x) for x in (coupon(ppm=125_000), coupon(amount=500))] == ["12.5 % off", "5.00 USD off"]
    assert str(coupon(amount=1500, currency="KWD")) == "1.500 KWD off"
    assert [x.periods_max for x in (coupon(), repeating("R", 3), forever("F"))] == [1, 3, None]
    assert spelled(" spring-26 ") == "SPRING-26"


def test_a_limit_lies_in_one_bucket_that_of_its_account_or_of_its_code() -> None:
    one, other = UUID(int=0x17), UUID(int=0x2A)
    mine, all_ = limits("SAVE", one, 100, 2)
    assert (mine.bucket, mine.most, mine.rule) == (
        0x17,
        2,
        "must not be redeemed more than 2 times by one account",
    )
    assert (all_.most, all_.rule) == (100, "must have a redemption left: all of 100 are used")
    assert limits("SAVE", other, 100, None) == (all_,)
    assert mine.holder != limits("SAVE", other, None, 1)[0].holder
    assert limits("SAVE", one, None, 1)[0].rule.endswith("more than once by one account")
    assert len({limits(f"CODE{n}", one, 1, None)[0].bucket for n in range(50)}) > 20
