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
from solvent.core.request import AddMethod, Change
from solvent.providers.sandbox import FaultPlan
from solvent.providers.sandbox.cards import BEHAVIOURS
from solvent.sim import Customer
from tests.simulation import arrears, purse, wishes
from tests.simulation.checks import wrong
from tests.simulation.contesting import BY_THE_PAYER, answers
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.ending import wrong_at_the_end
from tests.simulation.goods import CURRENCIES
from tests.simulation.life import LEAVE, STORED, Life
from tests.simulation.wishes import Wish

GOOD = "4242424242424242"
NO_FUNDS = "4000000000009995"
TROUBLE_LATER = ("4000000000000341", "4000000000019952", "4000000000010068")  # only when charged off-session
BOUNDARIES = 12  # that one act has, about
CUSTOMERS_MAX = 4
CLERK_ACTS = {
    "gives": purse.give_credit,
    "voids": purse.take_credit,
    "credits": purse.credit,
    "gives_up": purse.surrender,
    "lets_wait": arrears.lets_wait,
    "removes_item": arrears.removes,
    "invoices_waiting": arrears.invoices,
    "tells_usage": arrears.uses,
}

numbers = st.integers(0, 999)
cards = st.one_of(st.just(GOOD), st.sampled_from(TROUBLE_LATER), st.sampled_from(sorted(BEHAVIOURS)))
ways = st.one_of(cards, st.just(STORED), st.sampled_from([STORED, LEAVE]))
mishaps = st.one_of(st.none(), st.builds(Mishap, st.sampled_from(Trouble), st.integers(1, BOUNDARIES)))
currencies = st.sampled_from(CURRENCIES)
soon = st.sampled_from([timedelta(minutes=1), timedelta(minutes=31), timedelta(hours=6), timedelta(days=1)])
later = st.sampled_from([timedelta(days=6), timedelta(days=28), timedelta(days=31), timedelta(days=93)])
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

    @initialize(stale_money=st.sampled_from(StaleMoney), currency=currencies, what=numbers, way=cards)
    def opens(self, stale_money: StaleMoney, currency: str, what: int, way: str) -> None:
        self.url = type(self).new()
        self.life = Life(self.url, stale_money)
        for money, zone in ((currency, "UTC"), ("USD", "America/New_York")):
            self.life.customer(money, zone=zone)
            customer = self.life.customers[-1]
            self.life.pay(customer, self.life.ask(customer, wishes.start(what, money)), way, None)

    def who(self, number: int) -> Customer:
        """A customer, chosen by a number."""
        return self.life.customers[number % len(self.life.customers)]

    # Customers

    @precondition(lambda self: len(self.life.customers) < CUSTOMERS_MAX)
    @rule(currency=currencies, terms_days=st.sampled_from([0, 0, 30]), what=numbers, way=cards)
    def registers(self, currency: str, terms_days: int, what: int, way: str) -> None:
        self.life.customer(currency, terms_days=terms_days)
        customer = self.life.customers[-1]
        self.life.pay(customer, self.life.ask(customer, wishes.start(what, currency)), way, None)

    @rule(who=numbers, what=numbers, way=ways, pal=st.booleans(), asking=mishaps, paying=mishaps)
    def starts(
        self, who: int, what: int, way: str, pal: bool, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        customer = self.who(who)
        self._buys(customer, wishes.start(what, customer.account.currency), way, pal, asking, paying)

    @rule(who=numbers, wish=st.sampled_from(Wish), number=numbers, way=ways, asking=mishaps, paying=mishaps)
    def changes(
        self, who: int, wish: Wish, number: int, way: str, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        customer = self.who(who)
        change = wishes.change(wish, customer, number)
        if change is not None:
            self._buys(customer, change, way, False, asking, paying)

    @rule(who=numbers, number=numbers, way=ways, asking=mishaps, paying=mishaps)
    def switches(self, who: int, number: int, way: str, asking: Mishap | None, paying: Mishap | None) -> None:
        self.changes(who, Wish.SWITCH, number, way, asking, paying)

    @rule(who=numbers, wish=st.sampled_from(Wish), first=numbers, second=numbers)
    def uses_two_tabs(self, who: int, wish: Wish, first: int, second: int) -> None:
        """A change is opened in one tab, another one is bought in a second tab, then the first is paid."""
        customer = self.who(who)
        change = wishes.change(Wish.SWITCH, customer, first)
        opened = None if change is None else self.life.ask(customer, change)
        self.changes(who, wish, second, GOOD, None, None)
        self.life.pay(customer, opened, GOOD, None)

    @rule(who=numbers, number=numbers)
    def pays_debt_in_another_tab(self, who: int, number: int) -> None:
        """A renewal fails; an upgrade is opened, the debt is paid in a second tab, and then the upgrade is paid."""
        subscribed = [c for c in self.life.customers if c.subscriptions()]
        if not subscribed:
            return
        customer = subscribed[who % len(subscribed)]
        self.life.cards_become(customer, NO_FUNDS)
        self.life.wait_for_renewal(customer, number, None)
        opened = None
        for wish in (Wish.SWITCH, Wish.QUANTITY):
            change = wishes.change(wish, customer, number)
            if change is not None and opened is None:
                opened = self.life.ask(customer, change)
        for _ in customer.open_invoices():
            self.life.pay_debt(customer, 0, GOOD, None)
        self.life.pay(customer, opened, GOOD, None)

    @rule(who=numbers, once=st.booleans(), way=ways, pal=st.booleans(), asking=mishaps, paying=mishaps)
    def buys_once_or_adds_method(
        self, who: int, once: bool, way: str, pal: bool, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        customer = self.who(who)
        change = wishes.purchase(customer.account.currency) if once else AddMethod()
        self._buys(customer, change, way, pal, asking, paying)

    @rule(
        who=numbers,
        what=numbers,
        how=st.sampled_from(["start", "once", "later", "off", "top_up"]),
        way=ways,
        asking=mishaps,
        paying=mishaps,
    )
    def redeems(
        self, who: int, what: int, how: str, way: str, asking: Mishap | None, paying: Mishap | None
    ) -> None:
        """A coupon is used, for something new or for what there is, or taken off; or credit is bought."""
        customer = self.who(who)
        change: Change | None
        match how:
            case "start":
                change = purse.with_codes(wishes.start(what, customer.account.currency), what // 3)
            case "once":
                change = purse.with_codes(wishes.purchase(customer.account.currency), what)
            case "top_up":
                change = purse.top_up(what)
            case _:
                change = purse.redeemed(customer, what, off=how == "off")
        if change is not None:
            self._buys(customer, change, way, False, asking, paying)

    def _buys(
        self,
        customer: Customer,
        change: Change,
        way: str,
        pal: bool,
        asking: Mishap | None,
        paying: Mishap | None,
    ) -> None:
        stored = self.life.stored(customer, way)
        provider = "sandpal" if pal and stored is None else None
        attempt = self.life.ask(customer, change, provider=provider, method=stored, mishap=asking)
        self.life.pay(customer, attempt, way, paying)

    @rule(number=numbers, way=ways, mishap=mishaps, same_request=st.booleans())
    def comes_back(self, number: int, way: str, mishap: Mishap | None, same_request: bool) -> None:
        if same_request:
            self.life.repeat(number, mishap)
        else:
            self.life.pay_again(number, way, mishap)

    @rule(number=numbers, answer=st.sampled_from(["pass", "fail", "approve"]))
    def answers_the_bank(self, number: int, answer: str) -> None:
        if answer == "approve":
            self.life.approve(number)
        else:
            self.life.challenge(number, passed=answer == "pass")

    @rule(who=numbers, number=numbers, way=ways, mishap=mishaps)
    def pays_debt(self, who: int, number: int, way: str, mishap: Mishap | None) -> None:
        self.life.pay_debt(self.who(who), number, way, mishap)

    @rule(who=numbers, way=ways, mishap=mishaps)
    def pays_debts(self, who: int, way: str, mishap: Mishap | None) -> None:
        purse.pay_debts(self.life, self.who(who), way, mishap)

    # The merchant and the banks

    @rule(who=numbers, number=numbers, act=st.sampled_from(sorted(CLERK_ACTS)), mishap=mishaps)
    def clerk_acts(self, who: int, number: int, act: str, mishap: Mishap | None) -> None:
        CLERK_ACTS[act](self.life, self.who(who), number, mishap)

    @rule(who=numbers, amount=st.integers(0, 20_000), mishap=mishaps, detach=st.booleans())
    def is_invoiced_or_detaches(self, who: int, amount: int, mishap: Mishap | None, detach: bool) -> None:
        if detach:
            self.life.detach(self.who(who), amount, mishap)
        else:
            self.life.invoice(self.who(who), amount, mishap)

    @rule(number=numbers, card=cards)
    def card_becomes(self, number: int, card: str) -> None:
        self.life.token_becomes(number, card)

    @rule(number=numbers, act=st.sampled_from(["twice", "accept", "decline", "revoke"]))
    def bank_acts(self, number: int, act: str) -> None:
        match act:
            case "twice":
                self.life.charge_twice(number)
            case "revoke":
                self.life.revoke(number)
            case _:
                self.life.decide(number, succeeded=act == "accept")

    @rule(number=numbers, act=st.sampled_from(sorted(BY_THE_PAYER)))
    def payer_contests(self, number: int, act: str) -> None:
        BY_THE_PAYER[act](self.life, number)

    @rule(number=numbers, mishap=mishaps)
    def merchant_answers(self, number: int, mishap: Mishap | None) -> None:
        answers(self.life, number, mishap)

    # Post, time and work

    @rule(plan=weather, held=st.booleans(), copies=st.integers(1, 2))
    def weather_turns(self, plan: FaultPlan, held: bool, copies: int) -> None:
        self.life.weather(plan)
        self.life.world.banks.post.held = held
        self.life.world.banks.post.copies = copies

    @rule(lost=st.booleans())
    def post_is_shuffled(self, lost: bool) -> None:
        post = self.life.world.banks.post
        if lost:
            post.lose(self.life.world.now)
        post.waiting.reverse()

    @rule(duration=soon, mishap=mishaps, swept=st.booleans())
    def time_passes(self, duration: timedelta, mishap: Mishap | None, swept: bool) -> None:
        self.life.wait(duration, mishap)
        if swept:
            self.life.sweep(mishap)

    @rule(duration=later, mishap=mishaps)
    def periods_pass(self, duration: timedelta, mishap: Mishap | None) -> None:
        self.life.wait(duration, mishap)

    @rule(who=numbers, number=numbers, mishap=mishaps)
    def a_period_ends(self, who: int, number: int, mishap: Mishap | None) -> None:
        self.life.wait_for_renewal(self.who(who), number, mishap)

    @rule(limit=st.integers(1, 10), dies=st.booleans())
    def relays(self, limit: int, dies: bool) -> None:
        self.life.relay(limit, dies=dies)

    # Judgement

    @invariant()
    def nothing_is_wrong(self) -> None:
        found = wrong(self.life.world)
        assert not found, found

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        try:
            found = wrong_at_the_end(self.life)
            assert not found, found
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Give everything back, unjudged."""
        self.life.world.close()
        type(self).drop(self.url)
