"""Carts: what customers mean to buy, with its lines.

Owns their rows: kept once for each key, changed by whoever saw their last version while no attempt stands in the way,
and read. Does not own what they come to (`core.cart_plan`) nor their payment (`journal`, `books`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from psycopg import Connection

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart
from solvent.core.ids import bucket_of
from solvent.store import codec, journal
from solvent.store.rows import insert

ATTEMPTS_MAX = 20  # of one cart, told at once

_CART = """json_build_object('id', c.id, 'account_id', c.account_id, 'version', c.version, 'coupons', c.coupons,
    'locale', c.locale, 'success_url', c.success_url, 'cancel_url', c.cancel_url, 'created_at', c.created_at,
    'expires_at', c.expires_at, 'canceled_at', c.canceled_at, 'lines', coalesce((
        select json_agg(json_build_object('id', l.id, 'price_id', l.price_id, 'quantity', l.quantity,
            'object', l.object) order by l.position)
        from cart_line l where l.bucket = c.bucket and l.cart_id = c.id), '[]'::json))::text"""

_ADD = """
insert into cart (bucket, id, account_id, version, key, input_hash, coupons, locale, success_url, cancel_url,
    created_at, expires_at)
values (%(bucket)s, %(id)s, %(account)s, %(version)s, %(key)s, %(input_hash)s, %(coupons)s, %(locale)s,
    %(success_url)s, %(cancel_url)s, %(created_at)s, %(expires_at)s)
on conflict (bucket, account_id, key) do nothing returning id"""
_BY_KEY = f"select {_CART}, c.input_hash from cart c where c.bucket = %s and c.account_id = %s and c.key = %s"
_GET = f"select {_CART} from cart c where c.bucket = %s and c.id = %s"
_PAGE = f"""
select {_CART} from cart c where c.bucket = %s and c.account_id = %s and c.id > %s order by c.id limit %s"""

# Whoever opens an attempt holds the account too: so a cart is either changed or being paid, and both know.
_HOLD = "select from account a where a.bucket = %s and a.id = %s for no key update"
_PUT = """
update cart c set version = %(version)s, coupons = %(coupons)s, canceled_at = %(canceled_at)s
where c.bucket = %(bucket)s and c.id = %(id)s and c.version = %(version)s - 1 and c.canceled_at is null
  and not exists (select from attempt t where t.bucket = c.bucket and t.cart_id = c.id
                    and t.state not in ('failed', 'returned'))
returning c.id"""
_CLEAR = "delete from cart_line l where l.bucket = %s and l.cart_id = %s"
_LINES = insert(
    "cart_line", "cart_id uuid, id uuid, position integer, price_id text, quantity integer, object text"
)

_ATTEMPTS = f"""
select {journal.COLUMNS} from attempt t where t.bucket = %s and t.cart_id = %s
order by t.state = 'committed' desc, t.look_at is not null desc, t.id desc limit {ATTEMPTS_MAX}"""

# What a customer left, or what ran out of time, is no decline.
_DECLINES = """
select count(*) filter (where t.cart_id = %s), count(*) from attempt t
where t.bucket = %s and t.account_id = %s and t.state = 'failed' and not t.off_session and t.finished_at > %s
  and t.cause not in ('canceled', 'expired', 'coupon_used_up')"""
_VISITED = """
insert into address_count as c (bucket, digest, began_at, times) values (%(bucket)s, %(digest)s, %(now)s, 1)
on conflict (bucket, digest) do update set
    times = case when c.began_at <= %(since)s then 1 else c.times + 1 end,
    began_at = case when c.began_at <= %(since)s then excluded.began_at else c.began_at end
returning times"""

_cart = msgspec.json.Decoder(Cart)


class CartRoom:
    """`ports.carts.Carts` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, cart: Cart, key: str, input_hash: bytes) -> tuple[Cart, bytes]:
        """Keep a new cart; where the caller's `key` stands for one already, that, and the input that came with it."""
        scalars = {**_scalars(cart), "key": key, "input_hash": input_hash}
        if self._connection.execute(_ADD, scalars).fetchone() is not None:
            self._write_lines(cart)
            return cart, input_hash
        known = self.by_key(cart.account_id, key)
        assert known is not None, "a cart of that key is there"
        return known

    def by_key(self, account_id: UUID, key: str) -> tuple[Cart, bytes] | None:
        """What `add` gives for a key that stands for a cart already."""
        row = self._connection.execute(_BY_KEY, (bucket_of(account_id), account_id, key)).fetchone()
        return None if row is None else (_cart.decode(row[0]), bytes(row[1]))

    def get(self, cart_id: UUID) -> Cart | None:
        """The cart of that id."""
        row = self._connection.execute(_GET, (bucket_of(cart_id), cart_id)).fetchone()
        return None if row is None else _cart.decode(row[0])

    def put(self, cart: Cart) -> bool:
        """Write the next version of a cart, in a transaction; False when it is another by now, was cancelled, or an
        attempt to pay it is in flight or has committed."""
        bucket = bucket_of(cart.id)
        self._connection.execute(_HOLD, (bucket, cart.account_id))
        if self._connection.execute(_PUT, _scalars(cart)).fetchone() is None:
            return False
        self._connection.execute(_CLEAR, (bucket, cart.id))
        self._write_lines(cart)
        return True

    def attempts(self, cart_id: UUID) -> Sequence[Attempt]:
        """The attempts to pay a cart: what has committed, what is in flight, then the last ones."""
        rows = self._connection.execute(_ATTEMPTS, (bucket_of(cart_id), cart_id), binary=True)
        return [journal.attempt_of(row) for row in rows.fetchall()]

    def declines(self, account_id: UUID, cart_id: UUID | None, since: datetime) -> tuple[int, int]:
        """How many payments with the customer were declined since then: of a cart (0 without one), and of its
        account in all."""
        about = cart_id, bucket_of(account_id), account_id, since
        row = self._connection.execute(_DECLINES, about).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def visited(self, digest: bytes, now: datetime, window: timedelta) -> int:
        """Count one more order of an address, known by a digest; how many that makes in the window."""
        scalars = {"bucket": digest[0], "digest": digest, "now": now, "since": now - window}
        row = self._connection.execute(_VISITED, scalars).fetchone()
        return 0 if row is None else int(row[0])

    def of_account(self, account_id: UUID, after: UUID | None, limit: int) -> Sequence[Cart]:
        """A page of an account's carts, in the order of their creation."""
        where = bucket_of(account_id), account_id, after or UUID(int=0), limit
        return [_cart.decode(row[0]) for row in self._connection.execute(_PAGE, where).fetchall()]

    def _write_lines(self, cart: Cart) -> None:
        rows = [
            (cart.id, line.id, n, line.price_id, line.quantity, line.object)
            for n, line in enumerate(cart.lines)
        ]
        if rows:
            _LINES.run(self._connection, rows, bucket=bucket_of(cart.id))


def _scalars(cart: Cart) -> dict[str, object]:
    return {
        "bucket": bucket_of(cart.id),
        "id": cart.id,
        "account": cart.account_id,
        "version": cart.version,
        "coupons": codec.encode(cart.coupons).decode(),
        "locale": cart.locale,
        "success_url": cart.success_url,
        "cancel_url": cart.cancel_url,
        "created_at": cart.created_at,
        "expires_at": cart.expires_at,
        "canceled_at": cart.canceled_at,
    }
