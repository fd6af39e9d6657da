"""Banks of a simulated world: the two sandbox banks in process, the line to them, and the post from them.

Owns what a world needs of any provider that it plays (`PlayedBank`), and what happens between Solvent and the sandbox:
faults on the line that can be changed while the world runs, and notifications that are held back, doubled or handed
over. Does not own the bank (`providers.sandbox`), another provider's player (`played`), nor what Solvent makes of a
notification (`flows.notify`).
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, NamedTuple, Protocol

from solvent.providers.registry import Registry
from solvent.providers.sandbox import (
    CARD,
    REDIRECT,
    SANDBOX,
    SANDPAL,
    Bank,
    FaultPlan,
    Faults,
    InProcess,
    SandboxProvider,
)
from solvent.providers.sandbox.notifications import Delivery, pack
from solvent.providers.sandbox.records import Event, Movement
from solvent.providers.sandbox.transport import Answer

SECRET = "the-simulated-bank-signs-with-this"  # noqa: S105 - signs play money in one process
NO_FAULTS = FaultPlan()
CALLS_KEPT = 10_000
_LOOK_UPS = frozenset({"get", "cancel"})


class Posted(NamedTuple):
    """A notification as it arrives at Solvent."""

    provider: str
    headers: Mapping[str, str]
    body: bytes


class PlayedBank(Protocol):
    """What a world needs of whoever stands for a provider: the payer's hands, the bank's time and its own books."""

    def complete_challenge(self, ref: str, passed: bool, now: datetime) -> object:
        """The payer passes or fails an authentication."""
        ...

    def approve(self, ref: str, now: datetime, number: str) -> object:
        """The payer approves on the provider's page, paid by that card."""
        ...

    def set_behaviour(self, token: str, number: str) -> None:
        """A stored method behaves like that card from now on."""
        ...

    def next_moment(self, now: datetime) -> datetime | None:
        """When time alone changes something next."""
        ...

    def statement(self) -> list[Movement]:
        """All money that moved."""
        ...


class Line:
    """The wire to one bank. `plan` sets what goes wrong on it from now on; `calls` remembers what was asked.

    `before_reply` is called once, after the bank has acted and before its answer arrives: what it raises is a crash
    of ours at the worst moment. While `blind`, the bank looks payments up in a copy that does not know them yet.
    """

    def __init__(self, bank: Bank, clock: Callable[[], datetime], rng: Random) -> None:
        self._bank = bank
        self._clock = clock
        self._rng = rng
        self._wire = InProcess(bank, clock)
        self.calls: deque[str] = deque(maxlen=CALLS_KEPT)
        self.before_reply: Callable[[], object] | None = None
        self.blind = False

    def plan(self, plan: FaultPlan) -> None:
        """Replace the faults; `NO_FAULTS` repairs the line."""
        self._wire = InProcess(self._bank, self._clock, Faults(plan, self._rng))

    def script(self, **faults: str) -> None:
        """The faults of the next calls per operation, as words: ``charge="lost_reply ok"``."""
        self.plan(FaultPlan.script({operation: words.split() for operation, words in faults.items()}))

    def call(self, operation: str, payload: Mapping[str, Any]) -> Answer:
        """One request over the wire."""
        self.calls.append(operation)
        if self.blind and operation in _LOOK_UPS:
            return {"error": {"code": "not_found", "message": "no such payment"}}
        answer = self._wire.call(operation, payload)
        if self.before_reply is not None:
            meanwhile, self.before_reply = self.before_reply, None
            meanwhile()
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notification on its way to Solvent; it is signed when it is handed over."""

    bank: str
    event: Event

    def signed(self, now: datetime) -> Delivery:
        """The letter as it arrives."""
        return pack(self.event, SECRET, now)


class Post:
    """Carries notifications from the banks. While `held`, letters wait; with `copies` each one comes so often."""

    def __init__(self, banks: Mapping[str, Bank]) -> None:
        self._banks = banks
        self.held = False
        self.copies = 1
        self.waiting: list[Letter] = []

    def collect(self, now: datetime) -> list[Letter]:
        """What is to be handed to Solvent now."""
        self._gather(now)
        if self.held:
            return []
        letters, self.waiting = self.waiting, []
        return letters

    def lose(self, now: datetime) -> int:
        """What was sent until now never arrives; returns how many letters were lost."""
        self._gather(now)
        lost, self.waiting = len(self.waiting), []
        return lost

    def _gather(self, now: datetime) -> None:
        for name, bank in self._banks.items():
            for delivery in bank.notifications.due(now):
                self.waiting += [Letter(bank=name, event=delivery.event)] * self.copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Banks:
    """The banks, the lines to them, the post from them, and the adapters over the lines.

    `played` are all of them by their provider's name; `by_name` those of the sandbox, which can do more.
    """

    by_name: Mapping[str, Bank]
    lines: Mapping[str, Line]
    post: Post
    providers: Registry
    played: Mapping[str, PlayedBank]

    def begin(self, now: datetime) -> None:
        """A world begins; the sandbox needs not be told."""

    def deliveries(self, now: datetime) -> list[Posted]:
        """What is to be handed to Solvent now, signed at this moment."""
        letters = self.post.collect(now)
        return [Posted(letter.bank, *letter.signed(now)[1:]) for letter in letters]


Opened = Callable[[Callable[[], datetime], int], Banks]
"""Opens a world's banks, from its clock and its seed."""


def open_banks(clock: Callable[[], datetime], seed: int, faults: FaultPlan = NO_FAULTS) -> Banks:
    """Fresh banks; `faults` apply to requests and to notifications, drawn from the seed."""
    rng = Random(seed)  # noqa: S311 - a simulation, not a secret
    by_name, lines, adapters = {}, {}, {}
    for personality, words in ((CARD, SANDBOX), (REDIRECT, SANDPAL)):
        bank = Bank(personality, secret=SECRET, faults=Faults(faults, rng))
        line = Line(bank, clock, rng)
        line.plan(faults)
        by_name[words.name], lines[words.name] = bank, line
        adapters[words.name] = SandboxProvider(line, clock, SECRET, words)
    return Banks(
        by_name=by_name, lines=lines, post=Post(by_name), providers=Registry(adapters), played=by_name
    )
