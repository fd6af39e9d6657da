"""Entitlements: what product services read at run time, cheap to ask again and useful while this service is away.

Owns `accounts/{id}/entitlements` and `entitlements/read`: the answer, its tag and how long it may be used. Does not own
the shapes (`entitlement_views`), what is granted (`core.entitlement`) nor the reading (`store.entitled`).

A tag is the mark of the account and the moment at which time alone changes the answer: whoever shows it again is
answered from the mark, and no grant is read.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from solvent.core.catalog import Catalog
from solvent.core.entitlement import Grant, active
from solvent.core.feature import FeatureKind, capabilities
from solvent.core.ids import spell
from solvent.core.unproven import unproven
from solvent.store.entitled import Entitled, Mark, Proven
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.entitlement_bodies import EntitlementsQuery, ManyBody, ManyEntitlementsView, TaggedView
from solvent.web.fields import uuid_in
from solvent.web.handlers.entitlement_views import (
    EntitlementsView,
    capability_view,
    entitlement_view,
    held_view,
    restriction_view,
    unpaid_view,
)
from solvent.web.kept import Answer as Kept
from solvent.web.problems import FieldError, breaks, not_found

WHOLE_ACCOUNT = "account"  # the object that stands for all of them
PENDING_MAX = timedelta(seconds=2)  # a payment in flight may change the answer at any moment
STALE_S = 86_400  # how long a reader may go on using an answer while this service does not answer
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TAG = re.compile(r'"([0-9a-f]{32})\.([0-9]{1,18})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a reader asks about: one object (with what holds for the whole account), one feature, or all."""

    object: str | None = None
    feature: str | None = None

    def takes(self, grant: Grant) -> bool:
        """Whether a grant says something about it."""
        here = self.object is None or grant.object in (self.object, WHOLE_ACCOUNT)
        return here and (self.feature is None or self.feature in grant.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is true of an account: `proven` are those of its grants that are active now."""

    entitled: Entitled
    proven: tuple[Proven, ...]
    valid_until: datetime | None


def read(call: Call) -> Reply:
    """What one account may use now: as it was read a moment ago, where nothing has happened to it since."""
    query: EntitlementsQuery = call.query
    account_id = public_id("acc", call.path["account_id"], "account_id")
    wanted = Filter(object=query.object, feature=query.feature)
    catalog = call.solvent.platform.store.catalog()
    if query.usage:
        found = _found(call, account_id)
        view = view_of(call, answer_of(found, wanted), wanted, catalog, usage=True)
        return Reply(view, 200, [("cache-control", f"private, max-age=0, stale-if-error={STALE_S}")])
    shown = call.header("if-none-match") or ""
    kept = None
    if "no-cache" not in (call.header("cache-control") or ""):
        kept = call.kept.get(account_id, (query.object, query.feature), catalog.feature_digest)
    if kept is not None:
        answer, fresh_s = kept
        headers = [("etag", answer.tag), ("cache-control", _control(fresh_s))]
        return Reply(b"", 304, headers) if answer.tag in shown else Reply(answer.body, 200, headers)
    return _unchanged(call, account_id, catalog, shown) or _anew(call, account_id, wanted, catalog)


def _unchanged(call: Call, account_id: UUID, catalog: Catalog, shown: str) -> Reply | None:
    """304, where a tag that is shown is still right: no grant is read."""
    tags = _shown(shown)
    mark = call.queries.entitled.marks([account_id], call.now).get(account_id) if tags else None
    edge = None if mark is None else _edge_shown(mark, catalog, tags)
    if mark is None or edge is None:
        return None
    valid_until = _EPOCH + edge * _MICROSECOND if edge else None
    return Reply(b"", 304, _headers(call, mark, catalog, valid_until))


def _anew(call: Call, account_id: UUID, wanted: Filter, catalog: Catalog) -> Reply:
    """The answer from the database. It is kept unless it may change without an event, or by another clock."""
    looks = call.kept.looks
    entitled = _found(call, account_id)
    mark, answer = entitled.mark, answer_of(entitled, wanted)
    body = msgspec.json.encode(view_of(call, answer, wanted, catalog))
    headers = _headers(call, mark, catalog, answer.valid_until)
    if not mark.pending and mark.moment == call.now:
        fresh_s = _fresh(call, mark, answer.valid_until).total_seconds()
        age_s = (call.solvent.clock() - call.now).total_seconds()  # the request itself took some time
        kept = Kept(body, headers[0][1], time.monotonic() - age_s, fresh_s, catalog.feature_digest)
        call.kept.keep(account_id, (wanted.object, wanted.feature), kept, looks)
    return Reply(body, 200, headers)


def _found(call: Call, account_id: UUID) -> Entitled:
    entitled = call.queries.entitled.read([account_id], call.now).get(account_id)
    if entitled is None:
        raise not_found("account", call.path["account_id"])
    return entitled


def read_many(call: Call) -> Reply:
    """What several accounts may use now, but for those whose tag is still right."""
    body: ManyBody = call.body
    wanted = Filter(object=body.object, feature=body.feature)
    ids = [uuid_in(a) for a in dict.fromkeys(body.accounts)]
    strangers = [a for a in body.known if a not in set(body.accounts)]
    if strangers:
        raise breaks(FieldError("known", f"must name only accounts that are asked for, got {strangers[0]}"))
    catalog = call.solvent.platform.store.catalog()
    marks = call.queries.entitled.marks(ids, call.now) if body.known else {}
    fresh = {
        i
        for i, mark in marks.items()
        if _edge_shown(mark, catalog, _shown(body.known.get(spell("acc", i), ""))) is not None
    }
    found = call.queries.entitled.read([i for i in ids if i not in fresh], call.now)
    data = [_tagged(call, found[i], wanted, catalog) for i in ids if i in found]
    missing = [spell("acc", i) for i in ids if i not in found and i not in fresh]
    return Reply(
        ManyEntitlementsView(
            data=data, unchanged=[spell("acc", i) for i in ids if i in fresh], missing=missing
        )
    )


def answer_of(entitled: Entitled, wanted: Filter) -> Answer:
    """What is granted now of what is asked about, and until when that stays so by itself."""
    moment = entitled.mark.moment
    about = [p for p in entitled.proven if wanted.takes(p.grant)]
    now_active = set(map(id, active([p.grant for p in about], moment)))
    edges = [p.grant.ends_at if id(p.grant) in now_active else p.grant.starts_at for p in about]
    return Answer(
        entitled=entitled,
        proven=tuple(p for p in about if id(p.grant) in now_active),
        valid_until=min(edges, default=None),
    )


def view_of(
    call: Call, answer: Answer, wanted: Filter, catalog: Catalog, *, usage: bool = False
) -> EntitlementsView:
    """The whole answer."""
    entitled, grants = answer.entitled, [p.grant for p in answer.proven]
    found = [c for c in capabilities(grants, catalog.features) if wanted.feature in (None, c.feature)]
    quotas = [c for c in found if c.kind is FeatureKind.QUOTA] if usage else []
    used = call.queries.entitled.used(entitled.mark, quotas, catalog) if quotas else {}
    granted = active([p.grant for p in entitled.proven], entitled.mark.moment)
    tried = unproven(entitled.tried, granted, catalog, call.solvent.platform.policy) if entitled.tried else ()
    waiting = [x for x in tried if wanted.takes(x.grant)]
    return EntitlementsView(
        account_id=spell("acc", entitled.mark.account_id),
        entitlements=[entitlement_view(p, entitled.segment) for p in answer.proven],
        features=[capability_view(c, used.get((c.object, c.feature))) for c in found],
        held=[held_view(x) for x in waiting if x.held],
        unpaid=[unpaid_view(x) for x in waiting if not x.held],
        restrictions=[restriction_view(m) for m in entitled.measures],
        valid_until=answer.valid_until,
    )


def _tagged(call: Call, entitled: Entitled, wanted: Filter, catalog: Catalog) -> TaggedView:
    answer = answer_of(entitled, wanted)
    mark, until = entitled.mark, answer.valid_until
    view = view_of(call, answer, wanted, catalog)
    fields = {name: getattr(view, name) for name in EntitlementsView.__struct_fields__}
    return TaggedView(
        **fields, etag=_tag(mark, catalog, until), max_age=int(_fresh(call, mark, until).total_seconds())
    )


def _headers(call: Call, mark: Mark, catalog: Catalog, valid_until: datetime | None) -> list[tuple[str, str]]:
    control = _control(int(_fresh(call, mark, valid_until).total_seconds()))
    return [("etag", _tag(mark, catalog, valid_until)), ("cache-control", control)]


def _control(fresh_s: int) -> str:
    return f"private, max-age={fresh_s}, stale-if-error={STALE_S}"


def _fresh(call: Call, mark: Mark, valid_until: datetime | None) -> timedelta:
    """For how long the answer may be used without asking again: no longer than it stays true by itself."""
    most = timedelta(seconds=call.solvent.settings.entitlement_fresh_s)
    if mark.pending:
        most = min(most, PENDING_MAX)
    if valid_until is not None:
        most = max(min(most, valid_until - mark.moment), timedelta())
    return most


def _tag(mark: Mark, catalog: Catalog, valid_until: datetime | None) -> str:
    edge = 0 if valid_until is None else (valid_until - _EPOCH) // _MICROSECOND
    return f'"{mark.digest}{catalog.feature_digest}.{edge}"'


def _shown(text: str) -> list[tuple[str, int]]:
    """The tags that a reader shows, each as its mark and its edge (microseconds; 0: none)."""
    return [(digest, int(edge)) for digest, edge in _TAG.findall(text)]


def _edge_shown(mark: Mark, catalog: Catalog, shown: Iterable[tuple[str, int]]) -> int | None:
    """The edge of a shown tag that is still right: neither a fact nor time has changed the answer."""
    now = (mark.moment - _EPOCH) // _MICROSECOND
    for digest, edge in shown:
        if digest == mark.digest + catalog.feature_digest and (edge == 0 or now < edge):
            return edge
    return None
