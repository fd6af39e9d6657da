"""Changes: changes that somebody asked for, listed and shown on the command line.

Owns the options' check and the table; for programs they are as the API shows them. Does not own the reads
(`store.change_pages`) nor opening a change, which is the API's.
"""

from collections.abc import Iterator

from solvent.commands.console import CommandError
from solvent.commands.export import one_of
from solvent.commands.filters import span
from solvent.commands.saying import as_json, id_of, lined, moment, money
from solvent.core.attempt import Attempt
from solvent.core.ids import spell
from solvent.core.payment import AttemptState
from solvent.flows.opening import read
from solvent.store.change_pages import ChangePages, WantedChanges
from solvent.store.queries import Queries
from solvent.web.handlers.change_view import change_view, issued_by, summary
from solvent.wiring import Solvent

COLUMNS = ("change", "account", "opened", "what", "due", "state", "cause")


def lines(
    solvent: Solvent,
    account: str | None,
    state: str | None,
    dates: tuple[str | None, str | None],
    limit: int,
    *,
    clock: bool,
    for_programs: bool,
) -> Iterator[str]:
    """The first changes that are wanted."""
    start, end = span(*dates)
    account_id = None if account is None else id_of("acc", account, "--account")
    whose = None if account_id is None else Queries(solvent.database.pool).account(account_id)
    wanted = WantedChanges(
        account=account_id,
        clock=clock,
        test_clock=whose is not None and whose.test_now is not None,
        state=None if state is None else one_of(AttemptState, state, "--state"),
        start=start,
        end=end,
    )
    found = ChangePages(solvent.database.pool).page(wanted, None, limit)
    if for_programs:
        yield as_json([summary(attempt) for attempt in found])
    else:
        yield from lined(COLUMNS, [_row(attempt) for attempt in found])


def one(solvent: Solvent, change_id: str, *, for_programs: bool) -> Iterator[str]:
    """One change as it stands, with the lines of its plan."""
    attempt = read(solvent.platform, id_of("att", change_id, "CHANGE"))
    if attempt is None:
        raise CommandError(f"no change {change_id}")
    queries, invoice_id = Queries(solvent.database.pool), None
    if attempt.state is AttemptState.COMMITTED and attempt.plan.settles:
        invoice_id = attempt.plan.settles[0].invoice_id
    else:
        invoice_id = issued_by(queries, attempt)
    if for_programs:
        yield as_json(change_view(attempt, invoice_id))
        return
    facts = [*zip(COLUMNS, _row(attempt), strict=True)]
    facts.append(("invoice", "–" if invoice_id is None else spell("inv", invoice_id)))
    facts.append(("provider said", _said(attempt)))
    width = max(len(name) for name, _ in facts)
    yield from (f"{name.ljust(width)}  {value}" for name, value in facts)
    plan = attempt.plan
    if plan.lines:
        yield ""
        rows = [(money(line.amount, plan.currency), str(line.description)) for line in plan.lines]
        yield from lined(("amount", "description"), rows)


def _said(attempt: Attempt) -> str:
    view = attempt.provider_view
    return "–" if view is None else f"{view.outcome.replace('_', ' ')}, {moment(view.at)}"


def _row(attempt: Attempt) -> tuple[str, ...]:
    plan = attempt.plan
    return (
        spell("att", attempt.id),
        spell("acc", attempt.account_id),
        moment(attempt.created_at),
        plan.intent,
        money(plan.due, plan.currency),
        attempt.state,
        attempt.cause or "–",
    )
