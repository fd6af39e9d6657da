"""Parity: what was decided and what was done in a window, bucket by bucket.

Owns the reads: decisions (what was applied, and what was withheld), invoices that were given up, subscriptions that the
billing clock ended unpaid. Memory is bounded by a bucket, and by what somebody else says was done. Does not own the
comparison (`core.parity`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.consequence import Consequence
from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.parity import COMPARED, Deed, Parity, compared

# Words of a decision: "begin restrict", "give_up <invoice>"; what is withheld begins with its consequence.
_DECIDED: LiteralString = """
select account_id, kind, decided_at, word, applied from (
    select d.account_id, d.decided_at, w.word, w.applied, case
        when not w.applied then split_part(w.word, ', ', 1)
        when w.word like 'begin suspend%%' then 'suspend'
        when w.word = 'begin restrict' or w.word like 'begin downgrade%%' then split_part(w.word, ' ', 2)
        when split_part(w.word, ' ', 1) in ('collect', 'notice', 'give_up') then split_part(w.word, ' ', 1)
        end as kind
    from decision d cross join lateral (
        select jsonb_array_elements_text(d.applied) as word, true as applied
        union all select jsonb_array_elements_text(d.withheld), false) w
    where d.bucket = %(bucket)s and d.decided_at >= %(since)s and d.decided_at < %(until)s
) said where kind is not null"""

_GIVEN_UP: LiteralString = """
select account_id, min(given_up_at) from invoice
where bucket = %(bucket)s and given_up_at >= %(since)s and given_up_at < %(until)s group by account_id"""

# What the clock ends is decided as it is done. What ends with an invoice is part of giving up.
_ENDED: LiteralString = """
select s.account_id, min(s.ended_at) from subscription s
where s.bucket = %(bucket)s and s.end_reason = 'unpaid' and s.ended_at >= %(since)s and s.ended_at < %(until)s
  and not exists (select from invoice v where v.bucket = s.bucket and v.account_id = s.account_id
                    and v.given_up_at = s.ended_at)
group by s.account_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `since` to before `until` (UTC)."""

    since: datetime
    until: datetime


def parity(
    pool: ConnectionPool[Connection], window: Window, done: Iterable[Deed], examples_max: int
) -> Mapping[Consequence, Parity]:
    """The parity of every consequence in a window; `done` is what others did beside what is recorded here."""
    elsewhere: dict[int, list[Deed]] = {}
    for deed in done:
        if window.since <= deed.at < window.until:
            elsewhere.setdefault(bucket_of(deed.account_id), []).append(deed)
    total: dict[Consequence, Parity] = {consequence: Parity() for consequence in COMPARED}
    for bucket in range(BUCKETS):
        with pool.connection() as connection:
            ours, theirs = _read(connection, bucket, window)
        for consequence, one in compared(ours, [*theirs, *elsewhere.get(bucket, ())], examples_max).items():
            total[consequence] = total[consequence].plus(one, examples_max)
    return total


def _read(connection: Connection, bucket: int, window: Window) -> tuple[list[Deed], list[Deed]]:
    scalars = {"bucket": bucket, "since": window.since, "until": window.until}
    decided: list[Deed] = []
    done: list[Deed] = []
    for account, kind, at, word, applied in connection.execute(_DECIDED, scalars):
        deed = Deed(account_id=account, consequence=Consequence(kind), at=at, words=word)
        decided.append(deed)
        if applied:
            done.append(deed)
    done += _deeds(connection.execute(_GIVEN_UP, scalars), Consequence.GIVE_UP, "given up")
    ended = list(
        _deeds(connection.execute(_ENDED, scalars), Consequence.CANCEL, "ended by the billing clock")
    )
    return [*decided, *ended], [*done, *ended]


def _deeds(rows: Iterable[tuple[object, ...]], consequence: Consequence, words: str) -> Iterator[Deed]:
    for account_id, at in rows:
        yield Deed(account_id=account_id, consequence=consequence, at=at, words=words)  # type: ignore[arg-type]
