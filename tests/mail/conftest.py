"""Fixtures of the tests of messages: customers who owe, under the shipped policies, and a mail server on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from solvent.config import Settings
from solvent.core.messages import HELD_FOR, Kind, Message
from solvent.documents.typesetting import Typesetter
from solvent.letters import Letters
from solvent.mailer import Mailer
from solvent.messages.composing import Sender
from solvent.messages.server import mail_server
from solvent.pay_links import PayLinks
from solvent.store.embedded import EmbeddedServer
from solvent.store.mailbox import Listed, Mailbox
from tests.flows.test_dunning import govern
from tests.mail.post_office import PostOffice, serving
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

FROM = "billing@merchant.example"
FINANCE = "finance@merchant.example"
BUCKETS = itertools.count(1)


@pytest.fixture(scope="session")
def mail_url(postgres: EmbeddedServer) -> Iterator[str]:
    """The address of a database with goods on sale."""
    with Databases(postgres).one() as url:
        yield url


@pytest.fixture
def world(mail_url: str) -> Iterator[FragileWorld]:
    """A world in a bucket of its own, under the policies as shipped; the laws hold when the test is over."""
    number = next(BUCKETS)
    world = FragileWorld(mail_url, buckets=(number,), seed=number, settings=Settings())
    govern(world)
    yield world
    with (
        world.database.pool.connection() as connection
    ):  # what a test leaves unsent is no fault of the next one
        connection.execute(
            "update message set state = 'kept', look_at = null where state in ('waiting', 'parked')"
        )
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture
def office() -> PostOffice:
    """A mail server's keeper."""
    return PostOffice()


@pytest.fixture
def server(office: PostOffice) -> Iterator[str]:
    """The address of its server."""
    with serving(office) as url:
        yield url


class Post:
    """The mailers of a world, and what they are to send."""

    def __init__(self, world: FragileWorld) -> None:
        self.world = world
        self.mailbox = Mailbox(world.database.pool)
        self.sender = Sender(address=FROM, finance=FINANCE)

    def mailer(self, url: str | None) -> Mailer:
        """A worker's mailer."""
        links = PayLinks(Settings(public_url="https://pay.example"), self.world.database)
        letters = Letters(self.world.database, Typesetter(), self.sender, links.of_owed)
        return Mailer(Mailbox(self.world.database.pool), letters, None if url is None else mail_server(url))

    def send(self, url: str | None) -> int:
        """Everything whose turn has come, and then what was held for a moment."""
        mailer = self.mailer(url)
        done = mailer.run_once(self.world.now)
        self.world.clock.move_to(self.world.now + HELD_FOR)  # time passes for the mailer alone
        return done + mailer.run_once(self.world.now)

    def listed(self, state: str | None = None) -> list[Listed]:
        """The messages of this world's bucket, the oldest first."""
        found = self.mailbox.listed(state, None, None, 10_000)
        mine = [x for x in found if x.message.account_id.bytes[15] in self.world.buckets]
        return list(reversed(mine))

    def kinds(self, state: str | None = None) -> list[Kind]:
        """What they are about."""
        return [one.message.kind for one in self.listed(state)]

    def messages(self) -> list[Message]:
        """The messages themselves."""
        return [one.message for one in self.listed()]


@pytest.fixture
def post(world: FragileWorld) -> Post:
    """The world's post."""
    return Post(world)
