"""Payers: who each account is at each provider.

Owns the table of the provider's own names for accounts. Does not own when one is made (an adapter does).
"""

from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of

_FIND = """
select ref from payer where bucket = %(bucket)s and account_id = %(account)s and provider = %(provider)s"""

_KEEP = """
insert into payer (bucket, account_id, provider, ref) values (%(bucket)s, %(account)s, %(provider)s, %(ref)s)
on conflict (bucket, account_id, provider) do nothing"""


_REPLACE = """
update payer set ref = %(ref)s
where bucket = %(bucket)s and account_id = %(account)s and provider = %(provider)s and ref = %(gone)s"""


class StoredPayers:
    """The payers of one database; each call is a transaction of its own."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def find(self, provider: str, account_id: UUID) -> str | None:
        """What the provider calls the account; None while it does not know it."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "provider": provider}
        with self._pool.connection() as connection:
            row = connection.execute(_FIND, scalars).fetchone()
        return None if row is None else row[0]

    def keep(self, provider: str, account_id: UUID, ref: str) -> str:
        """Remember what the provider calls the account. What was kept first stays, and is returned."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "provider": provider, "ref": ref}
        with self._pool.connection() as connection:
            connection.execute(_KEEP, scalars)
        return self.find(provider, account_id) or ref

    def replace(self, provider: str, account_id: UUID, gone: str, ref: str) -> str:
        """Remember another name in place of `gone`. What somebody else put there first stays, and is returned."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "provider": provider, "ref": ref}
        with self._pool.connection() as connection:
            connection.execute(_REPLACE, scalars | {"gone": gone})
        return self.find(provider, account_id) or ref
