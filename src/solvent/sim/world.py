"""World: one merchant's world in one process, on one real database.

Owns the loop of simulated time: from one due moment to the next, hand over the post, poll now and then, and do the
worker's round until nothing is due. Does not own any of that work. A world serves its own buckets only, so several
worlds with clocks of their own can share a database. `platform` may be replaced by one with faults in it, and the
sandbox by another provider that is played (`opened`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from solvent.audit import Finding, audit
from solvent.core.account import Account, Segment
from solvent.core.ids import BUCKETS
from solvent.core.tax import Buyer
from solvent.flows.notify import inbox_of, process, receive
from solvent.flows.platform import Platform
from solvent.flows.reconcile import sweep
from solvent.ports.provider import NotificationRefused, ProviderDown, ProviderSilent
from solvent.providers.sandbox import FaultPlan
from solvent.sim.agreement import agreement
from solvent.sim.banks import NO_FAULTS, Opened, Posted, open_banks
from solvent.sim.clock import SimClock, SimIds
from solvent.sim.customer import Customer
from solvent.store.database import Database
from solvent.wiring import DirectSpread, Solvent
from solvent.worker import SWEEP_EVERY, SWEEP_OVERLAP, perform

BATCH_MAX = 500
ROUNDS_MAX = 200
TICKS_MAX = 100_000


class World:
    """A merchant's world. Time moves only by `tick`, `until` and `wait`; nothing here reads the real clock."""

    def __init__(
        self,
        solvent: Solvent,
        *,
        start: datetime,
        seed: int = 0,
        buckets: Sequence[int] = range(BUCKETS),
        faults: FaultPlan = NO_FAULTS,
        opened: Opened | None = None,
    ) -> None:
        self.clock = SimClock(start)
        self.buckets = tuple(buckets)
        self.database: Database = solvent.database
        self.banks = opened(self.clock, seed) if opened else open_banks(self.clock, seed, faults)
        self.banks.begin(start)
        self.platform: Platform = replace(
            solvent.platform,
            providers=self.banks.providers,
            ids=SimIds(seed, self.clock, self.buckets),
            spread=DirectSpread(),
        )
        self.polls = True
        self._not_taken: list[Posted] = []
        self._swept = dict.fromkeys(self.banks.played, start)

    @property
    def now(self) -> datetime:
        """The simulated present, UTC."""
        return self.clock()

    def customer(
        self,
        name: str,
        *,
        currency: str = "USD",
        country: str = "US",
        time_zone: str = "UTC",
        entity: str = "solvent-us",
        segment: Segment = Segment.STANDARD,
        terms_days: int | None = 0,
        buyer: Buyer | None = None,
    ) -> Customer:
        """Register a customer; `buyer` says what it is for tax, if more than its country."""
        buyer = buyer or Buyer(country=country)
        account = Account(
            id=self.platform.ids.account(),
            segment=segment,
            currency=currency,
            country=buyer.country,
            region=buyer.region,
            tax_id=buyer.tax_id,
            tax_exempt=buyer.exempt,
            time_zone=time_zone,
            email=f"{name.lower().replace(' ', '.')}@example.com",
            name=name,
            entity=entity,
            terms_days=terms_days,
        )
        with self.platform.store.begin() as tx:
            tx.accounts.add(account, self.now)
        return Customer(self, account)

    # Time

    def tick(self, not_after: datetime | None = None) -> bool:
        """Move to the next due moment and do what is due there; False when there is none (before `not_after`)."""
        moments = [bank.next_moment(self.now) for bank in self.banks.played.values()]
        moments.append(self.database.schedule.next_moment(self.buckets, self.now))
        upcoming = min((at for at in moments if at is not None), default=None)
        if upcoming is None or (not_after is not None and upcoming > not_after):
            return False
        self.clock.move_to(upcoming)
        self.work()
        return True

    def until(self, moment: datetime) -> None:
        """Live through everything that falls due until then."""
        self.work()
        for _ in range(TICKS_MAX):
            if not self.tick(not_after=moment):
                break
        else:
            raise RuntimeError(f"more than {TICKS_MAX} due moments before {moment}")
        self.clock.move_to(max(moment, self.now))
        self.work()

    def wait(self, **duration: float) -> None:
        """Live through a duration, e.g. ``days=3`` or ``hours=1``."""
        self.until(self.now + timedelta(**duration))

    # Work

    def work(self) -> int:
        """Everything that is due now, until nothing is; returns how much was done."""
        total = 0
        for _ in range(ROUNDS_MAX):
            done = self.deliver() + self._poll()
            done += perform(self.platform, self.database.schedule, self.buckets, self.now, BATCH_MAX)
            total += done
            if done == 0:
                return total
        raise RuntimeError(f"work does not end at {self.now}: more than {ROUNDS_MAX} rounds")

    def deliver(self) -> int:
        """Hand over the post to the notifications' endpoint."""
        posted = [*self._not_taken, *self.banks.deliveries(self.now)]
        self._not_taken = [each for each in posted if not self._take(each)]
        return len(posted) - len(self._not_taken)

    def _take(self, posted: Posted) -> bool:
        """Whether that was all about a notification; where it could not be told if it is genuine, it is sent again,
        until it is refused as too old: what it told is found by asking."""
        try:
            told = receive(self.platform, posted.provider, posted.headers, posted.body, self.now)
        except (ProviderDown, ProviderSilent):
            return False
        except NotificationRefused:
            if posted in self._not_taken:
                return True
            raise
        bucket = inbox_of(told)
        if bucket not in self.buckets:  # about no attempt, so it lies where no world may be at work
            process(self.platform, bucket, self.now, BATCH_MAX)
        return True

    def _poll(self) -> int:
        """The sweep, as often as the worker does it; it repairs and therefore counts as no work."""
        for provider, until in self._swept.items():
            if self.polls and self.now - until >= SWEEP_EVERY:
                answered = sweep(self.platform, provider, until - SWEEP_OVERLAP, self.now)
                self._swept[provider] = until if answered is None else self.now
        return 0

    # Judgement

    def laws(self) -> list[Finding]:
        """Every law on the whole database, and the agreement of these banks' statements with the books."""
        return [*audit(self.database, self.platform, self.now), *self.agreement()]

    def agreement(self) -> list[Finding]:
        """Whether the banks' statements and the books of this world's buckets tell the same."""
        return agreement(self.database, self.banks.played, self.buckets)
