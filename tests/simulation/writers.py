"""Writers: processes that issue invoices and credit notes as fast as they can, until somebody kills them.

Owns a small server on standard input and output: for each line it forks a writer, whose random choices begin with the
seed that the line says, and answers with its process id. It imports everything once, so that a writer costs
milliseconds. A writer appends every number that it was told of to a file, a line each, in one write.

Run as ``python -m tests.simulation.writers URL FILE ACCOUNT...``.
"""

import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from solvent.config import Settings
from solvent.core.crediting import PaidPart, Wish
from solvent.core.invoice import Line, LineKind
from solvent.flows.credit import Issue, Issued, issue_credit_note
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked
from solvent.wiring import Solvent, build

CREDITED_SHARE = 0.3

_INVOICE = """
select v.id, v.series, v.number from proof p join invoice v on v.bucket = p.bucket and v.proof_id = p.id
where p.attempt_id = %s"""
_CREDIT_NOTE = "select series, number from credit_note where id = %s"


def write(url: str, told: int, accounts: Sequence[UUID], seed: int) -> None:
    """Issue one document after the other, for accounts drawn at random; it never returns."""
    solvent = build(Settings(pool_max=2), url)
    draw = random.Random(seed)
    while True:
        with suppress(Exception):  # a connection was cut: the next document is written on another one
            _document(solvent, draw, told, draw.choice(accounts))


def _document(solvent: Solvent, draw: random.Random, told: int, account_id: UUID) -> None:
    now, key = datetime.now(UTC), f"{draw.getrandbits(64):x}"
    line = Line(kind=LineKind.MANUAL, description="Advice", amount=draw.randint(1, 999), explanation="agreed")
    asked = Asked(account_id=account_id, key=key, input_hash=b"")
    attempt = finalise(solvent.platform, asked, (line,), now)
    with solvent.database.pool.connection() as connection:
        found = connection.execute(_INVOICE, (attempt.id,)).fetchone()  # type: ignore[union-attr]
    if found is None:
        return
    _tell(told, found[1], found[2])
    if draw.random() < CREDITED_SHARE:
        wish = Wish(paid_part=PaidPart.CREDIT, reason="r", issued_by="w", key=key, input_hash=b"")
        issue = Issue(invoice_id=found[0], wish=wish, amount=1, lines=None)
        issued = issue_credit_note(solvent.platform, issue, now)
        if isinstance(issued, Issued):
            with solvent.database.pool.connection() as connection:
                rows = connection.execute(_CREDIT_NOTE, (issued.credit_note_id,)).fetchall()
            _tell(told, *rows[0])


def _tell(told: int, series: str, number: int) -> None:
    os.write(told, f"{series} {number}\n".encode())


def main(url: str, file: str, *accounts: str) -> None:
    """Fork writers until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    told = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for seed in sys.stdin:
        child = os.fork()
        if child == 0:
            write(url, told, [UUID(a) for a in accounts], int(seed))
        print(child, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
