"""Mistaken: an adapter that is right but for some of its calls, and the words in which its mistakes are told.

Owns how a call goes wrong: it is handed the honest one and what it was called with. Does not own any mistake.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast
from uuid import uuid4

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.ports.provider import Provider, ProviderSilent, RefundOutcome, RefundReport

Wrong = Callable[..., Any]


class Mistaken:
    """`honest` in all but `wrongs`; a property of its is handed over as it is."""

    def __init__(self, honest: Provider, wrongs: Mapping[str, Wrong]) -> None:
        self._honest = honest
        self._wrongs = wrongs

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the adapter has of that name
        found, wrong = getattr(self._honest, name), self._wrongs.get(name)
        if wrong is None:
            return found
        return partial(wrong, found) if callable(found) else wrong(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What an adapter does wrong; `wrongs` makes it anew for each test. `face` is whose adapter, `given` what the check
    takes beside the stage, `stage_says` what is wrong about the stage itself."""

    says: str
    wrongs: Callable[[], Mapping[str, Wrong]]
    face: str = "sandbox"
    given: Mapping[str, Any] | None = None
    stage_says: Mapping[str, object] | None = None

    def made_by(self, stage: Any) -> None:  # noqa: ANN401 - any stage whose adapter can be put in its place
        """From now on the stage's adapter makes it."""
        for name, value in (self.stage_says or {}).items():
            setattr(stage, name, value)
        stage.provider = cast(Provider, Mistaken(stage.provider, self.wrongs()))


def told(change: Callable[[Any], Any]) -> Wrong:
    """The call is made, and what came of it is told otherwise."""
    return lambda honest, *given: change(honest(*given))


def reported(*when: Outcome | FailureCause | RefundOutcome, **otherwise: object) -> Wrong:
    """Reports of these outcomes or causes say something else."""

    def change(report: Any) -> Any:  # noqa: ANN401 - of an attempt or a refund
        said = () if report is None else (report.outcome, getattr(report, "cause", None))
        return replace(report, **otherwise) if set(said) & set(when) else report

    return told(change)


def each(change: Callable[[Any], Any]) -> Wrong:
    """Every row of a list is told otherwise."""
    return told(lambda rows: [change(row) for row in rows])


def failed(cause: FailureCause) -> dict[str, Any]:
    """The fields of a failure."""
    return {"outcome": Outcome.FAILED, "cause": cause, "action": None, "method": None, "unmapped": None}


def given_up(_: Wrong, key: object, ref: object) -> Report:
    """Says that an attempt is given up, and asks nobody."""
    return Report(outcome=Outcome.FAILED, key=key, ref=ref, cause=FailureCause.CANCELED)  # type: ignore[arg-type] # as asked


def another_key(honest: Wrong, request: Any) -> Any:  # noqa: ANN401 - of a payment or a refund
    """Every try has a key of its own."""
    return replace(honest(replace(request, key=uuid4())), key=request.key)


def another_key_from(try_: int) -> Wrong:
    """Tries of one key have a key of their own from this one on, counted from 1."""
    tries: list[object] = []

    def wrong(honest: Wrong, request: Any) -> Any:  # noqa: ANN401 - as above
        tries.append(request.key)
        return another_key(honest, request) if tries.count(request.key) >= try_ else honest(request)

    return wrong


def silence_as(told_instead: Callable[[Iterable[Any]], Any]) -> Wrong:
    """No answer is taken for one."""

    def wrong(honest: Wrong, *given: Any) -> Any:  # noqa: ANN401 - of any call
        try:
            return honest(*given)
        except ProviderSilent:
            return told_instead(given)

    return wrong


def declined(given: Any) -> Report:  # noqa: ANN401 - the request, or the key and the ref
    """A failure for what was asked."""
    return Report(outcome=Outcome.FAILED, key=getattr(given[0], "key", given[0]), cause=FailureCause.DECLINED)


def not_refunded(given: Any) -> RefundReport:  # noqa: ANN401 - the request
    """A refund that failed."""
    return RefundReport(outcome=RefundOutcome.FAILED, key=given[0].key)
