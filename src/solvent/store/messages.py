"""Messages: rows of what is to be told by e-mail, written in the transaction that decided it.

Owns their insertion, once by account, invoice (or method), rung and channel. Does not own what is told
(`core.messages`) nor their way out (`mailbox`).
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from solvent.core.health import Assessment
from solvent.core.messages import Kind, Message, of_booking, of_notice
from solvent.ports.telemetry import UNDER_WAY
from solvent.store.rows import Statement
from solvent.store.writer import Booked, Row, Writer

_COLUMNS = (
    "account_id uuid, about uuid, invoice_id uuid, method_id uuid, rung text, channel text, kind text, cause text,"
    "next_try timestamptz, held boolean, told_at timestamptz, trace text"
)
# Whatever clock a sender goes by, its turn has come.
_PUT = """
insert into message (bucket, account_id, about, invoice_id, method_id, rung, channel, kind, cause, next_try, held,
                     told_at, trace, state, tries, look_at)
select %(bucket)s, v.account_id, v.about, v.invoice_id, v.method_id, v.rung, v.channel, v.kind, v.cause, v.next_try,
    v.held, v.told_at, v.trace, 'waiting', 0, '-infinity'
from {rows}"""

_MESSAGE = Statement(_COLUMNS, _PUT)
_ONCE = Statement(_COLUMNS, f"{_PUT}\non conflict do nothing")

# Thanks are for whoever was asked. A credit note of what is settled already says nothing more.
_SETTLED = Statement(
    _COLUMNS,
    f"""{_PUT}
where exists (select from message m where m.bucket = %(bucket)s and m.account_id = v.account_id
              and m.about = v.about and m.channel = 'email')
on conflict do nothing""",
)


def write_messages(writer: Writer, booked: Booked) -> None:
    """Have a writer write what bookings tell."""
    told = [(message, moment) for booking, moment in booked for message in of_booking(booking)]
    writer.put("message", _MESSAGE, [_row(m, at) for m, at in told if m.kind is not Kind.SETTLED])
    settled = [_row(m, at) for m, at in told if m.kind is Kind.SETTLED]
    writer.put("message", _SETTLED, settled, all_of=False)


def put_messages(connection: Connection, bucket: int, messages: Sequence[Message], now: datetime) -> None:
    """Write messages that were decided on at `now`, but for those that were told before."""
    if messages:
        _ONCE.run(connection, [_row(message, now) for message in messages], bucket=bucket)


def put_notices(connection: Connection, bucket: int, assessments: Sequence[Assessment]) -> None:
    """Write the messages of the notices that verdicts decided."""
    rows = [
        _row(message, a.assessed_at)
        for a in assessments
        for notice in a.decision.notices
        for message in of_notice(a.account_id, notice, a.prospects[notice.invoice_id], a.assessed_at)
    ]
    if rows:
        _MESSAGE.run(connection, rows, bucket=bucket)


def _row(message: Message, told_at: datetime) -> Row:
    return (
        message.account_id,
        message.about,
        message.invoice_id,
        message.method_id,
        message.rung,
        message.channel,
        message.kind,
        message.cause,
        message.next_try,
        message.held,
        told_at,
        UNDER_WAY.get(),
    )
