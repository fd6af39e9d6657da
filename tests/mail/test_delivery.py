"""Messages on their way: each is handed over, once where nothing goes wrong, and never lost where something does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Queue

import pytest

from solvent.core.messages import TRIES_MAX, Kind
from solvent.mailer import AWAY_PAUSE, LEASE, NO_SERVER
from solvent.messages.smtp import ServerAway
from solvent.sim import Customer
from solvent.store.laws import violations
from tests.flows.acts import DECLINED_LATER, zone
from tests.mail.conftest import FROM, Post
from tests.mail.post_office import PostOffice, serving
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.simulation.fragile import FragileWorld

MAIL_ONCE = """
import sys
from datetime import datetime
from solvent.commands.mailing import mailer_of
from solvent.config import Settings
from solvent.wiring import build
mailer_of(build(Settings(), sys.argv[1])).run_once(datetime.fromisoformat(sys.argv[2]))
"""


def debtors(world: FragileWorld, *names: str) -> list[Customer]:
    """Customers whose renewal has just failed."""
    customers = [world.customer(name) for name in names]
    for n, customer in enumerate(customers):
        customer.buy(zone(f"example-{n}.com"), DECLINED_LATER)
    world.until(max(customer.subscription().period.end for customer in customers))
    return customers


def stuck(world: FragileWorld) -> int:
    """How many messages `solvent check` complains about."""
    with world.database.pool.connection() as connection:
        return sum(n for law, n in violations(connection, world.now) if "no message is parked" in law.says)


def test_the_first_failure_is_told_once(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    (ada,) = debtors(world, "Ada")
    assert post.send(server) == 1
    assert post.send(server) == 0
    (mail,) = office.taken
    (invoice,) = ada.open_invoices()
    assert mail["Subject"] == f"We could not collect invoice {invoice.number}"
    assert mail["To"] == "Ada <ada@example.com>"
    assert mail["From"].addresses[0].addr_spec == FROM
    assert post.kinds("sent") == [Kind.PAYMENT_FAILED]


def test_two_workers_send_each_message_once(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    debtors(world, *(f"Ada {n}" for n in range(25)))
    mailers = [post.mailer(server), post.mailer(server)]
    for _ in range(3):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda mailer: mailer.run_once(world.now), mailers))
    ids = [mail["Message-ID"] for mail in office.taken]
    assert len(ids) == len(set(ids)) == len(post.listed("sent")) == 25


def test_who_is_killed_after_handing_over_repeats_the_same_message_id(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    debtors(world, "Ada")
    settings = {"SOLVENT_SMTP_URL": server, "SOLVENT_MAIL_FROM": FROM}
    started: Queue[subprocess.Popen[bytes]] = Queue()
    # when it has handed over everything, and waits for the answer
    office.before_taking = lambda: started.get(timeout=PATIENCE_S).kill()
    child = subprocess.Popen(
        [sys.executable, "-c", MAIL_ONCE, world._url, world.now.isoformat()], env=os.environ | settings
    )
    started.put(child)
    assert child.wait(PATIENCE_S) == -signal.SIGKILL
    office.before_taking = lambda: None
    assert post.mailer(server).run_once(world.now) == 0, "the lease of the dead one"
    world.clock.move_to(world.now + LEASE)
    assert post.mailer(server).run_once(world.now) == 1
    first, second = office.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert [x.tries for x in post.listed("sent")] == [2]


def test_a_server_that_is_down_for_an_hour_delays_and_loses_nothing(
    world: FragileWorld, post: Post, office: PostOffice
) -> None:
    debtors(world, "Ada", "Ben", "Cleo")
    port = free_port()
    mailer = post.mailer(f"smtp://127.0.0.1:{port}?tls=none")
    for _ in range(13):
        with pytest.raises(ServerAway):
            mailer.run_once(world.now)
        world.clock.move_to(world.now + timedelta(minutes=5))
    waiting = post.listed("waiting")
    assert [x.tries for x in waiting] == [0, 0, 0], "no fault of theirs"
    assert waiting[0].reason is not None
    assert "refused" in waiting[0].reason.lower()
    assert stuck(world) == 3
    with serving(office, port=port):
        mailer.run_once(world.now + AWAY_PAUSE)
    assert len(office.taken) == 3
    assert stuck(world) == 0


def test_a_refused_recipient_is_parked_and_holds_up_nobody(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    office.answers["ada@example.com"] = "550 5.1.1 no such mailbox"
    debtors(world, "Ada", "Ben")
    post.send(server)
    (parked,) = post.listed("parked")
    assert parked.reason == "550 5.1.1 no such mailbox"
    assert [mail["To"] for mail in office.taken] == ["Ben <ben@example.com>"]
    assert stuck(world) == 1
    office.answers.clear()
    assert post.mailbox.again(world.buckets, "parked", None, None) == 1
    post.send(server)
    assert len(office.taken) == 2


def test_what_is_refused_for_now_is_tried_ever_more_slowly_and_then_parked(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    office.answers["DATA"] = "451 4.3.0 later"
    debtors(world, "Ada")
    mailer, began, tries = post.mailer(server), world.now, 0
    for _ in range(100):
        tries += mailer.run_once(world.now)
        if post.listed("parked"):
            break
        world.clock.move_to(world.now + timedelta(hours=1))  # time passes for the mailer alone
    (parked,) = post.listed("parked")
    assert (parked.tries, parked.reason, tries) == (TRIES_MAX, "451 4.3.0 later", TRIES_MAX)
    assert timedelta(days=1) < world.now - began < timedelta(days=2)
    assert office.taken == []


def test_without_a_server_messages_are_kept_and_can_be_sent_later(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    debtors(world, "Ada")
    post.send(None)
    (kept,) = post.listed("kept")
    assert kept.reason == NO_SERVER
    assert post.send(server) == 0, "nobody wants old messages all at once"
    assert stuck(world) == 0
    post.mailbox.again(world.buckets, "kept", None, None)
    assert post.send(server) == 1
    assert len(office.taken) == 1


def test_what_was_paid_meanwhile_is_not_asked_for(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    (ada,) = debtors(world, "Ada")
    (invoice,) = ada.open_invoices()
    ada.pay_debt()
    post.send(server)
    dropped = [(x.message.kind, x.reason) for x in post.listed("dropped")]
    assert dropped == [(Kind.PAYMENT_FAILED, "nothing is owed on it any more")]
    assert office.subjects() == [f"Thank you: invoice {invoice.number} is paid"]


def test_a_backlog_of_rungs_is_sent_whole(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    (ada,) = debtors(world, "Ada")
    world.until(world.now + timedelta(days=12))
    post.send(server)
    (invoice,) = ada.open_invoices()
    assert sorted(office.subjects()) == [
        f"Reminder: invoice {invoice.number} is unpaid",
        "Services billed by usage are suspended",
        f"We could not collect invoice {invoice.number}",
        f"Your account is restricted until invoice {invoice.number} is paid",
    ]
