"""Dispute: disputes as the command line shows and answers them.

Owns the tables and the input's check. Does not own the reads (`store.dispute_reads`) nor what an answer leads to
(`flows.disputes`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.table import Table

from solvent.commands import filters as options
from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import one_of_names
from solvent.commands.saying import as_json, id_of, lined
from solvent.core.dispute import DisputeState, Evidence
from solvent.core.ids import spell
from solvent.core.money import format_minor
from solvent.core.plan import Refusal
from solvent.flows import disputes as flow
from solvent.store.dispute_reads import DisputeReads, StoredDispute, Which
from solvent.web.dispute_views import STATEMENT_MAX
from solvent.web.handlers.disputes import dispute_view
from solvent.wiring import Solvent

COLUMNS = ("dispute", "account", "amount", "reason", "state", "answer by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which disputes, as options say it: all that are named must hold."""

    account: str | None = None
    payment: str | None = None
    state: str | None = None
    currency: str | None = None
    entity: str | None = None
    provider: str | None = None
    start: str | None = None
    end: str | None = None


def lines(
    solvent: Solvent, filters: Filters, *, every: bool, limit: int, for_programs: bool
) -> Iterator[str]:
    """The first disputes that are wanted: a line each under one with the names, or as JSON."""
    which = _which(solvent, filters, every=every)
    found = DisputeReads(solvent.database.pool).page(which, None, limit)
    if for_programs:
        yield as_json([dispute_view(stored) for stored in found])
    else:
        yield from lined(COLUMNS, [_row(stored) for stored in found])


def _which(solvent: Solvent, filters: Filters, *, every: bool) -> Which:
    state, known = filters.state, [s.value for s in DisputeState if s is not DisputeState.UNKNOWN]
    start, end = options.span(filters.start, filters.end)
    return Which(
        account=None if filters.account is None else id_of("acc", filters.account, "--account"),
        payment=None if filters.payment is None else id_of("pay", filters.payment, "--payment"),
        state=None if state is None else DisputeState(one_of_names(state, known, "--state")),
        undecided=not every and state is None,
        currency=options.currency(filters.currency),
        entity=options.entity(solvent, filters.entity),
        provider=options.provider(solvent, filters.provider),
        start=start,
        end=end,
    )


def _row(stored: StoredDispute) -> tuple[str, ...]:
    one = stored.dispute
    due_by = one.evidence_due_by
    return (
        spell("dsp", one.id),
        spell("acc", stored.account_id),
        f"{format_minor(one.amount, one.currency)} {one.currency}",
        one.reason.replace("_", " "),
        one.state.replace("_", " "),
        "" if due_by is None else f"{due_by:%Y-%m-%d}",
    )


def answered(
    solvent: Solvent, dispute_id: str, statement: str | None, file: Path | None, *, for_programs: bool
) -> Table | str:
    """Answer a dispute with evidence; how it then stands."""
    dispute = _found(solvent, dispute_id).dispute
    evidence = Evidence(statement=_statement(statement, file))
    _agreed(flow.submit_evidence(solvent.platform, dispute, evidence, solvent.clock()))
    return details(solvent, dispute_id, for_programs=for_programs)


def accepted(solvent: Solvent, dispute_id: str, *, for_programs: bool) -> Table | str:
    """Leave the money to the payer; how the dispute then stands."""
    dispute = _found(solvent, dispute_id).dispute
    _agreed(flow.accept(solvent.platform, dispute, solvent.clock()))
    return details(solvent, dispute_id, for_programs=for_programs)


def _statement(statement: str | None, file: Path | None) -> str:
    if (statement is None) is (file is None):
        raise CommandError("--statement: must be given, or --file, and not both", USAGE)
    option, said = "--statement", statement or ""
    if file is not None:
        try:
            option, said = "--file", file.read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"--file: {file}: {error.strerror}", USAGE) from None
        except UnicodeDecodeError:
            raise CommandError(f"--file: {file}: must be UTF-8", USAGE) from None
    if not said.strip() or len(said) > STATEMENT_MAX or "\x00" in said:
        raise CommandError(f"{option}: must say something in at most {STATEMENT_MAX:,} characters", USAGE)
    return said


def _agreed(answer: Refusal | flow.Unanswered | None) -> None:
    match answer:
        case None:
            return
        case flow.Unanswered():
            said = "the provider did not say how the dispute stands now; it may have taken the answer"
            raise CommandError(f"{said}: say it again")
        case Refusal():
            raise CommandError(f"{answer.field}: {answer.rule}", USAGE)


def _found(solvent: Solvent, dispute_id: str) -> StoredDispute:
    stored = DisputeReads(solvent.database.pool).one(id_of("dsp", dispute_id, "DISPUTE"))
    if stored is None:
        raise CommandError(f"no dispute {dispute_id}")
    return stored


def details(solvent: Solvent, dispute_id: str, *, for_programs: bool) -> Table | str:
    """Everything about one dispute."""
    stored = _found(solvent, dispute_id)
    return as_json(dispute_view(stored)) if for_programs else _table(stored)


def _table(stored: StoredDispute) -> Table:
    one, loss = stored.dispute, stored.dispute.loss
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="name")
    shown.add_column(overflow="fold")
    for name, value in zip(COLUMNS, _row(stored), strict=True):
        shown.add_row(name, value or "–")
    shown.add_row("payment", spell("pay", one.payment_id))
    shown.add_row("invoice", "–" if stored.invoice_id is None else spell("inv", stored.invoice_id))
    shown.add_row("provider", f"{one.provider}, {one.ref}")
    shown.add_row("fee", f"{format_minor(one.fee, one.fee_currency)} {one.fee_currency}")
    if loss is not None:
        parts = (
            ("owed again", loss.to_debt),
            ("from credit", loss.from_credit),
            ("written off", loss.written_off),
        )
        for name, amount in parts:
            shown.add_row(name, f"{format_minor(amount, one.currency)} {one.currency}")
    for name, at in (("opened", one.opened_at), ("lost", stored.lost_at), ("decided", stored.decided_at)):
        shown.add_row(name, _moment(at))
    return shown


def _moment(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
