"""Webhooks: endpoints that are told of events, and what became of each telling.

Owns how a request becomes one read or one act. Does not own what an endpoint is told, nor when (`webhooks`).
"""

import re
from datetime import datetime

from msgspec import UNSET, UnsetType

from solvent.core.ids import spell
from solvent.core.webhook import BY_HAND, Answer, EndpointState, broken_url_rule, unknown_type
from solvent.store.outbox import place_of
from solvent.store.sealing import SealBrokenError
from solvent.store.webhook_deliveries import Listed, Wanted
from solvent.store.webhook_endpoints import StoredEndpoint
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.problems import not_found, refused
from solvent.web.webhook_views import (
    AnswerView,
    DeliveriesQuery,
    DeliveryPage,
    DeliveryView,
    ReplayBody,
    ReplayView,
    WebhookEndpointBody,
    WebhookEndpointChangeBody,
    WebhookEndpointPage,
    WebhookEndpointView,
    WebhookSecretView,
)
from solvent.webhooks import Webhooks

ENDPOINTS_MAX = 50
REPLAY_PER_BUCKET_MAX = 1_000
_EVENT_ID = re.compile(r"evt_[0-9a-f]{16}")


def page(call: Call) -> Reply:
    """All endpoints."""
    return Reply(WebhookEndpointPage([endpoint_view(one) for one in call.queries.webhook_endpoints.all()]))


def create(call: Call) -> Reply:
    """Tell an address of what happens from now on."""
    body: WebhookEndpointBody = call.body
    _check(body.url, body.types)
    if len(call.queries.webhook_endpoints.all()) >= ENDPOINTS_MAX:
        raise refused("url", f"must be one of at most {ENDPOINTS_MAX} endpoints: delete one first")
    id_ = call.solvent.platform.ids.draw(0)
    call.queries.webhook_endpoints.add(id_, body.url, sorted(set(body.types)), body.description, call.now)
    made = call.queries.webhook_endpoints.get(id_)
    assert made is not None, "it was made just now"
    return Reply(endpoint_view(made), 201)


def read(call: Call) -> Reply:
    """One endpoint."""
    return Reply(endpoint_view(_endpoint(call)))


def change(call: Call) -> Reply:
    """Tell it elsewhere, or of other events."""
    body: WebhookEndpointChangeBody = call.body
    now = _endpoint(call)
    url = now.receiver.url if isinstance(body.url, UnsetType) else body.url
    types = now.receiver.types if isinstance(body.types, UnsetType) else tuple(sorted(set(body.types)))
    description = now.description if isinstance(body.description, UnsetType) else body.description
    _check(url, () if body.types is UNSET else types)
    call.queries.webhook_endpoints.change(now.receiver.id, url, types, description)
    return Reply(endpoint_view(_endpoint(call)))


def delete(call: Call) -> Reply:
    """Tell it nothing more."""
    call.queries.webhook_endpoints.delete(_endpoint(call).receiver.id)
    return Reply(None, 204)


def enable(call: Call) -> Reply:
    """Tell it again, from where it stopped."""
    call.queries.webhook_endpoints.move(_endpoint(call).receiver.id, EndpointState.ENABLED)
    return Reply(endpoint_view(_endpoint(call)))


def disable(call: Call) -> Reply:
    """Tell it nothing until it is enabled."""
    call.queries.webhook_endpoints.move(_endpoint(call).receiver.id, EndpointState.DISABLED, BY_HAND)
    return Reply(endpoint_view(_endpoint(call)))


def secret(call: Call) -> Reply:
    """What signs."""
    return Reply(_secret_view(call), headers=[("cache-control", "no-store")])


def rotate(call: Call) -> Reply:
    """Sign with another secret from now on."""
    if not call.queries.webhook_endpoints.rotate(_endpoint(call).receiver.id, call.now):
        raise refused("endpoint_id", "must be of an endpoint whose secret is kept as SOLVENT_SECRET now says")
    return Reply(None, 204)


