"""Calls: what Stripe's refusals mean, for every call alike.

Owns the reading of the library's exceptions: turned away at the door is `ProviderDown`, a failure on Stripe's side or
an answer that cannot be read is `ProviderSilent`; what remains is a refusal, which is an answer. Does not own what a
refusal means to one call (`adapter`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import stripe

from solvent.ports.provider import ProviderDown, ProviderSilent

PAGES_MAX = 10_000
PAGE_ROWS = 100
FINAL = frozenset({"card_error", "invalid_request_error"})  # with 400, 402 or 404


class Refused(Exception):
    """Stripe looked at the request and did not do it. `error` is its error object, `key_reused` says that our key stood
    for another request."""

    def __init__(self, error: Mapping[str, Any], *, key_reused: bool = False) -> None:
        super().__init__(str(error.get("code") or error.get("type")))
        self.error = error
        self.key_reused = key_reused

    @property
    def final(self) -> bool:
        """Whether this request certainly did nothing that its error does not name; an earlier one may have."""
        return not self.key_reused and self.error.get("type") in FINAL

    @property
    def missing(self) -> bool:
        """Whether it names something that Stripe never heard of."""
        return self.error.get("code") == "resource_missing"

    @property
    def customer_gone(self) -> bool:
        """Whether the customer that it names was deleted."""
        return self.missing and self.error.get("param") == "customer"


class Replayed(ProviderSilent):
    """A failure on Stripe's side that it keeps under our key: for a day it is all that is said under it, whether
    anything was made or not."""


@contextmanager
def asked() -> Iterator[None]:
    """A call within the block ends with its answer, or with `Refused`, `ProviderDown` or `ProviderSilent`."""
    try:
        yield
    except stripe.RateLimitError as error:
        raise ProviderDown("Stripe turned the call away: too many", retry_after_s=_wish(error)) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise ProviderDown(f"Stripe turned the call away: HTTP {error.http_status}") from None
    except stripe.IdempotencyError as error:
        raise Refused(_body(error), key_reused=True) from None
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise Refused(_body(error)) from None
    except stripe.StripeError as error:
        silence = Replayed if (error.headers or {}).get("idempotent-replayed") == "true" else ProviderSilent
        raise silence(f"Stripe gave no answer that can be read: HTTP {error.http_status}") from None


def ask(call: Callable[..., stripe.StripeObject], *arguments: object) -> Mapping[str, Any]:
    """One call of the library; its answer as plain values. Raises as `asked` does."""
    with asked():
        return call(*arguments).to_dict()


def pages(
    call: Callable[..., stripe.StripeObject], parameters: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The rows of a list, page by page. Of more than `PAGES_MAX` pages nothing is believed: the newest come first, so
    that the oldest would be missing."""
    after: dict[str, str] = {}
    for _ in range(PAGES_MAX):
        answer = ask(call, {**parameters, "limit": PAGE_ROWS, **after})
        rows = answer["data"]
        yield from rows
        if not answer["has_more"] or not rows:
            return
        after = {"starting_after": rows[-1]["id"]}
    raise ProviderSilent(f"Stripe lists more than {PAGES_MAX * PAGE_ROWS:,} rows: ask for less time")


def changed(
    events: Callable[..., stripe.StripeObject], since: datetime, types: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The things that had an event of these types since then, each as its last event has it, in the order of their last
    ones."""
    told = pages(events, {"created": {"gte": int(since.timestamp())}, "types": list(types)})
    things: dict[str, Mapping[str, Any]] = {}
    for event in told:  # the newest comes first
        thing = event["data"]["object"]
        things.setdefault(thing["id"], thing)
    return list(reversed(things.values()))


def _body(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    told = body.get("error") if isinstance(body, Mapping) else None
    return told if isinstance(told, Mapping) else {"code": error.code}


def _wish(error: stripe.StripeError) -> float | None:
    """How many seconds Stripe wants us to wait."""
    wish = (error.headers or {}).get("retry-after")
    return float(wish) if wish is not None and wish.isdecimal() else None
