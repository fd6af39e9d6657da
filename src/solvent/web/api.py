"""API: the way of a request, from bytes to bytes.

Owns the order of the steps (route, admit, read, decode, run, encode) and what becomes of whatever goes wrong: a
problem, never a trace. Does not own the routes (`routes`), nor the protocol of the server (`app`).
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg_pool import PoolTimeout

from solvent.flows.opening import Contended
from solvent.store.answers import Answered, Answers, Fresh, OtherInput, Underway
from solvent.store.database import Session
from solvent.store.followed import Followed
from solvent.store.keys import Keys
from solvent.store.queries import Queries
from solvent.store.sealing import Seal
from solvent.web.cors import Origins
from solvent.web.decoding import decode_body, decode_query, unreadable
from solvent.web.endpoint import Call, Endpoint, Pieces, Repeat, Reply
from solvent.web.gate import admit, idempotency_key, secret_of
from solvent.web.handlers.shared import fingerprint
from solvent.web.kept import Kept
from solvent.web.pages.told import told_on_page
from solvent.web.problems import CONTENT_TYPE, FieldError, Problem, invalid
from solvent.web.router import Router
from solvent.web.waiting import Waiting
from solvent.wiring import Solvent

CHUNK_BYTES = 1 << 16
UNREAD_BYTES_MAX = 1 << 20  # of a body that is too large
RETRY_AFTER_S = 1
EXPORTS_MAX = 2  # at once in a process: each sorts much, and holds a connection while it is written
NOBODY = UUID(int=0)  # whose keys are those of callers without an API key; what they name is in the path
NOWHERE = "none"  # the endpoint of a request for which there is none
JSON = "application/json"

logger = logging.getLogger("solvent.web")
_encode = msgspec.json.Encoder().encode


class Input(Protocol):
    """A request's body as a stream."""

    def read(self, size: int = -1, /) -> bytes: ...