def test(call: Call) -> Reply:
    """Post something that did not happen, and say what came of it."""
    receiver, queries = _endpoint(call).receiver, call.queries
    webhooks = Webhooks(queries.webhook_endpoints, queries.webhook_deliveries, call.solvent.clock)
    try:
        return Reply(_answer(webhooks.test(receiver)))
    finally:
        webhooks.close()


def deliveries(call: Call) -> Reply:
    """A page of what it was told, and is to be told."""
    query: DeliveriesQuery = call.query
    found = call.queries.webhook_deliveries.page(
        _endpoint(call).receiver.id,
        state=query.state,
        type_=query.type,
        account=None if query.account is None else uuid_in(query.account),
        after=None if query.after is None else place_of(query.after),
        limit=query.limit + 1,
    )
    shown = [delivery_view(one) for one in found[: query.limit]]
    return Reply(DeliveryPage(shown, shown[-1].event_id if len(found) > query.limit else None))


def replay(call: Call) -> Reply:
    """Tell it once more of what happened within a time."""
    body: ReplayBody = call.body
    receiver = _endpoint(call).receiver
    _check_types(body.types)
    until: datetime = call.now if isinstance(body.until, UnsetType) else body.until
    if body.since >= until:
        raise refused("since", "must be before until")
    wanted = Wanted(
        since=body.since, until=until, types=body.types or receiver.types, failed_only=body.failed_only
    )
    told = call.queries.webhook_deliveries.again(receiver.id, wanted, call.now, REPLAY_PER_BUCKET_MAX)
    return Reply(ReplayView(replayed=told))


def replay_one(call: Call) -> Reply:
    """Tell it once more of one event."""
    receiver = _endpoint(call).receiver
    spelled = call.path["event_id"]
    if not _EVENT_ID.fullmatch(spelled):
        raise not_found("delivery of event", spelled[:40])
    again = call.queries.webhook_deliveries.again_one(receiver.id, place_of(spelled), call.now)
    return Reply(ReplayView(replayed=int(again)))


def _endpoint(call: Call) -> StoredEndpoint:
    spelled = call.path["endpoint_id"]
    found = call.queries.webhook_endpoints.get(public_id("whe", spelled, "endpoint_id"))
    if found is None:
        raise not_found("webhook endpoint", spelled)
    return found


def _check(url: str, types: tuple[str, ...]) -> None:
    broken = broken_url_rule(url)
    if broken is not None:
        raise refused("url", broken)
    _check_types(types)


def _check_types(types: tuple[str, ...]) -> None:
    at = unknown_type(types)
    if at is not None:
        raise refused(f"types[{at}]", f"must be a type of event that there is, got {types[at]}")


def _secret_view(call: Call) -> WebhookSecretView:
    try:
        present, *retired = call.queries.webhook_endpoints.secrets(_endpoint(call).receiver.id, call.now)
    except SealBrokenError as broken:
        raise refused("endpoint_id", f"must be of an endpoint whose secret can be read: {broken}") from None
    return WebhookSecretView(secret=present, retired=retired[0] if retired else None)


def endpoint_view(one: StoredEndpoint) -> WebhookEndpointView:
    """An endpoint as it is shown."""
    receiver = one.receiver
    return WebhookEndpointView(
        id=spell("whe", receiver.id),
        url=receiver.url,
        types=list(receiver.types),
        description=one.description,
        state=receiver.state,
        reason=one.reason,
        failing_since=receiver.failing_since,
        created_at=one.made_at,
    )


def delivery_view(one: Listed) -> DeliveryView:
    """A delivery as it is shown."""
    return DeliveryView(
        event_id=one.event_id,
        type=one.type,
        account_id=spell("acc", one.account_id),
        state=one.state,
        tries=one.tries,
        created_at=one.made_at,
        next_try_at=one.look_at,
        ended_at=one.ended_at,
        answers=[_answer(answer) for answer in one.answers],
    )


def _answer(answer: Answer) -> AnswerView:
    return AnswerView(at=answer.at, status=answer.status, ms=answer.took_ms, error=answer.error)
