"""Soak: lives over a wire that fails, thousands of them, in pieces that a seed names.

    python -m tests.scenarios.soak --runs 10000

Owns the pieces, their order, and the ledger of those that were played: a file with a line for each, so that the next
call goes on where the last one ended, and a piece that failed can be played again by its name. A *run* is one
customer's life. Does not own the lives (`wire_lives`, `paypal_lives`,
`striking`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from solvent.config import Settings
from solvent.sim.stories.goods import CHALLENGED, VISA
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from solvent.wiring import Solvent, build
from tests.conftest import TEST_SETTINGS, new_home
from tests.peers.paypal.play import Rooms as PayPals
from tests.peers.stripe.play import Rooms as Stripes
from tests.providers.wire import Mishap, Wire
from tests.scenarios import paypal_lives
from tests.scenarios.ground import HURRY_S, PATIENCE_S
from tests.scenarios.ground import at_paypal as at_paypal_ground
from tests.scenarios.ground import at_stripe as at_stripe_ground
from tests.scenarios.stock import stock
from tests.scenarios.striking import strike_all
from tests.scenarios.wire_lives import AT_ONCE, DELAY_S, HASTY, PATIENT, each_call, lived, world_at_stripe
from tests.simulation.databases import Databases

LIVES = 20
WORLDS = 8  # of a piece at PayPal
CARDS = (VISA, CHALLENGED)
BUCKETS = 255

Piece = tuple[str, int]  # kind and seed
Line = dict[str, Any]


@cache
def stripes() -> Stripes:
    """The Stripes of this process."""
    return Stripes()


@cache
def paypals() -> PayPals:
    """The PayPals of this process."""
    return PayPals()


def at_random(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Lives at Stripe, of whose calls a quarter fail in some way."""
    rooms = stripes()
    with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
        lived(world_at_stripe(solvent, rooms, wire, seed % BUCKETS + 1), rooms, wire, seed, LIVES)
        return LIVES, wire.met


