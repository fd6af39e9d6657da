"""What is written to somebody whose card ends: in both languages, with a link that leads to the methods alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from solvent.config import Settings
from solvent.core.account import Account
from solvent.core.expiry import ExpiryNotice
from solvent.core.ladder import Channel
from solvent.core.language import Language
from solvent.core.messages import of_expiry
from solvent.documents.typesetting import Typesetter
from solvent.letters import Letters
from solvent.messages.composing import text_of
from solvent.portal_links import PortalLinks
from solvent.sim import Customer
from tests.flows.acts import zone
from tests.mail.conftest import Post
from tests.mail.post_office import PostOffice
from tests.simulation.fragile import FragileWorld

NOTICE = ExpiryNotice(ahead=timedelta(days=30), notify=(Channel.EMAIL, Channel.PORTAL))


def buyer(world: FragileWorld, language: Language = Language.EN) -> Customer:
    customer = world.customer("Ada")
    with world.database.begin() as tx:
        tx.accounts.set_profile(customer.account, customer.account.profile, language, world.now)
    customer.buy(zone())
    return customer


def told(world: FragileWorld, customer: Customer) -> None:
    """As a look decides it."""
    (method,) = customer.snapshot().methods
    with world.platform.settlements.begin() as tx:
        tx.books.hold_method(method)
        tx.books.looked(method, method.expires_on, None, ((), tuple(of_expiry(method, NOTICE))), world.now)


def letters(world: FragileWorld, post: Post) -> Letters:
    links = PortalLinks(Settings(public_url="https://pay.example"), world.database)

    def door(account: Account, now: object) -> object:
        return links.to_methods(account, world.platform.ids, world.now)

    return Letters(world.database, Typesetter(), post.sender, doors=door)  # type: ignore[arg-type] # as it is called


@pytest.mark.parametrize(
    ("language", "subject", "says"),
    [
        (Language.EN, "Visa •••• 4242 expires at the end of {end}", "works until the end of {end}"),
        (Language.DE, "Visa •••• 4242 läuft Ende {end} ab", "gilt bis Ende {end}"),
    ],
)
def test_what_it_says(
    world: FragileWorld, post: Post, office: PostOffice, language: Language, subject: str, says: str
) -> None:
    customer = buyer(world, language)
    (method,) = customer.snapshot().methods
    assert method.expires_on is not None
    end = f"{method.expires_on:%m/%Y}"
    told(world, customer)
    (message,) = post.messages()
    made = letters(world, post).made(message, world.now)
    assert not isinstance(made, str)
    text = " ".join(text_of(made).split())
    assert made["Subject"] == subject.format(end=end)
    assert says.format(end=end) in text
    assert "https://pay.example/portal/enter/" in text
    body = made.get_body(("html",))
    assert body is not None
    assert "https://pay.example/portal/enter/" in body.get_content()
    assert made["To"] == f"Ada <{customer.account.email}>"


def test_it_is_sent_once_by_method_and_last_day(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    customer = buyer(world)
    told(world, customer)
    post.send(server)
    told(world, customer)
    post.send(server)
    assert len(office.taken) == 1


def test_what_is_not_true_any_more_is_not_sent(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    customer = buyer(world)
    told(world, customer)
    (method,) = customer.snapshot().methods
    world.banks.by_name["sandbox"].renew_card(method.token, "2044-05", world.now)
    world.work()
    assert customer.snapshot().methods[0].expires_on == date(2044, 5, 31)
    post.send(server)
    assert office.taken == []
    assert [(one.state, one.reason) for one in post.listed()] == [("dropped", "the method was renewed")]
