"""Boundary: any adapter, called with patience and within bounds.

Owns which call may be sent again: one that certainly did nothing, and a look-up. A call that may have moved money is
never repeated here; whoever gets no answer asks first (`flows.reconcile`). Does not own its parts: breaker, rate and
tally.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from random import Random, SystemRandom
from typing import TypeVar
from uuid import UUID

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import Authentication, MethodSeen, Report
from solvent.ports.copies import Keeper
from solvent.ports.customers import CustomerKeeper
from solvent.ports.provider import (
    Capabilities,
    Notification,
    NotificationRefused,
    PaymentRequest,
    Provider,
    ProviderDown,
    ProviderSilent,
    RefundReport,
    RefundRequest,
)
from solvent.ports.telemetry import SILENCE, Telemetry
from solvent.providers.boundary.breaker import Breaker, Circuit
from solvent.providers.boundary.keeping import Keeping, KeepingCustomers
from solvent.providers.boundary.limits import Limits
from solvent.providers.boundary.rate import Rate
from solvent.providers.boundary.requests import Counted, rows
from solvent.providers.boundary.tally import Tally

R = TypeVar("R")
Call = Callable[[], R]

HIDDEN = "(hidden)"

log = logging.getLogger(__name__)


class _HeldBack(ProviderDown):
    """We did not send the call ourselves: trying again at once is no use."""


class Boundary:
    """`adapter` as a provider. `secrets` are what must never be read in a message of it.

    `tell` is handed each word that nobody mapped; it must not raise.
    `clock` counts seconds for the breaker and the rate, `sleep` waits, `chance` draws the jitter.
    """

    def __init__(
        self,
        adapter: Provider,
        limits: Limits,
        *,
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Random | None = None,
        tell: Callable[[str], None] | None = None,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._adapter = adapter
        self._limits = limits
        self._secrets = tuple(secret for secret in secrets if secret)
        self._breaker = Breaker(limits, clock)
        self._rate = Rate(limits, clock, sleep)
        self._sleep, self._clock = sleep, clock
        self._telemetry = telemetry
        self._chance = chance or SystemRandom()
        self._name = adapter.name
        self.tally = Tally(self._name, tell)

    @property
    def name(self) -> str:
        """The adapter's."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """The adapter's."""
        return self._adapter.capabilities

    @property
    def circuit(self) -> Circuit:
        """Whether calls are let through at the moment."""
        return self._breaker.circuit

    def open(self, request: PaymentRequest) -> Report:
        """Raises ValueError for what the adapter's capabilities exclude."""
        self._must_be_possible(request)
        return self._told(self._act("open", lambda: self._adapter.open(request)))

    def charge(self, request: PaymentRequest) -> Report:
        """Raises ValueError for what the adapter's capabilities exclude."""
        self._must_be_possible(request)
        return self._told(self._act("charge", lambda: self._adapter.charge(request)))

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        """As the adapter does it."""
        return self._told(self._act("confirm", lambda: self._adapter.confirm(key, ref, method)))

    def get(self, key: UUID, ref: str | None) -> Report | None:
        """A look-up: sent again also when there was no answer."""
        return self._told(self._look("get", lambda: self._adapter.get(key, ref)))

    def payments_of(self, key: UUID, ref: str | None) -> Iterable[Report]:
        """A look-up: sent again also when there was no answer."""
        reports = self._look("payments_of", lambda: list(self._adapter.payments_of(key, ref)))
        return [self._told(report) for report in reports]

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        """As the adapter does it; giving up twice is giving up."""
        return self._told(self._look("cancel", lambda: self._adapter.cancel(key, ref)))

    def refund(self, request: RefundRequest) -> RefundReport:
        """As the adapter does it."""
        return self._told(self._act("refund", lambda: self._adapter.refund(request)))

    def get_refund(self, ref: str) -> RefundReport | None:
        """A look-up: sent again also when there was no answer."""
        return self._told(self._look("get_refund", lambda: self._adapter.get_refund(ref)))

    def refunds_since(self, since: datetime) -> Iterator[RefundReport]:
        """As the adapter lists them, page by page."""
        with self._guarded("refunds_since"):
            for report in rows(self._rate, lambda: self._adapter.refunds_since(since)):
                yield self._told(report)

    def detach(self, token: str) -> None:
        """As the adapter does it; forgetting twice is forgetting."""
        self._look("detach", lambda: self._adapter.detach(token))

    def get_method(self, token: str) -> MethodSeen | None:
        """A look-up: sent again also when there was no answer."""
        return self._look("get_method", lambda: self._adapter.get_method(token))

    def reports_since(self, since: datetime) -> Iterator[Report]:
        """As the adapter lists them, page by page; what breaks off is not tried again: the next poll is."""
        with self._guarded("reports_since"):
            for report in rows(self._rate, lambda: self._adapter.reports_since(since)):
                yield self._told(report)

    def disputes_since(self, since: datetime) -> Iterator[DisputeReport]:
        """As the adapter lists them, page by page."""
        with self._guarded("disputes_since"):
            for report in rows(self._rate, lambda: self._adapter.disputes_since(since)):
                yield self._told(report)

    def movements_since(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """As the adapter lists them, page by page."""
        with self._guarded("movements_since"):
            yield from rows(self._rate, lambda: self._adapter.movements_since(since, until))

    def get_dispute(self, ref: str) -> DisputeReport | None:
        """A look-up: sent again also when there was no answer."""
        return self._told(self._look("get_dispute", lambda: self._adapter.get_dispute(ref)))

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """As the adapter does it."""
        return self._told(self._act("submit_evidence", lambda: self._adapter.submit_evidence(ref, evidence)))

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        """As the adapter does it."""
        return self._told(self._act("accept_dispute", lambda: self._adapter.accept_dispute(ref)))

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """As the adapter verifies it; a refusal says why, and nothing of what was to be kept secret. What the adapter
        fails on is nothing of ours to refuse: it is sent again, and the adapter can be mended meanwhile."""
        try:
            return self._adapter.parse(headers, body, now)
        except (NotificationRefused, ProviderDown, ProviderSilent) as refusal:
            raise type(refusal)(self._public(refusal)) from None
        except Exception as error:  # noqa: BLE001 - as with an answer that nobody foresaw
            raise self._broken("a notification", error) from None

    @property
    def keeper(self) -> Keeper | None:
        """The adapter as one that copies subscriptions, within the same bounds; None where it does not."""
        adapter = self._adapter
        if not adapter.capabilities.copies_subscriptions or not isinstance(adapter, Keeper):
            return None
        return Keeping(self._look, adapter)

    @property
    def customers(self) -> CustomerKeeper | None:
        """The adapter as one that keeps customers, within the same bounds; None where it does not."""
        adapter = self._adapter
        if not adapter.capabilities.keeps_customers or not isinstance(adapter, CustomerKeeper):
            return None
        return KeepingCustomers(self._look, adapter)

    def _act(self, name: str, call: Call[R]) -> R:
        """A call that may move money: sent again only when certainly nothing has happened."""
        return self._patiently(name, call, ProviderDown)

    def _look(self, name: str, call: Call[R]) -> R:
        """A call that may be made twice without harm."""
        return self._patiently(name, call, ProviderDown, ProviderSilent)

    def _patiently(self, name: str, call: Call[R], *again: type[Exception]) -> R:
        """The first try costs no machinery: nearly every call is answered."""
        try:
            return self._once(name, call)
        except again as error:
            if isinstance(error, _HeldBack):
                raise
            failures: list[Exception] = [error]

        def next_try() -> R:
            if failures:
                raise failures.pop()
            return self._once(name, call)

        tries = Retrying(
            stop=stop_after_attempt(self._limits.tries_max),
            wait=self._pause_s,
            retry=retry_if_exception(lambda error: isinstance(error, again) and self._is_worth_it(error)),
            sleep=self._sleep,
            reraise=True,
        )
        return tries(next_try)

    def _is_worth_it(self, error: BaseException) -> bool:
        """Not when we hold the call back ourselves, nor when the provider wants us to wait longer than a caller can."""
        return not isinstance(error, _HeldBack) and _wished_s(error) <= self._limits.wait_max_s

    def _pause_s(self, state: RetryCallState) -> float:
        """From nothing to twice as much each time, so that callers who failed together do not come back together."""
        limits = self._limits
        most = min(limits.pause_first_s * float(2 ** (state.attempt_number - 1)), limits.pause_max_s)
        error = state.outcome.exception() if state.outcome is not None else None
        return _wished_s(error) + self._chance.uniform(0, most)

    def _once(self, name: str, call: Call[R]) -> R:
        with self._guarded(name), Counted(self._rate):
            return call()

    @contextmanager
    def _guarded(self, name: str) -> Iterator[None]:
        """One call (or one list): let through or held back, counted, and its failure put into safe words."""
        if not self._breaker.admits():
            self._held_back(name)
            raise _HeldBack(f"{self._name} did not answer several calls: none is sent for a while")
        if not self._rate.wait():
            self._held_back(name)
            raise _HeldBack(f"{self._name}: more calls are waiting than its rate limit allows")
        began = self._clock()
        try:
            yield
        except GeneratorExit:  # whoever reads a list has enough of it: what was read was an answer
            self._breaker.answered()
            self._ended(name, "answered", began)
            raise
        except ProviderDown as error:
            self._failed(name, "down", began)
            raise ProviderDown(self._public(error), retry_after_s=error.retry_after_s) from None
        except ProviderSilent as error:
            self._failed(name, "silent", began)
            raise ProviderSilent(self._public(error)) from None
        except Exception as error:  # noqa: BLE001 - an answer nobody foresaw is no answer
            self._failed(name, "broken", began)
            raise self._broken("an answer", error) from None
        self._breaker.answered()
        self._ended(name, "answered", began)

    def _broken(self, what: str, error: Exception) -> ProviderSilent:
        """What becomes of an error that the adapter did not foresee; its message may hold anything."""
        log.error("%s: the adapter failed on %s: %s", self._name, what, _where(error))
        return ProviderSilent(f"{self._name}: the adapter failed: {type(error).__name__}")

    def _failed(self, name: str, how: str, began: float) -> None:
        self._breaker.failed()
        self._ended(name, how, began)

    def _ended(self, name: str, how: str, began: float) -> None:
        self.tally.ended(how)
        self._telemetry.provider_called(self._name, name, how, self._clock() - began)

    def _held_back(self, name: str) -> None:
        self._ended(name, "held_back", self._clock())

    def _public(self, error: Exception) -> str:
        """An error's message without any of our secrets."""
        message = str(error)
        for secret in self._secrets:
            message = message.replace(secret, HIDDEN)
        return message

    def _told(self, report: R) -> R:
        if isinstance(report, Report | RefundReport | DisputeReport) and report.unmapped is not None:
            self.tally.unmapped(report.unmapped)
        return report

    def _must_be_possible(self, request: PaymentRequest) -> None:
        demanded = request.authentication
        if demanded is Authentication.REQUIRED and not self._adapter.capabilities.three_ds_control:
            raise ValueError(f"{self._name} cannot be asked to authenticate the payer")
        if request.off_session and demanded is not Authentication.AUTOMATIC:
            raise ValueError(f"nobody is there to be authenticated: {demanded} needs the customer")
        if not self._adapter.capabilities.brings(request.kind):
            raise ValueError(f"{self._name} does not take methods of the kind {request.kind}")


def _wished_s(error: BaseException | None) -> float:
    """How long the provider wants us to wait."""
    return (error.retry_after_s or 0.0) if isinstance(error, ProviderDown) else 0.0


def _where(error: BaseException) -> str:
    """An unexpected error's type and place; not its message, which may hold anything."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{place}"