def at_each_call(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Lives at Stripe with one fault, at each call in its turn; seeds go through all faults and cards."""
    mishap, card = AT_ONCE[seed % len(AT_ONCE)], CARDS[seed // len(AT_ONCE) % len(CARDS)]
    rooms = stripes()
    line = HASTY if mishap is Mishap.DELAY else PATIENT
    with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
        world = world_at_stripe(solvent, rooms, wire, seed % BUCKETS + 1, line)
        runs = each_call(world, rooms, wire, mishap, card)
        return runs, wire.met


def with_copies(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Lives at a Stripe that keeps subscriptions of its own, of whose calls a quarter fail in some way."""
    rooms = stripes()
    with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
        world = world_at_stripe(solvent, rooms, wire, seed % BUCKETS + 1, copies=True)
        lived(world, rooms, wire, seed, LIVES)
        return LIVES, wire.met


def at_paypal(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Two lives at PayPal in each of several worlds, of whose calls three in ten fail in some way."""
    return in_worlds(solvent, seed, lambda _: None)


def at_each_paypal_call(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Two lives at PayPal in each of several worlds, with one fault at one call, the next world with the next; seeds go
    through all."""
    return in_worlds(solvent, seed, paypal_lives.at_one_call)


def struck_with(seed: int) -> tuple[str, Mishap]:
    """At which provider, and by which fault, a piece strikes every call."""
    return ("paypal" if seed % 2 else "stripe"), AT_ONCE[seed // 2 % len(AT_ONCE)]


def kept_with(seed: int) -> Mishap:
    """By which fault a piece strikes all that is kept at Stripe."""
    return AT_ONCE[seed % len(AT_ONCE)]


def struck(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """Every play of every call with one fault, at the call's first request, then at its second, and so on; seeds go
    through all faults, at Stripe and then at PayPal."""
    name, mishap = struck_with(seed)
    rooms: Stripes | PayPals = paypals() if name == "paypal" else stripes()
    with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
        number = seed % BUCKETS + 1
        ground = (
            at_paypal_ground(solvent, rooms, wire, number)
            if isinstance(rooms, PayPals)
            else at_stripe_ground(solvent, rooms, wire, number)
        )
        return strike_all(ground, mishap), wire.met


def struck_keeping(solvent: Solvent, seed: int) -> tuple[int, list[Mishap]]:
    """The same of what is kept at a Stripe with subscriptions of its own; seeds go through all faults."""
    mishap = kept_with(seed)
    rooms = stripes()
    with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
        ground = at_stripe_ground(solvent, rooms, wire, seed % BUCKETS + 1, copies=True)
        return strike_all(ground, mishap), wire.met


def in_worlds(
    solvent: Solvent, seed: int, choose: Callable[[int], Callable[[], Mishap] | None]
) -> tuple[int, list[Mishap]]:
    """Lives at PayPal: worlds share the piece's database, because a new one costs as much as two lives."""
    rooms, met = paypals(), list[Mishap]()
    numbers = range(WORLDS * seed, WORLDS * (seed + 1))
    for number in numbers:
        with closing(Wire(rooms.server.address, delay_s=DELAY_S)) as wire:
            one = choose(number)
            late = one is not None and paypal_lives.mishap_of(number) is Mishap.DELAY
            opened = paypal_lives.paypal_behind(rooms, wire, HURRY_S if late else PATIENCE_S)
            paypal_lives.live(solvent, opened, wire, number, one)
            met += wire.met
        rooms.rooms.clear()
    return 2 * len(numbers), met


KINDS: Mapping[str, Callable[[Solvent, int], tuple[int, list[Mishap]]]] = {
    "random": at_random,
    "each-call": at_each_call,
    "copies": with_copies,
    "paypal": at_paypal,
    "paypal-each-call": at_each_paypal_call,
    "struck": struck,
    "struck-keeping": struck_keeping,
}


def play(piece: Piece, url: str) -> Line:
    """One piece on a database of its own; what came of it."""
    kind, seed = piece
    began, met, runs, fault = time.monotonic(), list[Mishap](), 0, None
    solvent = build(Settings(), url)
    try:
        runs, met = KINDS[kind](solvent, seed)
        witnessed = [*stripes().witness.faults, *paypals().witness.faults]
        assert not witnessed, witnessed
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for: written down, and the next is played
        fault = traceback.format_exc()
    finally:
        for rooms in (stripes(), paypals()):
            rooms.rooms.clear()  # whatever came of it: another kind plays the same seed in the same process
            rooms.witness.faults.clear()
        solvent.close()
    seconds = round(time.monotonic() - began, 1)
    return {
        "kind": kind,
        "seed": seed,
        "runs": runs,
        "seconds": seconds,
        "met": dict(Counter(m.value for m in met if m is not Mishap.NONE)),
        "fault": fault,
    }


def pieces(kinds: list[str], first: int, played: set[Piece]) -> Iterator[Piece]:
    """What is to be played, without end: of every kind the same seeds."""
    for seed in count(first):
        for kind in kinds:
            if (kind, seed) not in played:
                yield kind, seed


@contextmanager
def server() -> Iterator[Databases]:
    """Databases with the examples on sale, for the length of a block."""
    home = new_home()
    with EmbeddedServer.start(home, settings=TEST_SETTINGS) as started:

        def stocked(url: str) -> None:
            with Database(url) as database:
                stock(database)

        yield Databases(started, stocked)
    shutil.rmtree(home)


def soak(given: argparse.Namespace, ledger: Path) -> list[Line]:
    """Play until there are as many runs as wanted, or the time is over; returns every line of the ledger."""
    told = [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []
    queue = pieces(given.kinds, given.first, {(line["kind"], line["seed"]) for line in told})
    until = time.monotonic() + given.minutes * 60
    under_way: dict[Future[Line], str] = {}
    with server() as databases, ProcessPoolExecutor(given.processes, get_context("spawn")) as players:
        while True:
            enough = sum(line["runs"] for line in told) >= given.runs or time.monotonic() > until
            while not enough and len(under_way) < given.processes:
                url = databases.new()
                under_way[players.submit(play, next(queue), url)] = url
            if not under_way:
                return told
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                databases.drop(under_way.pop(future))
                told.append(future.result())
                with ledger.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(told[-1]) + "\n")
                print(
                    f"{told[-1]['kind']} {told[-1]['seed']}: {told[-1]['fault'] or told[-1]['runs']}",
                    flush=True,
                )


def main() -> None:
    """Play, and say how many runs there were and what was violated; ends with 1 if anything was."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.scenarios.soak", description="Lives over a failing wire."
    )
    parser.add_argument("--runs", type=int, default=10_000, help="runs in the ledger that are enough")
    parser.add_argument("--minutes", type=float, default=10_000, help="begin no piece after so many")
    parser.add_argument("--first", type=int, default=1000, help="the first seed")
    parser.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--ledger", type=Path, default=Path(".soak") / "wire.jsonl")
    given = parser.parse_args()
    given.ledger.parent.mkdir(exist_ok=True, parents=True)
    told = soak(given, given.ledger)
    met = sum((Counter(line["met"]) for line in told), Counter[str]())
    failed = [f"{line['kind']} {line['seed']}" for line in told if line["fault"]]
    print(f"{sum(line['runs'] for line in told)} runs in {len(told)} pieces; faults met: {dict(met)}")
    print(f"failed: {', '.join(failed) or 'none'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
