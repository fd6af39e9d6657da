"""Usage: telling what was used, and reading what it comes to so far."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.ids import InvalidId, bucket_of, parse, spell
from solvent.core.meter import UsageEvent
from solvent.core.plan import Refusal
from solvent.core.pricing import amount, explain
from solvent.core.usage import Reading, UsagePeriod
from solvent.flows.usage import REFUSALS_MAX, ingest
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.shared import account_in_path
from solvent.web.params import UsageQuery
from solvent.web.present import amount_text
from solvent.web.problems import FieldError, Problem, invalid
from solvent.web.usage_bodies import Event, RecordedView, UsageBody, UsagePeriodView, UsageView
from solvent.web.views import PeriodView
from solvent.wiring import Solvent


def record(call: Call) -> Reply:
    """Store a batch of events, or say what is wrong with those that break a rule."""
    body: UsageBody = call.body
    done = ingest(call.solvent.platform, _events(body.events), call.solvent.clock)
    if isinstance(done, tuple):
        raise _refused(done)
    return Reply(RecordedView(accepted=done.accepted, duplicates=done.duplicates))


def read(call: Call) -> Reply:
    """What an account used in each period that is not final, and what it costs."""
    return Reply(usage_view(call.solvent, account_in_path(call), call.query, call.now))


def usage_view(solvent: Solvent, account: Account, query: UsageQuery, now: datetime) -> UsageView:
    """A page of what an account used in each period that is not final, and what it costs."""
    catalog = solvent.platform.store.catalog()
    with solvent.database.begin() as tx:
        found = [period for period in tx.usage.of_account(account.id, now) if _wanted(query, period)]
        shown = found[: query.limit]
        readings = tx.usage.read(bucket_of(account.id), shown, catalog)
    return UsageView(
        account_id=spell("acc", account.id),
        as_of=account.moment(now),
        currency=account.currency,
        data=[_period_view(solvent, reading) for reading in readings],
        next=_place(shown[-1]) if len(found) > len(shown) else None,
    )


def _wanted(query: UsageQuery, period: UsagePeriod) -> bool:
    return (
        (query.after is None or _place(period) > query.after)
        and (query.subscription is None or period.subscription_id == uuid_in(query.subscription))
        and (query.meter is None or period.meter == query.meter)
        and (query.object is None or period.object == query.object)
    )


def _place(period: UsagePeriod) -> str:
    """A period's place in the list: its start, then its item."""
    return f"{period.starts_at:%Y%m%d%H%M%S%f}_{period.item_id.hex}"


def _events(told: Iterable[Event]) -> list[UsageEvent]:
    """The events as the core takes them. Many of a batch are of one account: each spelling is read once."""
    accounts: dict[str, UUID] = {}
    events: list[UsageEvent] = []
    for n, x in enumerate(told):
        account = accounts.get(x.account)
        if account is None:
            account = accounts[x.account] = _account(x.account, n)
        events.append(UsageEvent(x.id, account, x.meter, x.at, x.object, x.value, x.member, x.corrects))
    return events


def _account(spelled: str, place: int) -> UUID:
    try:
        return parse("acc", spelled)
    except InvalidId as error:
        raise invalid(FieldError(f"events[{place}].account", str(error))) from None


def _refused(refusals: Sequence[Refusal]) -> Problem:
    errors = [FieldError(x.field, x.rule) for x in refusals]
    more = f"at least {len(errors)} events" if len(errors) == REFUSALS_MAX else f"{len(errors)} events"
    first = f"{errors[0].field}: {errors[0].rule}"
    return Problem("refused", f"{more} break a rule, and nothing is stored; the first: {first}", errors)


def _period_view(solvent: Solvent, reading: Reading) -> UsagePeriodView:
    period, platform = reading.period, solvent.platform
    catalog, rounding = platform.store.catalog(), platform.convention.rounding
    price = catalog.price(period.price_id)
    costs = amount(price, reading.quantity, rounding)
    return UsagePeriodView(
        item_id=spell("itm", period.item_id),
        subscription_id=spell("sub", period.subscription_id),
        price_id=period.price_id,
        meter=period.meter,
        unit=catalog.meters[period.meter].unit,
        object=period.object,
        period=PeriodView(period.starts_at, period.ends_at),
        state="billed" if period.look_at is None else "open",
        quantity=reading.quantity,
        amount=costs,
        amount_text=amount_text(costs, price.currency),
        explanation=str(explain(price, reading.quantity, rounding)),
        billed_quantity=period.billed_quantity,
        billed_amount=period.billed_amount,
    )
