"""Webhooks: what tells endpoints in a process, and the commands about them.

Owns how it is put together, and what people see of endpoints and deliveries. Does not own the telling (`webhooks`).
"""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.ids import InvalidId, parse, spell
from solvent.core.webhook import BY_HAND, Answer, DeliveryState, EndpointState, broken_url_rule, unknown_type
from solvent.store.sealing import SealBrokenError
from solvent.store.webhook_deliveries import Listed, Wanted, WebhookDeliveries
from solvent.store.webhook_endpoints import StoredEndpoint, WebhookEndpoints
from solvent.web.handlers.webhooks import delivery_view, endpoint_view
from solvent.webhooks import Webhooks
from solvent.wiring import Solvent

REPLAY_PER_BUCKET_MAX = 10_000


def endpoints_of(solvent: Solvent) -> WebhookEndpoints:
    """The endpoints, with what opens their secrets."""
    secret = solvent.settings.secret
    return WebhookEndpoints(solvent.database.pool, None if secret is None else secret.get_secret_value())


def webhooks_of(solvent: Solvent) -> Webhooks:
    """What tells them."""
    deliveries = WebhookDeliveries(solvent.database.pool)
    return Webhooks(endpoints_of(solvent), deliveries, solvent.clock, solvent.platform.telemetry)


def lines(solvent: Solvent, *, for_programs: bool = False) -> Iterator[str]:
    """All endpoints, with what waits for each and what was left failed."""
    deliveries = WebhookDeliveries(solvent.database.pool)
    found = endpoints_of(solvent).all()
    if for_programs:
        yield as_json([_shown(one, deliveries) for one in found])
        return
    for one in found:
        yield _line(one, deliveries.count(one.receiver.id))
    if not found:
        yield "no webhook endpoint: `solvent webhooks add URL` makes one"


def _shown(one: StoredEndpoint, deliveries: WebhookDeliveries) -> dict[str, object]:
    """As the API shows it, and how much was told."""
    return msgspec.structs.asdict(endpoint_view(one)) | {"deliveries": deliveries.count(one.receiver.id)}


def add(
    solvent: Solvent, url: str, types: list[str], description: str, *, for_programs: bool = False
) -> Iterator[str]:
    """Tell an address of what happens from now on."""
    broken = broken_url_rule(url)
    if broken is not None:
        raise CommandError(f"URL: {broken}", USAGE)
    at = unknown_type(types)
    if at is not None:
        raise CommandError(f"--type: must be a type of event that there is, got {types[at]!r}", USAGE)
    endpoints, id_ = endpoints_of(solvent), solvent.platform.ids.draw(0)
    endpoints.add(id_, url, sorted(set(types)), description, solvent.clock())
    if for_programs:
        made = endpoint_view(_found(solvent, spell("whe", id_)))
        yield as_json(msgspec.structs.asdict(made) | {"secret": endpoints.secrets(id_, solvent.clock())[0]})
        return
    yield f"{spell('whe', id_)} is told of what happens from now on"
    yield f"secret: {endpoints.secrets(id_, solvent.clock())[0]}"


def show(
    solvent: Solvent, endpoint: str, *, state: str | None, limit: int, for_programs: bool = False
) -> Iterator[str]:
    """An endpoint and its deliveries, the newest first."""
    if state is not None and state not in set(DeliveryState):
        raise CommandError(f"--state: must be one of {', '.join(DeliveryState)}, got {state!r}", USAGE)
    one, deliveries = _found(solvent, endpoint), WebhookDeliveries(solvent.database.pool)
    wanted = None if state is None else DeliveryState(state)
    told = deliveries.page(one.receiver.id, state=wanted, limit=limit)
    if for_programs:
        yield as_json(_shown(one, deliveries) | {"told": [delivery_view(each) for each in told]})
        return
    yield _line(one, deliveries.count(one.receiver.id))
    yield from (_told(each) for each in told)


def secret(solvent: Solvent, endpoint: str) -> Iterator[str]:
    """What signs, the present one first."""
    try:
        yield from endpoints_of(solvent).secrets(_found(solvent, endpoint).receiver.id, solvent.clock())
    except SealBrokenError as broken:
        raise CommandError(f"the secret cannot be read: {broken}") from None


def rotate(solvent: Solvent, endpoint: str) -> str:
    """Sign with another secret from now on."""
    endpoints, id_ = endpoints_of(solvent), _found(solvent, endpoint).receiver.id
    if not endpoints.rotate(id_, solvent.clock()):
        raise CommandError(
            "its secret was kept otherwise than SOLVENT_SECRET now says: make another endpoint"
        )
    return endpoints.secrets(id_, solvent.clock())[0]


def move(solvent: Solvent, endpoint: str, state: EndpointState) -> str:
    """Enable, disable or delete it."""
    id_ = _found(solvent, endpoint).receiver.id
    endpoints_of(solvent).move(id_, state, BY_HAND if state is EndpointState.DISABLED else None)
    return f"{endpoint} is {state}"


def test(solvent: Solvent, endpoint: str) -> str:
    """Post something that did not happen, now."""
    webhooks = webhooks_of(solvent)
    try:
        answer = webhooks.test(_found(solvent, endpoint).receiver)
    finally:
        webhooks.close()
    if not answer.taken:
        raise CommandError(f"it did not take it: {_said(answer)}")
    return f"it took it: {_said(answer)}"


def replay(solvent: Solvent, endpoint: str, hours: int, *, failed_only: bool) -> str:
    """Tell it once more of what happened within the last hours."""
    receiver, now = _found(solvent, endpoint).receiver, solvent.clock()
    wanted = Wanted(
        since=now - timedelta(hours=hours), until=now, types=receiver.types, failed_only=failed_only
    )
    deliveries = WebhookDeliveries(solvent.database.pool)
    told = deliveries.again(receiver.id, wanted, now, REPLAY_PER_BUCKET_MAX)
    return f"{told} event{'' if told == 1 else 's'} will be told once more"


def _found(solvent: Solvent, spelled: str) -> StoredEndpoint:
    try:
        id_: UUID = parse("whe", spelled)
    except InvalidId as error:
        raise CommandError(f"ENDPOINT: {error}, got {spelled[:40]!r}", USAGE) from None
    found = endpoints_of(solvent).get(id_)
    if found is None:
        raise CommandError(f"no webhook endpoint {spelled}")
    return found


def _line(one: StoredEndpoint, counts: dict[DeliveryState, int]) -> str:
    receiver = one.receiver
    about = f" ({one.description})" if one.description else ""
    types = ", ".join(receiver.types) or "all events"
    told = ", ".join(f"{n} {state}" for state, n in counts.items()) or "nothing told yet"
    why = f": {one.reason}" if one.reason else ""
    failing = f", failing since {receiver.failing_since:%Y-%m-%d %H:%M}" if receiver.failing_since else ""
    return (
        f"{spell('whe', receiver.id)} {receiver.state}{why} {receiver.url}{about}: {types}; {told}{failing}"
    )


def _told(one: Listed) -> str:
    last = f": {_said(one.answers[-1])}" if one.answers else ""
    again = f", again at {one.look_at:%Y-%m-%d %H:%M:%S}" if one.look_at and one.answers else ""
    return f"{one.made_at:%Y-%m-%d %H:%M} {one.state:9} {one.event_id} {one.type} ({one.tries} tries){last}{again}"


def _said(answer: Answer) -> str:
    what = answer.error if answer.status is None else f"HTTP {answer.status}"
    return f"{what} after {answer.took_ms} ms"
