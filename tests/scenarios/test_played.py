"""The five paths on a provider's own adapter, against the server that stands for it, end as they do on the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from solvent.config import Settings
from solvent.core.payment import ActionKind, AttemptState
from solvent.core.request import AddMethod
from solvent.core.snapshot import Standing
from solvent.core.way import WayKind
from solvent.flows import checkout
from solvent.ports.provider import Provider
from solvent.sim import Customer, World
from solvent.sim.banks import Opened
from solvent.sim.played import NotPlayed, PlayedServer, played
from solvent.sim.scene import Beat, BeatKind, Scene
from solvent.sim.stories import PATHS
from solvent.sim.stories.goods import PRO, PRO_COSTS, VISA, zone_plan
from solvent.sim.stories.story import CURTAIN, JANUARY, Story
from solvent.wiring import Solvent, real_providers
from tests.flows.test_checkout import Shopper
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID
from tests.peers.paypal import play as paypal_play
from tests.peers.stripe import play as stripe_play
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET

_buckets = count(100)
DOMAIN = "domain-com-usd-year@1"
Told = tuple[list[tuple[str, str, Any]], dict[tuple[str, str], int]]
NUMBER = re.compile(r"(S\w+)-\w+-(\d{6})")  # an invoice's; its series is named by the world's bucket
PAYERS = "label"  # a card and a wallet are not named alike


@pytest.fixture(scope="module")
def settings() -> Iterator[dict[str, Settings]]:
    """The settings of each provider, whose rooms are served. What went over the wire was as its documents have it."""
    stripe, paypal = stripe_play.Rooms(), paypal_play.Rooms()
    yield {
        "stripe": Settings(
            stripe_secret_key=SecretStr(SECRET_KEY),
            stripe_webhook_secret=SecretStr(WEBHOOK_SECRET),
            stripe_url=stripe.url,
            stripe_publishable_key="pk_test_of_the_worlds",
            stripe_calls_per_s=1000,
        ),
        "paypal": Settings(
            paypal_client_id=CLIENT_ID,
            paypal_calls_per_s=1000,
            paypal_secret=SecretStr(SECRET),
            paypal_webhook_id=WEBHOOK_ID,
            paypal_url=paypal.url,
            paypal_proof="api",
        ),
    }
    for served in (stripe, paypal):
        served.close()
        assert served.witness.faults == []


@pytest.fixture
def opened(settings: dict[str, Settings], scenario_solvent: Solvent) -> Callable[..., Opened]:
    """Opens worlds with a provider in them."""

    def choose(name: str, *, beside_sandbox: bool = False, copies: bool = False) -> Opened:
        def connect(room: str, clock: Callable[[], datetime]) -> Provider:
            more = {"stripe_subscriptions": "copied"} if copies else {}
            there = settings[name].model_copy(update={f"{name}_url": room, **more})
            return real_providers(there, clock, scenario_solvent.database.payers)[name]

        url: str = getattr(settings[name], f"{name}_url")
        return played(name, url, connect, beside_sandbox=beside_sandbox)

    return choose


class Remembering(World):
    """A world that remembers who lives in it."""

    def customer(self, name: str, **what: Any) -> Customer:  # noqa: ANN401 - as the world takes it
        self.somebody = super().customer(name, **what)
        return self.somebody


def new_world(solvent: Solvent, start: datetime, opened: Opened | None) -> Remembering:
    number = next(_buckets)
    return Remembering(solvent, start=start, seed=number, buckets=[number], opened=opened)


class Said:
    """What events say, alike in every world: ids by the order in which they appear, and no provider's name."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._seen: dict[str, int] = {}

    def of(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """A value of an event's data."""
        if isinstance(value, dict):
            return {name: self.of(each) for name, each in value.items() if name != PAYERS}
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if value == self._provider:
            return "…"
        numbered = NUMBER.fullmatch(str(value))
        if numbered is not None:
            return f"{numbered[1]}-…-{numbered[2]}"
        try:
            return f"#{self._seen.setdefault(str(UUID(value)), len(self._seen))}"
        except (ValueError, AttributeError, TypeError):
            return value


def lived(solvent: Solvent, story: Story, opened: Opened | None) -> Told:
    """A story in a world of its own, to its end: its events, and its ledger without the provider's name."""
    world, beats = new_world(solvent, story.start, opened), list[Beat]()
    story.tell(Scene(world, beats.append))
    assert any(beat.kind is BeatKind.PROVED for beat in beats)
    world.until(CURTAIN)
    assert [finding for finding in world.laws() if finding.violations] == []
    name = world.platform.providers.default.name
    said = Said(name)
    events = [
        (event.type, event.occurred_at.isoformat(), said.of(event.data)) for event in world.somebody.events()
    ]
    ledger = world.somebody.ledger()
    return events, {(where.replace(name, "…"), currency): sum_ for (where, currency), sum_ in ledger.items()}


@pytest.mark.parametrize("story", PATHS, ids=lambda story: story.name)
def test_the_five_paths_end_on_each_provider_as_on_the_sandbox(
    scenario_solvent: Solvent, opened: Callable[..., Opened], story: Story
) -> None:
    on_the_sandbox = lived(scenario_solvent, story, None)
    for name in ("stripe", "paypal"):
        assert lived(scenario_solvent, story, opened(name)) == on_the_sandbox, name
    with_copies = lived(scenario_solvent, story, opened("stripe", copies=True))
    assert with_copies == on_the_sandbox, "stripe, with subscriptions of its own"


def test_adding_and_removing_paypal_never_touches_what_a_card_pays(
    scenario_solvent: Solvent, opened: Callable[..., Opened]
) -> None:
    world = new_world(scenario_solvent, JANUARY, opened("paypal", beside_sandbox=True))
    ada = world.customer("Ada")
    ada.buy(zone_plan("card.example"), VISA)
    (by_card,), (card,) = ada.subscriptions(), ada.snapshot().methods
    ada.buy(zone_plan("paypal.example"), VISA, provider="paypal")
    paypal = next(method for method in ada.snapshot().methods if method.provider == "paypal")
    assert by_card in ada.subscriptions()
    world.until(by_card.period.end)
    renewals = [row for row in ada.charges() if row.at >= by_card.period.end]
    assert sum(row.amount for row in renewals) == 2 * PRO_COSTS
    assert world.banks.played["paypal"].statement()[0] in ada.charges()
    before = [each for each in ada.subscriptions() if each.items == by_card.items]
    assert ada.remove_method(paypal.id) is None
    assert [each for each in ada.subscriptions() if each.items == by_card.items] == before
    assert [method.id for method in ada.snapshot().methods] == [card.id]
    world.wait(days=32)
    assert (ada.standing(), ada.debt()) == (Standing.GOOD, 0)  # the card pays for both from here on
    assert [row.at for row in world.banks.played["paypal"].statement() if row.at > before[0].period.end] == []
    world.until(CURTAIN)  # where the other worlds of this database are
    assert [finding for finding in world.laws() if finding.violations] == []


@pytest.mark.parametrize("name", ["sandbox", "stripe", "paypal"])
def test_nobody_pays_with_the_stored_method_of_somebody_else(
    scenario_solvent: Solvent, opened: Callable[..., Opened], name: str
) -> None:
    """Ben's method is on file; whoever learns its name cannot make it pay for Ada, at the checkout or by the API."""
    world = new_world(scenario_solvent, JANUARY, None if name == "sandbox" else opened(name))
    ada, ben = world.customer("Ada"), world.customer("Ben")
    ben.buy(zone_plan("ben.example"), VISA)
    (bens,) = ben.snapshot().methods
    paid = ben.charges()
    for token in (bens.token, bens.token.partition(".")[0]):
        shopper = Shopper(world, ada)
        cart = shopper.cart((PRO, "zone:ada.example"), key=token)
        shopper.pay(cart, WayKind.AGREEMENT if name == "paypal" else WayKind.CARD, key=token)
        asked = checkout.complete(world.platform, cart.id, token, world.now)
        assert asked is not None
        assert asked.state in (AttemptState.REQUIRES_ACTION, AttemptState.FAILED)
        assert checkout.give_up(world.platform, cart.id, world.now) is None
    assert (ada.subscriptions(), ada.charges(), ben.charges()) == ((), [], paid)
    setup = ada.open(AddMethod())
    if name == "paypal":
        ada.confirm(setup, "B-0AB12345CD678901E")
        assert ada.attempt(setup).state is AttemptState.REQUIRES_ACTION
    assert ada.snapshot().methods == ()
    world.until(CURTAIN)
    assert [finding for finding in world.laws() if finding.violations] == []


@pytest.mark.parametrize("name", ["sandbox", "stripe"])
def test_the_payer_of_a_cart_with_a_domain_name_is_authenticated(
    scenario_solvent: Solvent, opened: Callable[..., Opened], name: str
) -> None:
    """The card would pay at once. What is renewed later needs nobody."""
    world = new_world(scenario_solvent, JANUARY, None if name == "sandbox" else opened(name))
    ada = world.customer("Ada")
    shopper = Shopper(world, ada)
    cart = shopper.cart((PRO, "zone:ada.example"), (DOMAIN, "domain:ada-pays.com"))
    shopper.pay(cart)
    asked = checkout.complete(world.platform, cart.id, f"tok_{VISA}", world.now)
    assert asked is not None
    assert (asked.provider, asked.state) == (name, AttemptState.REQUIRES_ACTION)
    assert asked.action is not None
    assert asked.action.kind in (ActionKind.REDIRECT, ActionKind.CONFIRM)
    assert (ada.charges(), ada.subscriptions()) == ([], ())
    ada.pass_challenge(asked)
    done = checkout.complete(world.platform, cart.id, None, world.now)
    assert done is not None
    assert done.state is AttemptState.COMMITTED
    world.until(datetime(2028, 3, 1, tzinfo=UTC))
    assert {item.price_id for each in ada.subscriptions() for item in each.items} == {PRO, DOMAIN}
    assert len(ada.charges()) > 12, "off-session nobody is asked"
    world.until(CURTAIN)
    assert [finding for finding in world.laws() if finding.violations] == []


def test_a_provider_is_played_on_this_machine_alone() -> None:
    with pytest.raises(NotPlayed, match="on this machine alone"):
        PlayedServer("paypal", "https://api-m.paypal.com")


def test_nobody_at_the_address_is_said_so() -> None:
    with pytest.raises(NotPlayed, match="stands for paypal"):
        PlayedServer("paypal", "http://127.0.0.1:1/w/1").sent(JANUARY)