class Sent(NamedTuple):
    """What goes back to the client."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    pieces: Pieces | None = None  # in place of a body


class Api:
    """The API over one process's parts; called from many threads at once."""

    def __init__(self, solvent: Solvent, endpoints: Iterable[Endpoint]) -> None:
        self._solvent = solvent
        self._router = Router(endpoints)
        self._telemetry = solvent.platform.telemetry
        self._origins = Origins(solvent.settings.checkout_origins)
        self._keys = Keys(solvent.database.pool, solvent.platform.ids)
        self._answers = Answers(solvent.database.pool)
        self._waiting = Waiting(solvent.settings.web_threads // 2)
        self._places = BoundedSemaphore(EXPORTS_MAX)
        self._kept = Kept(Followed(solvent.database.pool), solvent.settings.entitlements_kept)
        self._queries = Queries(solvent.database.pool, solvent.settings.secret_text)

    def handle(self, method: str, path: str, environ: Mapping[str, Any], stream: Input) -> Sent:
        """Answer one request. `environ` holds its headers as CGI names them. Never raises."""
        began = time.perf_counter()
        asked = self._origins.preflight(method, path, environ)
        if asked is not None:
            return Sent(204, asked, b"")
        try:
            endpoint, parameters = self._router.find(method, path)
        except Problem as problem:
            name, sent = NOWHERE, _sent_problem(problem, path, environ)
        else:
            name = endpoint.name
            with self._telemetry.request(endpoint.method, endpoint.path, _caller(endpoint, environ)) as span:
                sent = self._safe(endpoint, parameters, path, environ, stream)
                span.add("http.response.status_code", sent.status)
        self._telemetry.requested(name, sent.status, time.perf_counter() - began)
        sent.headers.extend(self._origins.headers(path, environ))
        return sent

    def _safe(
        self,
        endpoint: Endpoint,
        parameters: Mapping[str, str],
        path: str,
        environ: Mapping[str, Any],
        stream: Input,
    ) -> Sent:
        """The answer, whatever goes wrong."""
        retry = [("retry-after", str(RETRY_AFTER_S))]
        try:
            return self._answer(endpoint, parameters, environ, stream)
        except Problem as problem:
            wrong = problem
        except Contended:
            detail = "other requests about the same thing came between: try again"
            wrong = Problem("in_flight", detail, headers=retry)
        except (psycopg.OperationalError, PoolTimeout) as error:
            logger.warning("database unavailable: %s", error)
            self._solvent.database.pool.check()  # what else it closed need not fail a request each
            wrong = Problem("unavailable", "the database does not answer", headers=retry)
        except Exception:  # the edge: whatever it was, the client gets an id and the log has the rest
            incident = uuid4().hex
            shown = endpoint.path if "token" in parameters else path  # a link to pay is not for the log
            logger.exception("incident %s: %s %s", incident, endpoint.method, shown)
            wrong = Problem("internal", f"it was recorded as incident {incident}")
        return _sent_problem(wrong, path, environ)

    def _answer(
        self, endpoint: Endpoint, parameters: Mapping[str, str], environ: Mapping[str, Any], stream: Input
    ) -> Sent:
        call = self._call(parameters, environ)
        if endpoint.scope is not None:
            key_id = admit(self._keys, endpoint.scope, environ)
            if endpoint.repeat is not Repeat.NEVER:
                call.key = idempotency_key(environ, key_id)
        elif endpoint.repeat is not Repeat.NEVER:
            call.key = idempotency_key(environ, NOBODY)
        _read(endpoint, call, environ, stream)
        return self._run(endpoint, call)

    def at_home(
        self,
        endpoint: Endpoint,
        parameters: Mapping[str, str],
        environ: Mapping[str, Any],
        body: bytes,
        key: str,
    ) -> Sent:
        """Answer whoever is at the machine itself and needs no API key; raises `Problem`. `key` is unique there."""
        call = self._call(parameters, environ)
        call.key = key
        _read(endpoint, call, environ, BytesIO(body))
        return self._run(endpoint, call)

    def _call(self, parameters: Mapping[str, str], environ: Mapping[str, Any]) -> Call:
        return Call(
            solvent=self._solvent,
            queries=self._queries,
            kept=self._kept,
            waiting=self._waiting,
            places=self._places,
            now=self._solvent.clock(),
            path=parameters,
            environ=environ,
        )

    def _run(self, endpoint: Endpoint, call: Call) -> Sent:
        try:
            return (
                self._once(endpoint, call) if endpoint.repeat is Repeat.ANSWER else _sent(endpoint.run(call))
            )
        finally:
            if endpoint.repeat is not Repeat.NEVER:
                self._kept.touch()

    def _once(self, endpoint: Endpoint, call: Call) -> Sent:
        """Run what leaves no attempt, or say again what was said to the same key and input."""
        bucket = sha256(call.key.encode()).digest()[0]
        begun = self._answers.begin(bucket, call.key, fingerprint(call, endpoint.name), call.now)
        match begun:
            case Answered():
                seal = _seal_of(call)
                body = seal.open(begun.body, sealed=seal.seals)
                return Sent(begun.status, [("content-type", JSON)] if body else [], body)
            case OtherInput():
                detail = "this idempotency key came with another request before"
                raise Problem("idempotency_key_reused", detail)
            case Underway():
                detail = "the same request is under way: ask again in a moment"
                raise Problem("in_flight", detail, headers=[("retry-after", str(RETRY_AFTER_S))])
            case Fresh():
                return self._first(endpoint, call, bucket)

    def _first(self, endpoint: Endpoint, call: Call, bucket: int) -> Sent:
        call.bucket = bucket
        call.keep = lambda tx, reply: self._keep(tx, call, bucket, _sent(reply))
        try:
            sent = _sent(endpoint.run(call))
        except BaseException:
            with suppress(psycopg.Error, PoolTimeout):  # otherwise the lease of the key ends by itself
                self._answers.abandon(bucket, call.key)
            raise
        self._keep(None, call, bucket, sent)
        return sent

    def _keep(self, tx: Session | None, call: Call, bucket: int, sent: Sent) -> None:
        body = _seal_of(call).close(sent.body)
        self._answers.finish(bucket, call.key, sent.status, body, None if tx is None else tx.connection)


def _seal_of(call: Call) -> Seal:
    """Answers hold secrets that are shown once: only who comes with the same API key, of which we keep a hash, can
    have them opened again."""
    return Seal(secret_of(call.environ), "kept answers")


def _caller(endpoint: Endpoint, environ: Mapping[str, Any]) -> str | None:
    """The caller's trace, where callers are the merchant's own services: anybody else could have all of his kept."""
    parent: str | None = environ.get("HTTP_TRACEPARENT") if endpoint.scope is not None else None
    return parent


def _read(endpoint: Endpoint, call: Call, environ: Mapping[str, Any], stream: Input) -> None:
    """The query string and the body, as the endpoint says."""
    query: str = environ.get("QUERY_STRING", "")
    if endpoint.query is not None:
        call.query = decode_query(query, endpoint.query)
    elif query and not endpoint.raw_query:
        raise invalid(FieldError("query", "must be empty: this takes no parameters"))
    if endpoint.body is None and not endpoint.raw_body:
        return
    call.raw = _body(environ, stream, endpoint.body_bytes_max)
    if endpoint.body is not None:
        call.body = decode_body(call.raw, endpoint.body)


def _body(environ: Mapping[str, Any], stream: Input, bytes_max: int) -> bytes:
    length: str = environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or ""
    if length:
        if not length.isdecimal():
            raise unreadable("must have a Content-Length that is a number")
        if int(length) > bytes_max:
            raise _too_large(bytes_max, stream)
    raw = stream.read(bytes_max + 1)
    if len(raw) > bytes_max:
        raise _too_large(bytes_max, stream)
    return raw


def _too_large(bytes_max: int, stream: Input) -> Problem:
    """What is still being sent is taken first, within bounds: who is cut off while sending does not see the answer."""
    for _ in range(UNREAD_BYTES_MAX // CHUNK_BYTES):
        if not stream.read(CHUNK_BYTES):
            break
    return Problem("payload_too_large", f"a body has at most {bytes_max} bytes here")


def _sent(reply: Reply) -> Sent:
    """A reply as bytes; nothing is nothing, not ``null``."""
    if reply.value is None:
        return Sent(reply.status, list(reply.headers), b"")
    if isinstance(reply.value, Pieces):
        return Sent(reply.status, [("content-type", reply.content_type), *reply.headers], b"", reply.value)
    body = reply.value if isinstance(reply.value, bytes) else _encode(reply.value)
    return Sent(reply.status, [("content-type", reply.content_type), *reply.headers], body)


def _sent_problem(problem: Problem, path: str, environ: Mapping[str, Any]) -> Sent:
    """For a program, or on a page for a person."""
    told = told_on_page(problem, path, environ)
    if told is not None:
        return _sent(told)
    headers: Sequence[tuple[str, str]] = problem.headers
    return Sent(problem.status, [("content-type", CONTENT_TYPE), *headers], problem.body())
