"""Convergence (L5): one history at the bank, told in any order, twice, in one batch, or not at all and then polled.

Whatever Solvent hears of it and however it hears it, it ends in the same state, down to the ledger and the events.
"""

import itertools
from collections.abc import Iterable, Iterator

import pytest

from solvent.core.payment import AttemptState
from solvent.core.request import AddMethod, NewItem, Purchase
from solvent.flows.notify import receive
from solvent.flows.reconcile import sweep
from solvent.sim.banks import Letter
from solvent.store.embedded import EmbeddedServer
from solvent.wiring import Solvent
from tests.flows.acts import CHALLENGED, zone
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.databases import Databases
from tests.simulation.fragile import START, FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

LETTERS = 4

# Everything that is committed, without ids, numbers and references, which depend on the order of commits.
CANON = {
    "subscriptions": """select a.name, s.state, s.version, s.period_start, s.period_end, i.price_id, i.object
        from subscription s join account a on a.id = s.account_id
        join item i on i.subscription_id = s.id and i.ended_at is null where a.bucket = %s""",
    "entitlements": """select a.name, e.product_id, e.object, e.quantity, e.starts_at, e.ends_at
        from entitlement e join account a on a.id = e.account_id where a.bucket = %s""",
    "invoices": """select a.name, i.total, i.paid, i.state, l.description::text, l.amount
        from invoice i join account a on a.id = i.account_id
        join invoice_line l on l.invoice_id = i.id where a.bucket = %s""",
    "payments": """select a.name, p.amount, p.disposition, p.reason
        from payment p join account a on a.id = p.account_id where a.bucket = %s""",
    "ledger": """select a.name, p.debit, p.credit, p.amount
        from posting p join account a on a.id = p.account_id where a.bucket = %s""",
    "credit": """select a.name, c.remaining
        from credit_grant c join account a on a.id = c.account_id where a.bucket = %s""",
    "methods": """select a.name, m.label, m.state
        from method m join account a on a.id = m.account_id where a.bucket = %s""",
    "attempts": """select a.name, t.intent, t.state, t.cause
        from attempt t join account a on a.id = t.account_id where a.bucket = %s""",
    "events": """select a.name, e.type, count(*)
        from event e join account a on a.id = e.account_id where a.bucket = %s group by 1, 2""",
    "standing": """select a.name, h.standing from health h join account a on a.id = h.account_id where a.bucket = %s""",
}

State = dict[str, list[str]]


def state_of(world: FragileWorld) -> State:
    with world.database.pool.connection() as connection:
        return {
            name: sorted(repr(row) for row in connection.execute(query, (world.buckets[0],)))
            for name, query in CANON.items()
        }


def history(world: FragileWorld) -> list[Letter]:
    """Four payments are decided at the bank, and nobody comes back to the shop; the letters that tell of them.

    Ada passes 3-D Secure for a subscription. Her purchase succeeds, but the reply is lost, and the bank charges it
    once more. Ben's 3-D Secure fails. Cleo's card is vaulted without a payment.
    """
    ada, ben, cleo = (world.customer(name) for name in ("Ada", "Ben", "Cleo"))
    start = ada.confirm(ada.open(zone()), CHALLENGED)
    once = ada.open(Purchase(items=(NewItem(price_id=price("onboarding", period=None)),)))
    with world.during(Mishap(Trouble.REPLY_LOST, 1)):
        assert ada.confirm(once, "4000000000018889").state is AttemptState.UNKNOWN
    refused = ben.confirm(ben.open(zone()), CHALLENGED)
    vaulted = cleo.confirm(cleo.open(AddMethod()), CHALLENGED)
    world.banks.post.lose(world.now)
    for customer, attempt, passed in ((ada, start, True), (ben, refused, False), (cleo, vaulted, True)):
        customer.pass_challenge(attempt, passed=passed)
    letters = [
        Letter(bank="sandbox", event=d.event)
        for d in world.banks.by_name["sandbox"].notifications.due(world.now)
    ]
    told = letters[-1].event._replace(ref=str(once.ref), key=once.id.hex, number=9)
    letters.append(Letter(bank="sandbox", event=told))
    assert len(letters) == LETTERS
    return letters


class Worlds:
    """Makes worlds in buckets of their own, on one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: Solvent | None = None
        self._buckets = itertools.count(1)

    def lived(self, letters: Iterable[int], *, at_once: bool = False, polled: bool = False) -> State:
        """The state after these letters, by their place in the history, processed one by one or all at once."""
        number = next(self._buckets)
        world = FragileWorld(self._url, process=self._process, buckets=(number,), seed=number)
        self._process, world.polls = world.process, False
        written = history(world)
        for place in letters:
            letter = written[place].signed(world.now)
            receive(world.platform, written[place].bank, letter.headers, letter.body, world.now)
            if not at_once:
                world.work()
        world.work()
        if polled:
            sweep(world.platform, "sandbox", START, world.now)
            world.work()
        return state_of(world)

    def close(self) -> None:
        """Give the connections back."""
        if self._process is not None:
            self._process.close()


@pytest.fixture(scope="module")
def worlds(postgres: EmbeddedServer) -> Iterator[Worlds]:
    with Databases(postgres).one() as url:
        worlds = Worlds(url)
        yield worlds
        worlds.close()


@pytest.fixture(scope="module")
def expected(worlds: Worlds) -> State:
    """The state after everything was told in order, and judged by hand."""
    state = worlds.lived(range(LETTERS))
    assert [row for row in state["attempts"] if "committed" not in row] == [
        "('Ben', 'start', 'failed', 'authentication_failed')"
    ]
    assert state["payments"] == [
        "('Ada', 2000, 'applied', None)",
        "('Ada', 49900, 'applied', None)",
        "('Ada', 49900, 'credited', 'duplicate')",
    ]
    assert state["credit"] == ["('Ada', 49900)"]
    return state


@pytest.mark.parametrize("order", list(itertools.permutations(range(LETTERS))), ids=str)
def test_any_order_ends_in_the_same_state(worlds: Worlds, expected: State, order: tuple[int, ...]) -> None:
    assert worlds.lived(order) == expected


@pytest.mark.parametrize("order", [range(LETTERS), range(LETTERS - 1, -1, -1)], ids=["in order", "reversed"])
def test_all_in_one_batch_end_in_the_same_state(worlds: Worlds, expected: State, order: range) -> None:
    assert worlds.lived(order, at_once=True) == expected


@pytest.mark.parametrize("at_once", [False, True])
def test_copies_end_in_the_same_state(worlds: Worlds, expected: State, at_once: bool) -> None:
    assert worlds.lived([0, 0, 3, 1, 3, 2, 1, 2, 0], at_once=at_once) == expected


LOST = [subset for n in range(1, LETTERS + 1) for subset in itertools.combinations(range(LETTERS), n)]


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_lost_and_then_polled_ends_in_the_same_state(
    worlds: Worlds, expected: State, lost: tuple[int, ...]
) -> None:
    told = [place for place in range(LETTERS) if place not in lost]
    assert worlds.lived(told) != expected
    assert worlds.lived(told, polled=True) == expected


def test_polling_what_was_told_changes_nothing(worlds: Worlds, expected: State) -> None:
    assert worlds.lived(range(LETTERS), polled=True) == expected
