"""Silence and crashes: replies that are lost, processes that die at the worst moment, notifications that never come.

Owns those stories. Each ends as if nothing had happened, because the bank is asked before anything is tried again, and
a commit is one transaction that can be repeated.
"""

import time
from collections.abc import Sequence

from solvent.core.payment import AttemptState
from solvent.relay import Relay
from solvent.sim.scene import Scene, money
from solvent.sim.stories.goods import CHALLENGED, PRO_COSTS, VISA, zone_plan
from solvent.store.outbox import Outbox, Published

RELAY_LEASE_S = 0.05


class Killed(BaseException):
    """The process is gone; no code of ours catches this."""


def lost_reply(scene: Scene) -> None:
    """The bank charges, but its reply never arrives."""
    ada, line = scene.world.customer("Ada"), scene.world.banks.lines["sandbox"]
    scene.world.banks.post.held = True
    attempt = ada.open(zone_plan("ada.example"))
    line.script(confirm="lost_reply")
    attempt = ada.confirm(attempt, VISA)
    scene.say("Ada confirms, the bank charges her, the connection breaks")
    scene.prove(attempt.state is AttemptState.UNKNOWN, "the outcome is unknown: neither success nor failure")
    scene.prove(
        not ada.has("zone-pro") and not ada.invoices(), "so nothing is granted and nothing is sent again"
    )
    scene.world.wait(seconds=45)
    scene.prove(
        ada.attempt(attempt).state is AttemptState.COMMITTED,
        "half a minute later the bank was asked: committed",
    )
    scene.prove(
        line.calls.count("confirm") == 1 and len(ada.charges()) == 1, "one call to charge, one charge"
    )
    scene.world.banks.post.held = False
    scene.show(ada)


def crash_before_commit(scene: Scene) -> None:
    """Our process dies after the bank confirmed and before anything is committed."""
    world, ben = scene.world, scene.world.customer("Ben")
    attempt = ben.open(zone_plan("ben.example"))

    def power_cut() -> None:
        raise Killed

    world.banks.lines["sandbox"].before_reply = power_cut
    world.polls = False
    try:
        ben.confirm(attempt, VISA)
    except Killed:
        scene.say("the bank has charged Ben; our process dies before it can write a word")
    lost = world.banks.post.lose(world.now)
    scene.say(f"and the bank's notification is lost with it ({lost} sent, none arrived)")
    scene.prove(len(ben.charges()) == 1 and not ben.invoices(), "money has moved, and nothing is committed")
    world.until(attempt.expires_at)
    scene.prove(
        ben.attempt(attempt).state is AttemptState.COMMITTED, "the janitor asked the bank, and committed"
    )
    scene.prove(ben.has("zone-pro") and len(ben.charges()) == 1, "Ben has what he paid for, and paid once")
    scene.show(ben)


def crash_before_publish(scene: Scene) -> None:
    """The process dies between commit and publishing, and the relay dies between delivery and remembering it."""
    cleo = scene.world.customer("Cleo")
    cleo.buy(zone_plan("cleo.example"), VISA)
    scene.say(
        f"committed, then killed: {len(cleo.events())} events wait in the outbox, written by the same commit"
    )
    outbox = Outbox(scene.world.database.pool, lease_s=RELAY_LEASE_S)
    receiver = Receiver(cleo.id.hex, f"story-{scene.world.buckets[0]}")
    receiver.dies = True
    try:
        Relay(outbox, receiver).run_once()
    except Killed:
        scene.say("a relay delivers them, and is killed before it has noted that")
    time.sleep(RELAY_LEASE_S * 3)
    receiver.dies = False
    Relay(outbox, receiver).run_once()
    ids = receiver.ids
    scene.prove(len(ids) == 2 * len(set(ids)), f"the next relay delivers again: {len(ids)} deliveries")
    scene.prove(
        len(set(ids)) == len(cleo.events()), f"by id they are {len(set(ids))} events: none lost, none new"
    )
    scene.prove(list(dict.fromkeys(ids)) == sorted(set(ids)), "in the order of the account, both times")
    scene.show(cleo)


def silence(scene: Scene) -> None:
    """Notifications stop arriving altogether."""
    world, dora = scene.world, scene.world.customer("Dora")
    attempt = dora.open(zone_plan("dora.example"))
    attempt = dora.confirm(attempt, CHALLENGED)
    dora.pass_challenge(attempt)
    lost = world.banks.post.lose(world.now)
    scene.say(f"Dora passes 3-D Secure and closes the browser; of {lost} notifications none arrives")
    scene.prove(not dora.has("zone-pro"), "nobody has told us, so nothing is granted yet")
    world.wait(minutes=6)
    scene.prove(dora.has("zone-pro"), "the poll of the bank, every five minutes, found the success")
    scene.prove(len(dora.charges()) == 1, f"one charge of {money(PRO_COSTS)}")
    scene.show(dora)


class Receiver:
    """Somebody who takes events and remembers the ids of one account's; while `dies`, the relay ends after delivery."""

    def __init__(self, account: str, name: str) -> None:
        self.name = name
        self.dies = False
        self.ids: list[str] = []
        self._account = account

    def deliver(self, events: Sequence[Published]) -> None:
        """Take a batch."""
        self.ids += [event.id for event in events if event.account_id.hex == self._account]
        if self.dies and self.ids:
            raise Killed
