"""Ledger: its chart, its postings, and the reports of any instant, for those who close the books.

Owns the rules of what may be asked for, told together. Does not own the reports (`store.closing`, `store.postings`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from solvent.core.ageing import Aged
from solvent.core.closing import Balance, TrialBalance, is_final
from solvent.core.ids import spell
from solvent.core.ledger import CHART, UnknownLedgerAccount, chart_account
from solvent.core.money import UnknownCurrency, exponent
from solvent.store.closing import Ageing, Scope, ageing_at, balance_at, snapshot
from solvent.store.postings import Booked, Filter
from solvent.store.postings import page as page_of
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import posting_place, uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.ledger_views import (
    AccountAgedView,
    AgedView,
    AgeingView,
    BalanceView,
    ChartAccountView,
    ChartView,
    ColumnsView,
    PostingView,
    TrialBalanceView,
)
from solvent.web.handlers.shared import existing_account
from solvent.web.params import AgeingQuery, PostingsQuery, TrialBalanceQuery
from solvent.web.present import amount_text
from solvent.web.problems import FieldError, breaks, not_found

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def chart(_: Call) -> Reply:
    """The chart of accounts."""
    return Reply(
        ChartView(
            [
                ChartAccountView(
                    name=a.name, kind=a.kind, normal=a.normal, per_provider=a.per_provider, means=a.means
                )
                for a in CHART.values()
            ]
        )
    )


def trial_balance(call: Call) -> Reply:
    """The trial balance as of an instant."""
    query: TrialBalanceQuery = call.query
    _check(call, query)
    with snapshot(call.solvent.database.pool) as connection:
        found = balance_at(connection, _at(call), call.solvent.platform.convention.granularity, _scope(query))
    return Reply(trial_balance_view(found, call.now))


def ageing(call: Call) -> Reply:
    """The ageing of receivables as of an instant."""
    query: AgeingQuery = call.query
    _check(call, query)
    account = None if query.account is None else existing_account(call, uuid_in(query.account)).id
    with snapshot(call.solvent.database.pool) as connection:
        found = ageing_at(
            connection,
            _at(call),
            _scope(query),
            currency=query.currency,
            account=account,
            after=None if query.after is None else uuid_in(query.after),
            limit=query.limit + 1,
        )
    return Reply(ageing_view(found, query.limit, call.now))


def postings(call: Call) -> Reply:
    """A page of postings."""
    query: PostingsQuery = call.query
    _check(call, query)
    wanted = Filter(
        account=None if query.account is None else existing_account(call, uuid_in(query.account)).id,
        invoice=_invoice(call, query),
        name=query.ledger_account,
        currency=query.currency,
        start=query.from_,
        end=query.to,
    )
    after = None if query.after is None else posting_place(query.after)
    with snapshot(call.solvent.database.pool) as connection:
        found = page_of(connection, wanted, _scope(query), after, query.limit + 1)
    return paged([_posting_view(p) for p in found], query.limit)


Query = TrialBalanceQuery | AgeingQuery | PostingsQuery


def trial_balance_view(found: TrialBalance, now: datetime) -> TrialBalanceView:
    """A trial balance as answers show it."""
    data = [_balance_view(b) for b in found.balances]
    return TrialBalanceView(at=found.at, final=is_final(found.at, now), data=data, sums=list(_columns(found)))


def ageing_view(found: Ageing, limit: int, now: datetime) -> AgeingView:
    """Receivables as answers show them, from one account more than a page has."""
    views = [
        AccountAgedView(account_id=spell("acc", aged.account_id), **_aged_fields(aged))
        for aged in found.accounts
        if aged.account_id is not None
    ]
    data = views[:limit]
    return AgeingView(
        at=found.at,
        final=is_final(found.at, now),
        totals=[AgedView(**_aged_fields(aged)) for aged in found.totals],
        data=data,
        next=data[-1].account_id if data and len(views) > limit else None,
    )


def _check(call: Call, query: Query) -> None:
    errors = [FieldError(field, rule) for field, rule in _broken_rules(call, query)]
    if errors:
        raise breaks(*errors)


def _broken_rules(call: Call, query: Query) -> Iterator[tuple[str, str]]:
    """Each field and the rule it breaks."""
    for field in ("at", "from_", "to"):
        value: datetime | None = getattr(query, field, None)
        if value is not None and not EARLIEST <= value <= LATEST:
            yield field.rstrip("_"), f"must be from {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}"
    if query.entity is not None and query.entity not in (known := call.queries.entities()):
        yield "entity", f"must be a legal entity: {', '.join(known) or 'there is none yet'}"
    try:
        exponent(getattr(query, "currency", None) or "USD")
    except UnknownCurrency:
        yield "currency", "must be an active ISO 4217 code"
    try:
        chart_account(getattr(query, "ledger_account", None) or "revenue")
    except UnknownLedgerAccount:
        yield "ledger_account", "must be one of /v1/ledger/accounts, or cash:<provider>"


def _at(call: Call) -> datetime:
    """The instant of a report, UTC; the present where none was named."""
    at: datetime = call.query.at or call.now
    return at.astimezone(UTC)


def _scope(query: Query) -> Scope:
    return Scope(entity=query.entity, test_clocks=query.test_clocks)


def _invoice(call: Call, query: PostingsQuery) -> UUID | None:
    if query.invoice is None:
        return None
    invoice_id = uuid_in(query.invoice)
    if call.queries.invoice(invoice_id) is None:
        raise not_found("invoice", query.invoice)
    return invoice_id


def _balance_view(balance: Balance) -> BalanceView:
    chart = balance.chart
    return BalanceView(
        entity=balance.entity,
        currency=balance.currency,
        account=balance.account,
        kind=chart.kind,
        normal=chart.normal,
        debit=balance.debit,
        credit=balance.credit,
        balance=balance.amount,
        balance_text=amount_text(balance.amount, balance.currency),
    )


def _columns(found: TrialBalance) -> Iterator[ColumnsView]:
    for entity, currency in found.sums():
        of_books = [b for b in found.balances if (b.entity, b.currency) == (entity, currency)]
        yield ColumnsView(
            entity=entity,
            currency=currency,
            debit=sum(b.debit for b in of_books),
            credit=sum(b.credit for b in of_books),
        )


def _aged_fields(aged: Aged) -> dict[str, Any]:
    brackets = {bracket.value: amount for bracket, amount in aged.by_bracket().items()}
    return {
        "entity": aged.entity,
        "currency": aged.currency,
        **brackets,
        "total": aged.total,
        "total_text": amount_text(aged.total, aged.currency),
    }


def _posting_view(posting: Booked) -> PostingView:
    return PostingView(
        id=f"pst_{posting.cause_id.hex}_{posting.position}",
        transaction=spell("txn", posting.cause_id),
        account_id=spell("acc", posting.account_id),
        entity=posting.entity,
        debit=posting.debit,
        credit=posting.credit,
        amount=posting.amount,
        currency=posting.currency,
        amount_text=amount_text(posting.amount, posting.currency),
        invoice_id=None if posting.invoice_id is None else spell("inv", posting.invoice_id),
        booked_at=posting.booked_at,
    )
