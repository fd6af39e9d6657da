"""Limits: every bound of the calls to one provider, named with its unit.

Owns the figures and their defaults. Does not own what happens at a bound (`breaker`, `rate`, `boundary`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one provider.

    A call is sent at most `tries_max` times, and only while nothing can have happened (or nothing can happen: a
    look-up). Between tries it waits at random, up to `pause_first_s`, doubling up to `pause_max_s`. After
    `failures_max` calls in a row without an answer none is sent for `open_first_s`, doubling up to `open_max_s`. Above
    `calls_per_s` HTTP requests (None: no limit) a call waits, at most `wait_max_s`, and then each of its further
    requests; no longer is waited when a provider wishes it.
    """

    connect_timeout_s: float = 2.0
    read_timeout_s: float = 10.0
    tries_max: int = 3
    pause_first_s: float = 0.1
    pause_max_s: float = 1.0
    failures_max: int = 10
    open_first_s: float = 1.0
    open_max_s: float = 30.0
    calls_per_s: float | None = None
    wait_max_s: float = 2.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name}: must be greater than 0, got {value}")
