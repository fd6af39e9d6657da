"""Replay: what a policy would have done with what really happened.

Owns the walk of one account's recorded debts under some policies, with the function that decides in production, and
the sum over accounts. Does not own the reading of history, and invents nothing: an invoice was paid when it was really
paid, and a further try would have failed for the cause that was last recorded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.dunning import Debts, Decision, decide
from solvent.core.history import History, PastInvoice, Window
from solvent.core.ladder import Measure, Scope, Trouble
from solvent.core.owed import InEffect, Owed
from solvent.core.payment import CAUSE_CLASS, CauseClass
from solvent.core.policy import Policy, next_try
from solvent.core.policy_book import PolicyBook
from solvent.core.standstill import aged, stretches


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The policies under which history is walked, by segment and moment, over the settings (`base`); and what is
    counted."""

    policies: PolicyBook
    base: Policy
    window: Window

    def policy(self, history: History, at: datetime) -> Policy:
        """The policy that holds for an account at a moment."""
        return self.policies.policy(self.base, history.segment, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a policy would have done with one account in the window: tries and notices by number, the measures that
    would have begun, and invoices given up, with what was paid before that (`recovered`) or only after it (`late`)."""

    tries: int = 0
    notices: int = 0
    begun: frozenset[Measure] = frozenset()
    given_up: tuple[UUID, ...] = ()
    recovered: tuple[UUID, ...] = ()
    late: tuple[UUID, ...] = ()


@dataclass(slots=True)
class _State:
    """How the walk of one account stands."""

    in_effect: tuple[InEffect, ...] = ()
    given_up: dict[UUID, datetime] = field(default_factory=dict)
    forgiven: set[UUID] = field(default_factory=set)
    told: dict[UUID, frozenset[str]] = field(default_factory=dict)
    # Subscriptions that ended, and when; None: all of them.
    gone: dict[UUID | None, datetime] = field(default_factory=dict)
    begun: set[Measure] = field(default_factory=set)
    notices: int = 0


def replay(history: History, trial: Trial) -> Course:
    """Walk an account through its debts, from one moment at which something may follow to the next."""
    state, window = _State(), trial.window
    for moment in _moments(history, trial):
        policy = trial.policy(history, moment)
        owed = [_owed(i, moment, state, policy) for i in history.invoices if _is_owed(i, moment, state)]
        decision = decide(Debts(owed=owed, assessed_at=moment, in_effect=state.in_effect), policy)
        _take(state, decision, owed, moment, window)
        if not policy.ladders and any(o.due_at + policy.grace == moment for o in owed) and moment in window:
            state.begun.add(Measure.RESTRICT)
    paid = [i for i in history.invoices if i.recovered_at is not None and i.recovered_at in window]
    return Course(
        tries=sum(_tries(i, state, history, trial) for i in history.invoices),
        notices=state.notices,
        begun=frozenset(state.begun),
        given_up=tuple(i for i, at in state.given_up.items() if at in window),
        recovered=tuple(i.id for i in paid if i.id not in state.given_up and not _unissued(i, state)),
        late=tuple(i.id for i in paid if i.id in state.given_up),
    )


def _moments(history: History, trial: Trial) -> list[datetime]:
    """Every moment at which a verdict may differ, before the window ends."""
    editions = trial.policies.editions.get(history.segment, ())
    held = (trial.base, *(edition.policy for edition in editions))
    ages = {(rung.after, p.outage_max) for p in held for ladder in p.ladders for rung in ladder.rungs}
    ages |= {(timedelta(), timedelta()), *((p.grace, p.outage_max) for p in held)}
    moments = {edition.effective_from for edition in editions}
    for invoice in history.invoices:
        met = invoice.outages_at(trial.window.until)
        moments |= {aged(invoice.due_at, age, stretches(met, invoice.due_at, most)) for age, most in ages}
        moments |= {t.at for t in invoice.tries}
        moments |= set() if invoice.settled_at is None else {invoice.settled_at}
    return sorted(moment for moment in moments if moment < trial.window.until)


def _unissued(invoice: PastInvoice, state: _State) -> bool:
    """Whether it is for what would have ended before it was issued."""
    ends = [at for name in (None, invoice.subscription_id) if (at := state.gone.get(name)) is not None]
    return invoice.subscription_id is not None and any(invoice.issued_at > at for at in ends)


def _is_owed(invoice: PastInvoice, moment: datetime, state: _State) -> bool:
    over = invoice.settled_at is not None and invoice.settled_at <= moment
    return (
        invoice.issued_at <= moment
        and not over
        and invoice.id not in state.forgiven
        and not _unissued(invoice, state)
    )


def _owed(invoice: PastInvoice, moment: datetime, state: _State, policy: Policy) -> Owed:
    last = invoice.cause_at(moment)
    return Owed(
        invoice_id=invoice.id,
        subscription_id=invoice.subscription_id,
        due_at=invoice.due_at,
        amount=invoice.amount,
        currency=invoice.currency,
        trouble=Trouble.UNTRIED if last is None else Trouble(CAUSE_CLASS[last.cause]),
        product=invoice.product,
        given_up=invoice.id in state.given_up,
        noticed=state.told.get(invoice.id, frozenset()),
        beyond=invoice.beyond,
        debt=invoice.amount,
        stood=stretches(invoice.outages_at(moment), invoice.due_at, policy.outage_max),
    )


def _take(state: _State, decision: Decision, owed: Iterable[Owed], moment: datetime, window: Window) -> None:
    """Bring the walk to what was decided."""
    before = {m.measure for m in state.in_effect}
    if moment in window:
        state.begun |= {m.measure for m in decision.measures} - before
        state.notices += len(decision.notices)
    state.in_effect = decision.measures
    state.forgiven |= set(decision.forgive)
    for notice in decision.notices:
        state.told[notice.invoice_id] = state.told.get(notice.invoice_id, frozenset()) | {notice.rung}
    for one in owed:
        whole = Scope.ACCOUNT in decision.give_up.values() and one.due_at <= moment
        if not one.given_up and (whole or one.invoice_id in decision.give_up):
            state.given_up[one.invoice_id] = moment
            state.gone.setdefault(None if whole else one.subscription_id, moment)


def _tries(invoice: PastInvoice, state: _State, history: History, trial: Trial) -> int:
    """How often an invoice would have been tried again in the window: until it was paid or given up."""
    if not invoice.tries or _unissued(invoice, state):
        return 0
    ends = [trial.window.until, invoice.settled_at, state.given_up.get(invoice.id)]
    end = min(at for at in ends if at is not None)
    at, counted = invoice.tries[0].at, 0
    # By whether the provider was out: an outage does not count against the customer.
    failures: dict[bool, int] = {}
    while at < end:
        counted += at in trial.window and at > invoice.tries[0].at
        last = invoice.cause_at(at)
        assert last is not None, "the first try was made by then"
        outage = CAUSE_CLASS[last.cause] is CauseClass.OUTAGE
        failures[outage] = failures.get(outage, 0) + 1
        following = next_try(
            trial.policy(history, at),
            last.cause,
            failures[outage],
            at,
            provider=last.provider,
            time_zone=history.time_zone,
        )
        if following is None:
            break
        at = following
    return counted


@dataclass(slots=True)
class Sum:
    """Courses of many accounts, added up. Amounts are in minor units by currency; `accounts` by what befell them."""

    walked: int = 0
    tries: int = 0
    notices: int = 0
    accounts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, history: History, course: Course) -> None:
        """One account more."""
        self.walked += 1
        self.tries += course.tries
        self.notices += course.notices
        for name in befallen(course):
            self.accounts[name] = self.accounts.get(name, 0) + 1
        by_id = {i.id: i for i in history.invoices}
        for name, invoices in (
            (GIVEN_UP, course.given_up),
            (RECOVERED, course.recovered),
            (LATE, course.late),
        ):
            for invoice in (by_id[i] for i in invoices):
                held = self.amounts.setdefault(name, {})
                held[invoice.currency] = held.get(invoice.currency, 0) + invoice.amount


RETRIED, RESTRICTED, SUSPENDED, DOWNGRADED = "retried", "restricted", "suspended", "downgraded"
GIVEN_UP, RECOVERED, LATE = "given up", "recovered", "paid after giving up"
NAMES = (RETRIED, RESTRICTED, SUSPENDED, DOWNGRADED, GIVEN_UP, RECOVERED, LATE)


def befallen(course: Course) -> tuple[str, ...]:
    """What befell an account, of `NAMES`."""
    suspended = course.begun & {Measure.SUSPEND_USAGE, Measure.SUSPEND_PRODUCT}
    facts: Mapping[str, object] = {
        RETRIED: course.tries,
        RESTRICTED: Measure.RESTRICT in course.begun,
        SUSPENDED: suspended,
        DOWNGRADED: Measure.DOWNGRADE in course.begun,
        GIVEN_UP: course.given_up,
        RECOVERED: course.recovered,
        LATE: course.late,
    }
    return tuple(name for name in NAMES if facts[name])
