"""Webhook endpoints: where merchants are told of events, and the secrets that prove it.

Owns these rows. An endpoint that is made is told of what happens from then on. Does not own what it is told
(`webhook_deliveries`) nor when it is disabled (`core.webhook`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS
from solvent.core.webhook import PAUSE_MAX, ROTATION, SECRET_BYTES, Answer, EndpointState, Receiver, secret_of
from solvent.store.sealing import Seal

_COLUMNS = "id, url, types, state, failing_since, description, reason, made_at"
_ADD = """
insert into webhook_endpoint (id, url, description, types, state, made_at, secret, sealed)
values (%(id)s, %(url)s, %(description)s, %(types)s, 'enabled', %(now)s, %(secret)s, %(sealed)s)"""
_FROM_NOW = """
insert into relay_cursor (bucket, sink, seq) select bucket, 'webhook:' || %(id)s::uuid, last from event_head"""
_ALL = f"select {_COLUMNS} from webhook_endpoint where state <> 'deleted' order by id"
_ENABLED = f"select {_COLUMNS} from webhook_endpoint where state = 'enabled' order by id"
_ONE = f"select {_COLUMNS} from webhook_endpoint where id = %s and state <> 'deleted'"
_CHANGE = """
update webhook_endpoint set url = %(url)s, description = %(description)s, types = %(types)s
where id = %(id)s and state <> 'deleted'"""
_MOVE = """
update webhook_endpoint set state = %(state)s, reason = %(reason)s,
    failing_since = case when %(state)s = 'enabled' then null else failing_since end
where id = %(id)s and state <> 'deleted'"""
_TOOK = """
update webhook_endpoint set failing_since = null, failed_at = null where id = %s and failing_since is not null"""
# A failure long after the last one begins a new stretch: in between it was not asked, so it has refused nothing.
_FAILED = f"""
update webhook_endpoint set failed_at = %(at)s, failing_since =
    case when failed_at > %(at)s - %(longest)s then coalesce(failing_since, %(at)s) else %(at)s end
where id = %(id)s returning {_COLUMNS}"""
_UNTOLD = "delete from webhook_delivery where bucket = %s and endpoint_id = %s and look_at is not null"
_NO_PLACE = "delete from relay_cursor where bucket = %s and sink = %s"
_SECRETS = "select secret, retired_secret, retired_until, sealed from webhook_endpoint where id = %s"
_ROTATE = """
update webhook_endpoint set retired_secret = secret, retired_until = %(until)s, secret = %(secret)s
where id = %(id)s and sealed = %(sealed)s and state <> 'deleted'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEndpoint:
    """An endpoint with what people say of it: `reason` is why it is disabled."""

    receiver: Receiver
    description: str
    reason: str | None
    made_at: datetime


class WebhookEndpoints:
    """The endpoints of one database. Every act is one short transaction of its own."""

    def __init__(self, pool: ConnectionPool[Connection], secret: str | None = None) -> None:
        self._pool = pool
        self._seal = Seal(secret, "webhook secrets")

    def add(self, id_: UUID, url: str, types: Sequence[str], description: str, now: datetime) -> None:
        """Tell an endpoint of what happens from now on."""
        columns = {
            "id": id_,
            "url": url,
            "types": list(types),
            "description": description,
            "now": now,
            "secret": self._seal.close(secrets.token_bytes(SECRET_BYTES)),
            "sealed": self._seal.seals,
        }
        with self._pool.connection() as connection:
            connection.execute(_ADD, columns)
            connection.execute(_FROM_NOW, columns)

    def all(self) -> list[StoredEndpoint]:
        """All that are not deleted, oldest first."""
        with self._pool.connection() as connection:
            return [_endpoint(row) for row in connection.execute(_ALL).fetchall()]

    def enabled(self) -> dict[UUID, Receiver]:
        """Those that are told of events, by id."""
        with self._pool.connection() as connection:
            return {row[0]: _receiver(row) for row in connection.execute(_ENABLED).fetchall()}

    def get(self, id_: UUID) -> StoredEndpoint | None:
        """One that is not deleted."""
        with self._pool.connection() as connection:
            row = connection.execute(_ONE, (id_,)).fetchone()
        return None if row is None else _endpoint(row)

    def change(self, id_: UUID, url: str, types: Sequence[str], description: str) -> None:
        """Tell it elsewhere, or of other events, from now on."""
        columns = {"id": id_, "url": url, "types": list(types), "description": description}
        with self._pool.connection() as connection:
            connection.execute(_CHANGE, columns)

    def move(self, id_: UUID, state: EndpointState, reason: str | None = None) -> None:
        """Enable, disable (with the reason) or delete it."""
        with self._pool.connection() as connection:
            connection.execute(_MOVE, {"id": id_, "state": state, "reason": reason})

    def delete(self, id_: UUID) -> None:
        """Nothing of it waits, and no place in the outbox is kept; what it was told stays for a while.

        It is marked last: deleting that broke off on the way is asked for again.
        """
        for bucket in range(BUCKETS):
            with self._pool.connection() as connection:  # in the order in which deliveries are made
                connection.execute(_NO_PLACE, (bucket, f"webhook:{id_}"))
                connection.execute(_UNTOLD, (bucket, id_))
        self.move(id_, EndpointState.DELETED)

    def note(self, id_: UUID, answer: Answer) -> Receiver | None:
        """Remember since when it has been failing; the endpoint as it then stands, if it failed."""
        with self._pool.connection() as connection:
            if answer.taken:
                connection.execute(_TOOK, (id_,))
                return None
            scalars = {"at": answer.at, "id": id_, "longest": PAUSE_MAX}
            row = connection.execute(_FAILED, scalars).fetchone()
        return None if row is None else _receiver(row)

    def secrets(self, id_: UUID, now: datetime) -> list[str]:
        """Those that sign at that moment, the present one first; raises `SealBrokenError`."""
        with self._pool.connection() as connection:
            row = connection.execute(_SECRETS, (id_,)).fetchone()
        if row is None:
            return []
        present, retired, until, sealed = row
        kept = [present] if retired is None or until <= now else [present, retired]
        return [secret_of(self._seal.open(bytes(one), sealed=sealed)) for one in kept]

    def rotate(self, id_: UUID, now: datetime) -> bool:
        """Give it another secret; the one before signs too for a while. False: that was sealed otherwise than now."""
        columns = {
            "id": id_,
            "until": now + ROTATION,
            "secret": self._seal.close(secrets.token_bytes(SECRET_BYTES)),
            "sealed": self._seal.seals,
        }
        with self._pool.connection() as connection:
            return connection.execute(_ROTATE, columns).rowcount == 1


def _receiver(row: tuple[Any, ...]) -> Receiver:
    return Receiver(
        id=row[0], url=row[1], types=tuple(row[2]), state=EndpointState(row[3]), failing_since=row[4]
    )


def _endpoint(row: tuple[Any, ...]) -> StoredEndpoint:
    return StoredEndpoint(receiver=_receiver(row), description=row[5], reason=row[6], made_at=row[7])
