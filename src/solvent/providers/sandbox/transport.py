"""Transports: how a request reaches the bank.

Owns the two ways (in process, over HTTP) and the reading of what can go wrong on them: certainly not reached is
`ProviderDown`, everything after sending without a readable answer is `ProviderSilent`. Does not own what an answer
means (`adapter`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any, Protocol

import msgspec

from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.boundary.requests import sending
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.faults import Fault, Faults, play
from solvent.providers.sandbox.line import Line, NotReached, Response

READ_TIMEOUT_S = 10.0

Answer = dict[str, Any]
Clock = Callable[[], datetime]


class Transport(Protocol):
    """One request, one answer; a refusal by the bank is an answer with ``error``."""

    def call(self, operation: str, payload: Mapping[str, Any]) -> Answer:
        """May raise `ProviderDown` or `ProviderSilent`, nothing else."""
        ...


def _key(payload: Mapping[str, Any]) -> str:
    return str(payload.get("key") or payload.get("token") or "")


class InProcess:
    """The bank in this process: no serialisation, so renewals are limited by the bank alone.

    `clock` is the bank's own, for requests that carry no ``now``.
    """

    def __init__(self, bank: Bank, clock: Clock, faults: Faults | None = None) -> None:
        self._bank = bank
        self._clock = clock
        self._faults = faults

    def call(self, operation: str, payload: Mapping[str, Any]) -> Answer:
        """Ask the bank, through a fault if one is due."""
        now: datetime = payload.get("now") or self._clock()
        if self._faults is None:
            return self._bank.call(operation, payload, now)
        fault = self._faults.of_call(operation, _key(payload), now)
        return play(fault, lambda: self._bank.call(operation, payload, now))


class Http:
    """The bank over HTTP. `base_url` names the bank, e.g. ``http://127.0.0.1:8600/sandbox``. Thread-safe."""

    def __init__(
        self,
        base_url: str,
        secret: str,
        *,
        faults: Faults | None = None,
        clock: Clock | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        if faults is not None and clock is None:
            raise ValueError("faults need a clock: outage windows are times")
        self._faults = faults
        self._clock = clock
        headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}
        self._line = Line(base_url, headers, read_timeout_s)

    def call(self, operation: str, payload: Mapping[str, Any]) -> Answer:
        """Send one request; never sends it again by itself."""
        if self._faults is None or self._clock is None:
            return self._send(operation, payload)
        fault = self._faults.of_call(operation, _key(payload), payload.get("now") or self._clock())
        return (
            self._send(operation, payload)
            if fault is Fault.OK
            else play(fault, lambda: self._send(operation, payload))
        )

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def _send(self, operation: str, payload: Mapping[str, Any]) -> Answer:
        sending()
        try:
            response = self._line.post(f"/v1/{operation}", msgspec.json.encode(payload))
        except NotReached as fault:
            raise ProviderDown(f"the bank was not reached: {fault}") from None
        except (OSError, HTTPException) as fault:
            raise ProviderSilent(f"no answer from the bank: {type(fault).__name__}") from None
        return _read(response)


def _read(response: Response) -> Answer:
    if response.status in (
        401,
        403,
        429,
    ):  # turned away at the door, before the bank looked at the request
        raise ProviderDown(f"the bank turned the request away: HTTP {response.status}")
    if response.status >= 500:
        raise ProviderSilent(f"the bank failed: HTTP {response.status}")
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None
    if response.status != 200 and "error" not in answer:
        raise ProviderSilent(f"the bank's answer cannot be read: HTTP {response.status}")
    return answer
