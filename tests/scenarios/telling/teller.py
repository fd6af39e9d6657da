"""Teller: runs a story and tells what happened.

Owns the way through a script: from step to step, living through every due moment in between, and writing down under the
step what came of it and under a moment of its own what the clock did. Does not own what steps mean (`acts`, `staff`),
what is told (`diary`, `books`), nor the file (`script`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from solvent.config import Settings
from solvent.core.catalog import Catalog, Price
from solvent.core.coupon import Coupon
from solvent.core.money import format_minor, format_scaled
from solvent.core.product import Scheme
from solvent.sim import World
from tests.scenarios.telling import acts, books, staff
from tests.scenarios.telling.cast import Cast, local, zone_of
from tests.scenarios.telling.diary import Diary
from tests.scenarios.telling.script import Script, Step
from tests.scenarios.telling.shop import BUCKET, Shop

BOOKS = "the books"
LOOK = "looks at the account"


def retold(script: Script, shop: Shop) -> Script:
    """The same story, with what is told of it by living through it."""
    settings = Settings.model_validate(dict(_setting(value) for value in script.values("Settings")))
    begin = local(script.steps[0].at, zone_of(script.values("Account")[0]))
    world = World(shop.cleared(), start=begin, seed=1, buckets=[BUCKET])
    policy, convention = settings.policy(), settings.convention()
    world.platform = replace(world.platform, policy=policy, convention=convention)
    cast = Cast(world, script.values("Account"))
    telling = _Telling(cast)
    steps = [telling.step(step, after) for step, after in _with_next(script.steps)]
    prices = list(_prices(cast.catalog, script))
    return replace(script, steps=steps, prices=prices, end=[books.every_law(world)])


def _setting(told: str) -> tuple[str, str]:
    key, _, value = told.partition("=")
    return key.strip(), value.strip()


def _with_next(steps: list[Step]) -> Iterator[tuple[Step, Step | None]]:
    yield from zip(steps, [*steps[1:], None], strict=True)


class _Telling:
    """The cast with a diary for each customer."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._world = cast.world
        self._diaries = {name: Diary(customer, cast.zone) for name, customer in cast.customers.items()}
        self._news()

    def step(self, step: Step, after: Step | None) -> Step:
        """Do a step, and live until the next one."""
        assert self._world.now == self._cast.moment(step.at), f"{step.at} is not after the step before"
        told = [f"    {line}" for line in self._do(step)] if step.text != BOOKS else self._balance()
        self._world.work()
        told += self._news()
        if after is not None:
            told += self._live(self._cast.moment(after.at))
        return replace(step, told=told)

    def _do(self, step: Step) -> list[str]:
        who, _, what = step.text.partition(" ")
        if what == LOOK:
            self._diaries[who].look()
            return []
        if customer := self._cast.customers.get(who):
            return acts.perform(self._cast, customer, what)
        return staff.perform(self._cast, step.text)

    def _balance(self) -> list[str]:
        return books.trial_balance(self._world, self._world.now)

    def _live(self, until: datetime) -> list[str]:
        """Everything that falls due until then, each moment under its own date."""
        told: list[str] = []
        while self._world.tick(not_after=until):
            told += self._dated()
        self._world.clock.move_to(until)
        self._world.work()
        return told + self._dated()

    def _dated(self) -> list[str]:
        news = self._news()
        diary = next(iter(self._diaries.values()))
        return [f"  {diary.when(self._world.now)}", *news] if news else []

    def _news(self) -> list[str]:
        several = len(self._diaries) > 1
        told: list[str] = []
        for name, diary in self._diaries.items():
            news = diary.news()
            told += [f"    {name}:", *news] if several and news else news
        return told


def _prices(catalog: Catalog, script: Script) -> Iterator[str]:
    """What the prices cost that the steps name."""
    words = {word.strip(",") for step in script.steps for word in step.text.split()}
    for price in catalog.prices.values():
        if words & {price.id, price.id.partition("@")[0]}:
            yield f"    {price.id}: {_cost(price)}"
    for coupon in catalog.coupons.values():
        if coupon.code in words:
            yield f"    {coupon.id}: {_discount(coupon)}"


def _discount(coupon: Coupon) -> str:
    periods = f" {coupon.periods} periods" if coupon.periods else ""
    limit = f", {coupon.limit} for everybody" if coupon.limit else ""
    return f"{coupon}, {coupon.duration}{periods}, priority {coupon.priority}{limit}"


def _cost(price: Price) -> str:
    inside = ", tax inside" if price.tax_behavior == "inclusive" else ""
    trial = f", {price.trial_days} days of trial" if price.trial_days else ""
    threshold = (
        "" if price.threshold is None else f", threshold {format_minor(price.threshold, price.currency)}"
    )
    interval = "once" if price.interval is None else f"per {price.interval}"
    return f"{price.currency} {_amounts(price)} {interval}{inside}{trial}{threshold}"


def _amounts(price: Price) -> str:
    def one(amount: int) -> str:
        return format_scaled(amount, price.scale, price.currency)

    if not price.tiers:
        each = {
            Scheme.FLAT: "",
            Scheme.PER_UNIT: " each",
            Scheme.PACKAGE: f" for each {price.package_size} begun",
        }
        return one(price.unit_amount) + each[price.scheme]
    tiers = (
        f"{'beyond' if t.up_to is None else f'to {t.up_to}'} at {one(t.unit_amount)}" for t in price.tiers
    )
    return f"{price.scheme}, {', '.join(tiers)} each,"
