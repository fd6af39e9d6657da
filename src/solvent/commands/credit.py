"""Credit: account credit on the command line: read, given, voided.

Owns the tables and the input's check. Does not own the reads (`store.credit_reads`) nor any rule of credit (`core`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import instant, one_of
from solvent.commands.saying import as_json
from solvent.core.credit import GrantKind
from solvent.core.credit_bookings import Gift
from solvent.core.ids import InvalidId, parse, spell
from solvent.core.money import format_minor
from solvent.core.plan import Refusal
from solvent.flows.account_credit import KeyReused, give_credit, void_credit
from solvent.store.credit_reads import CreditReads, StoredGrant, StoredUse, Uses
from solvent.store.queries import Queries
from solvent.web.handlers.credit import balance_views, grant_view, use_view
from solvent.wiring import Solvent

GRANT_COLUMNS = ("grant", "kind", "left", "of", "priority", "expires", "excludes", "reason")
USE_COLUMNS = ("at", "use", "amount", "grant", "invoice", "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A gift as it is asked for on the command line."""

    amount: int
    reason: str
    by: str
    kind: str
    expires: str | None
    priority: int
    excludes: tuple[str, ...]
    key: str | None


def grants(solvent: Solvent, account: str, *, every: bool, limit: int, for_programs: bool) -> Iterator[str]:
    """A line for each grant, never cut, and one for each balance."""
    account_id = _account(solvent, account)
    reads = _reads(solvent)
    found = reads.grants(account_id, None, None, limit, spent=every)
    if for_programs:
        balances = balance_views(reads.balances(account_id))
        yield as_json({"balances": balances, "data": [grant_view(one) for one in found]})
        return
    yield from _lined(GRANT_COLUMNS, map(_grant_row, found))
    for one in reads.balances(account_id):
        promised = f", {_text(one.promised, one.currency)} promised" if one.promised else ""
        yield f"{one.kind}: {_text(one.amount, one.currency)}{promised}"


def give(solvent: Solvent, account: str, wish: Wish, *, for_programs: bool) -> Iterator[str]:
    """Give credit, or say which grant the key stands for."""
    account_id = _account(solvent, account)
    kind = one_of(GrantKind, wish.kind, "--kind")
    expires_at = None if wish.expires is None else instant(wish.expires, "--expires")
    meant = (wish.amount, wish.reason, wish.by, kind, expires_at, wish.priority, sorted(wish.excludes))
    gift = Gift(
        kind=kind,
        amount=wish.amount,
        reason=wish.reason,
        granted_by=wish.by,
        key=f"cli:{wish.key or uuid4()}",
        input_hash=sha256(repr(meant).encode()).digest(),
        priority=wish.priority,
        excludes=wish.excludes,
        expires_at=expires_at,
    )
    given = give_credit(solvent.platform, account_id, gift, solvent.clock())
    if isinstance(given, Refusal):
        raise _refused(given)
    if isinstance(given, KeyReused):
        rule = f"came with another input before ({spell('crg', given.grant_id)}), got {wish.key!r}"
        raise CommandError(f"--key: {rule}", USAGE)
    found = _grant(solvent, account_id, given.grant_id)
    if for_programs:
        yield as_json(grant_view(found))
    else:
        yield from _lined(GRANT_COLUMNS, [_grant_row(found)])


def void(solvent: Solvent, grant: str, reason: str, by: str, *, for_programs: bool) -> str:
    """Take back what is left of a grant; says how much that was."""
    grant_id = _id("crg", grant, "GRANT")
    for option, words in (("--reason", reason), ("--by", by)):
        if not words.strip():
            raise CommandError(f"{option}: must not be empty", USAGE)
    account_id = _reads(solvent).owner(grant_id)
    if account_id is None:
        raise CommandError(f"no grant of credit {grant}")
    voided = void_credit(solvent.platform, account_id, grant_id, reason, by, solvent.clock())
    if isinstance(voided, Refusal):
        raise _refused(voided)
    if for_programs:
        return as_json(grant_view(_grant(solvent, account_id, grant_id)))
    (use,) = voided.credit_uses
    return f"{_text(use.amount, _grant(solvent, account_id, grant_id).currency)} of {grant} voided"


def history(
    solvent: Solvent, account: str, grant: str | None, limit: int, *, for_programs: bool
) -> Iterator[str]:
    """A line for each use, never cut."""
    account_id = _account(solvent, account)
    wanted = Uses(grant=None if grant is None else _id("crg", grant, "--grant"))
    found = _reads(solvent).uses(account_id, wanted, None, limit)
    if for_programs:
        yield as_json([use_view(one) for one in found])
    else:
        yield from _lined(USE_COLUMNS, map(_use_row, found))


def _grant_row(one: StoredGrant) -> tuple[str, ...]:
    return (
        spell("crg", one.id),
        one.kind,
        _text(one.remaining, one.currency),
        _text(one.amount, one.currency),
        str(one.priority),
        _moment(one.expires_at),
        " ".join(one.excludes),
        one.reason,
    )


def _use_row(one: StoredUse) -> tuple[str, ...]:
    return (
        _moment(one.used_at),
        one.kind.replace("_", " "),
        _text(one.amount, one.currency),
        spell("crg", one.grant_id),
        "" if one.invoice_id is None else spell("inv", one.invoice_id),
        "" if one.line is None else str(one.line),
    )


def _lined(names: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = [names, *found]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _text(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _reads(solvent: Solvent) -> CreditReads:
    return CreditReads(solvent.database.pool)


def _grant(solvent: Solvent, account_id: UUID, grant_id: UUID) -> StoredGrant:
    found = _reads(solvent).grant(account_id, grant_id)
    assert found is not None, f"grant {grant_id} is there"
    return found


def _account(solvent: Solvent, account: str) -> UUID:
    account_id = _id("acc", account, "ACCOUNT")
    if Queries(solvent.database.pool).account(account_id) is None:
        raise CommandError(f"no account {account}")
    return account_id


def _refused(refusal: Refusal) -> CommandError:
    return CommandError(f"{refusal.field}: {refusal.rule}", USAGE)


def _id(prefix: str, text: str, where: str) -> UUID:
    try:
        return parse(prefix, text)
    except InvalidId as error:
        raise CommandError(f"{where}: {error}, got {text!r}", USAGE) from None
