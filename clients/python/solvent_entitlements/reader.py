"""Reader: what an account may use, asked of Solvent as seldom as it may be.

Owns the answers that this process has, by their tags; and that an outage is survived with them. `Tokens` does the same
for tokens that are made for others.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from solvent_entitlements.granted import Entitlements, Feature, Grant

TIMEOUT_S = 2.0
PAUSE_S = 5.0  # after a failure, before Solvent is asked again
KEPT_MAX = 10_000
_MAX_AGE = re.compile(r"max-age=(\d+)")
_STALE = re.compile(r"stale-if-error=(\d+)")


class Unavailable(RuntimeError):
    """Solvent does not answer, and nothing that may still be used is at hand."""


class Refused(RuntimeError):
    """Solvent says that the question is wrong (4xx); the message is its own."""


def connect(url: str, api_key: str, *, timeout_s: float = TIMEOUT_S) -> httpx.Client:
    """A client of one installation."""
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {api_key}"}, timeout=timeout_s)


@dataclass(slots=True)
class _Kept:
    said: Entitlements
    tag: str
    fresh_until: float
    stale_until: float
    ask_at: float = 0.0


class Reader:
    """Reads of many accounts; safe for many threads."""

    def __init__(self, client: httpx.Client, *, clock: Callable[[], float] = time.time) -> None:
        self._client, self._clock = client, clock
        self._kept: dict[tuple[str, str | None], _Kept] = {}
        self._lock = threading.Lock()

    def read(self, account_id: str, thing: str | None = None) -> Entitlements:
        """What an account may use: of one object (and the whole account), or of all. From memory while the last answer
        is fresh; while Solvent does not answer, as it last said. Raises `Unavailable` and `Refused`."""
        now, kept = self._clock(), self._kept.get((account_id, thing))
        if kept is not None and now < max(kept.fresh_until, kept.ask_at):
            return kept.said if now < kept.fresh_until else self._stale(kept, now)
        headers = {} if kept is None else {"if-none-match": kept.tag}
        parameters = {} if thing is None else {"object": thing}
        try:
            answer = self._client.get(
                f"/v1/accounts/{account_id}/entitlements", headers=headers, params=parameters
            )
        except httpx.TransportError as error:
            return self._without(kept, now, str(error))
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return self._without(kept, now, f"{answer.status_code} of Solvent")
        return self._keep((account_id, thing), answer, kept, now).said

    def forget(self, account_id: str) -> None:
        """Ask anew at the next read, as after an entry of the feed of changes."""
        with self._lock:
            for key in [k for k in self._kept if k[0] == account_id]:
                self._kept[key].fresh_until = 0.0

    def follow(self, after: str | None = None, *, wait_s: int = 20) -> str:
        """Learn what has changed, and forget what was kept of those accounts; returns the cursor to ask with next.
        Waits until there is a change, `wait_s` seconds at most. Without `after` it goes to where the feed is now, and
        forgets everybody. Raises `Unavailable` and `Refused`: then ask again with the same cursor."""
        if after is None:
            with self._lock:
                for kept in self._kept.values():
                    kept.fresh_until = 0.0
        page = self._changes(after, wait_s if after is not None else 0)
        while page["more"]:
            self._changed(page)
            page = self._changes(page["next"], 0)
        self._changed(page)
        return str(page["next"])

    def _changed(self, page: Mapping[str, Any]) -> None:
        for account_id in {entry["account_id"] for entry in page["data"]}:
            self.forget(account_id)

    def _changes(self, after: str | None, wait_s: int) -> Mapping[str, Any]:
        parameters: dict[str, str | int] = {"wait": wait_s} | ({} if after is None else {"after": after})
        try:
            answer = self._client.get(
                "/v1/entitlement-changes", params=parameters, timeout=TIMEOUT_S + wait_s
            )
        except httpx.TransportError as error:
            raise Unavailable(str(error)) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable(f"{answer.status_code} of Solvent")
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"{answer.status_code}: {_detail(answer)}")
        page: Mapping[str, Any] = answer.json()
        return page

    def _keep(
        self, key: tuple[str, str | None], answer: httpx.Response, kept: _Kept | None, now: float
    ) -> _Kept:
        if answer.status_code == httpx.codes.NOT_MODIFIED and kept is not None:
            said = kept.said
        elif answer.status_code == httpx.codes.OK:
            said = _said(answer.json())
        else:
            raise Refused(f"{answer.status_code}: {_detail(answer)}")
        control = answer.headers.get("cache-control", "")
        fresh = _Kept(
            said, answer.headers["etag"], now + _seconds(_MAX_AGE, control), now + _seconds(_STALE, control)
        )
        with self._lock:
            if len(self._kept) >= KEPT_MAX and key not in self._kept:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = fresh
        return fresh

    def _without(self, kept: _Kept | None, now: float, why: str) -> Entitlements:
        if kept is None or now >= kept.stale_until:
            raise Unavailable(why)
        kept.ask_at = now + PAUSE_S
        return self._stale(kept, now)

    def _stale(self, kept: _Kept, now: float) -> Entitlements:
        return kept.said.as_of(datetime.fromtimestamp(now, UTC))


@dataclass(frozen=True, slots=True)
class _Made:
    token: str
    renew_at: float
    expires_at: float


class Tokens:
    """Tokens for others to check: the last one of its kind until most of its life is over, then another one; while
    Solvent does not answer, the last one until it expires."""

    def __init__(
        self, client: httpx.Client, *, audience: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._client, self._audience, self._clock = client, audience, clock
        self._made: dict[tuple[str, tuple[str, ...]], _Made] = {}

    def token(self, account_id: str, things: Iterable[str] = ()) -> str:
        """A token about an account, or about some of its objects. Raises `Unavailable` and `Refused`."""
        now, key = self._clock(), (account_id, tuple(sorted(things)))
        made = self._made.get(key)
        if made is not None and now < made.renew_at:
            return made.token
        try:
            answer = self._client.post(
                f"/v1/accounts/{account_id}/entitlement-token",
                json={"audience": self._audience, "objects": key[1]},
            )
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return self._take(key, answer, now)
            why = f"{answer.status_code} of Solvent"
        except httpx.TransportError as error:
            why = str(error)
        if made is None or now >= made.expires_at:
            raise Unavailable(why)
        self._made[key] = replace(made, renew_at=min(now + PAUSE_S, made.expires_at))
        return made.token

    def _take(self, key: tuple[str, tuple[str, ...]], answer: httpx.Response, now: float) -> str:
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"{answer.status_code}: {_detail(answer)}")
        said = answer.json()
        expires_at = _moment(said["expires_at"]).timestamp()
        if len(self._made) >= KEPT_MAX and key not in self._made:
            self._made.pop(next(iter(self._made)), None)
        self._made[key] = _Made(said["token"], now + (expires_at - now) * 2 / 3, expires_at)
        return str(said["token"])


def _said(body: Mapping[str, Any]) -> Entitlements:
    features: dict[str, dict[str, Feature]] = {}
    for one in body["features"]:
        features.setdefault(one["object"], {})[one["feature"]] = one["value"]
    return Entitlements(
        account_id=body["account_id"],
        features=features,
        grants=tuple(
            Grant(
                product_id=g["product_id"],
                object=g["object"],
                quantity=g["quantity"],
                proof=g["proof"],
                features=g["features"],
                ends_at=_moment(g["ends_at"]),
            )
            for g in body["entitlements"]
        ),
        held=tuple(h["product_id"] for h in body["held"]),
        unpaid=tuple(u["product_id"] for u in body["unpaid"]),
        valid_until=None if body["valid_until"] is None else _moment(body["valid_until"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _seconds(pattern: re.Pattern[str], control: str) -> int:
    found = pattern.search(control)
    return 0 if found is None else int(found[1])


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
