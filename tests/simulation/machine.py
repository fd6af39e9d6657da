"""The machine: draws lives, act by act, and judges after each.

Owns which acts there are, with which numbers, and when a world is judged. Does not own the acts (`life`, `wishes`)
nor the judgement (`checks`). A failing run is printed as a list of calls; such a list is a regression test.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from solvent.core.payment import StaleMoney
from solvent.core.request import AddMethod
from solvent.providers.sandbox import FaultPlan
from solvent.providers.sandbox.cards import BEHAVIOURS
from solvent.sim import Customer
from tests.simulation import wishes
from tests.simulation.checks import wrong
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.ending import wrong_at_the_end
from tests.simulation.goods import CURRENCIES
from tests.simulation.life import LEAVE, STORED, Life
from tests.simulation.wishes import Wish

GOOD = "4242424242424242"
BOUNDARIES = 14  # that one act has, about
CUSTOMERS_MAX = 4

numbers = st.integers(0, 999)
cards = st.one_of(st.just(GOOD), st.sampled_from(sorted(BEHAVIOURS)))
ways = st.one_of(cards, st.sampled_from([LEAVE, STORED]))
mishaps = st.one_of(
    st.none(), st.none(), st.builds(Mishap, st.sampled_from(Trouble), st.integers(1, BOUNDARIES))
)
currencies = st.sampled_from(CURRENCIES)
durations = st.sampled_from(
    [
        timedelta(minutes=1),
        timedelta(minutes=31),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=6),
        timedelta(days=31),
        timedelta(days=93),
    ]
)
weather = st.sampled_from(
    [
        FaultPlan(),
        FaultPlan(down=1.0),
        FaultPlan(timeout=0.25, lost_reply=0.25),
        FaultPlan(duplicate=0.5),
    ]
)


class Billing(RuleBasedStateMachine):
    """A merchant's life, drawn. `new` gives the address of a fresh database, `drop` takes it back."""

    new: ClassVar[Callable[[], str]]
    drop: ClassVar[Callable[[str], None]]

    life: Life

    @initialize(stale_money=st.sampled_from(StaleMoney), currency=currencies)
    def opens(self, stale_money: StaleMoney, currency: str) -> None:
        self.url = type(self).new()
        self.life = Life(self.url, stale_money)
        self.life.customer(currency)
        self.life.customer("USD", zone="America/New_York")

    def who(self, number: int) -> Customer:
        """A customer, chosen by a number."""
        return self.life.customers[number % len(self.life.customers)]

    # Customers

    @precondition(lambda self: len(self.life.customers) < CUSTOMERS_MAX)
    @rule(currency=currencies, terms_days=st.sampled_from([0, 0, 30]))
    def registers(self, currency: str, terms_days: int) -> None:
        self.life.customer(currency, terms_days=terms_days)

    @rule(who=numbers, what=numbers, way=ways, pal=st.booleans(), asking=mishaps, paying=mishaps)
    def starts(
        self, who: int, what: int, way: str, pal: bool, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        customer = self.who(who)
        change = wishes.start(what, customer.account.currency)
        stored = self.life.stored(customer, way)
        provider = "sandpal" if pal and stored is None else None
        attempt = self.life.ask(customer, change, provider=provider, method=stored, mishap=asking)
        self.life.pay(customer, attempt, way, paying)

    @rule(who=numbers, wish=st.sampled_from(Wish), number=numbers, way=ways, asking=mishaps, paying=mishaps)
    def changes(
        self, who: int, wish: Wish, number: int, way: str, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        customer = self.who(who)
        change = wishes.change(wish, customer, number)
        if change is not None:
            stored = self.life.stored(customer, way)
            attempt = self.life.ask(customer, change, method=stored, mishap=asking)
            self.life.pay(customer, attempt, way, paying)

    @rule(who=numbers, way=ways, paying=mishaps)
    def purchases(self, who: int, way: str, paying: Mishap | None) -> None:
        customer = self.who(who)
        attempt = self.life.ask(customer, wishes.purchase(customer.account.currency))
        self.life.pay(customer, attempt, way, paying)

    @rule(who=numbers, way=ways, pal=st.booleans(), paying=mishaps)
    def adds_method(self, who: int, way: str, pal: bool, paying: Mishap | None) -> None:
        customer = self.who(who)
        attempt = self.life.ask(customer, AddMethod(), provider="sandpal" if pal else None)
        self.life.pay(customer, attempt, way, paying)

    @rule(who=numbers, number=numbers, mishap=mishaps)
    def detaches(self, who: int, number: int, mishap: Mishap | None) -> None:
        self.life.detach(self.who(who), number, mishap)

    @rule(number=numbers, mishap=mishaps)
    def repeats(self, number: int, mishap: Mishap | None) -> None:
        self.life.repeat(number, mishap)

    @rule(number=numbers, way=ways, mishap=mishaps)
    def comes_back(self, number: int, way: str, mishap: Mishap | None) -> None:
        self.life.pay_again(number, way, mishap)

    @rule(number=numbers, passed=st.booleans())
    def answers_challenge(self, number: int, passed: bool) -> None:
        self.life.challenge(number, passed=passed)

    @rule(number=numbers)
    def approves(self, number: int) -> None:
        self.life.approve(number)

    @rule(who=numbers, number=numbers, way=ways, mishap=mishaps)
    def pays_debt(self, who: int, number: int, way: str, mishap: Mishap | None) -> None:
        self.life.pay_debt(self.who(who), number, way, mishap)

    # The merchant and the banks

    @rule(who=numbers, amount=st.integers(0, 20_000), mishap=mishaps)
    def invoices(self, who: int, amount: int, mishap: Mishap | None) -> None:
        self.life.invoice(self.who(who), amount, mishap)

    @rule(number=numbers, card=cards)
    def card_becomes(self, number: int, card: str) -> None:
        self.life.token_becomes(number, card)

    @rule(number=numbers)
    def revokes(self, number: int) -> None:
        self.life.revoke(number)

    @rule(number=numbers)
    def bank_charges_twice(self, number: int) -> None:
        self.life.charge_twice(number)

    @rule(number=numbers, succeeded=st.booleans())
    def bank_decides(self, number: int, succeeded: bool) -> None:
        self.life.decide(number, succeeded=succeeded)

    @rule(plan=weather)
    def weather_turns(self, plan: FaultPlan) -> None:
        self.life.weather(plan)

    # Post, time and work

    @rule(held=st.booleans(), copies=st.integers(1, 2))
    def post_changes(self, held: bool, copies: int) -> None:
        self.life.world.banks.post.held = held
        self.life.world.banks.post.copies = copies

    @rule(lost=st.booleans())
    def post_is_shuffled(self, lost: bool) -> None:
        post = self.life.world.banks.post
        if lost:
            post.lose(self.life.world.now)
        post.waiting.reverse()

    @rule(mishap=mishaps)
    def works(self, mishap: Mishap | None) -> None:
        self.life.wait(timedelta(0), mishap)

    @rule(duration=durations, mishap=mishaps)
    def time_passes(self, duration: timedelta, mishap: Mishap | None) -> None:
        self.life.wait(duration, mishap)

    @rule(mishap=mishaps)
    def sweeps(self, mishap: Mishap | None) -> None:
        self.life.sweep(mishap)

    @rule(limit=st.integers(1, 10), dies=st.booleans())
    def relays(self, limit: int, dies: bool) -> None:
        self.life.relay(limit, dies=dies)

    # Judgement

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert wrong(self.life.world) == []

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        try:
            assert wrong_at_the_end(self.life) == []
        finally:
            self.life.world.close()
            type(self).drop(self.url)
