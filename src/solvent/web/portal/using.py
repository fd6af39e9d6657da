"""Using: what was used so far in the periods that are not over, and the next invoice as it stands now.

Owns what of them is shown. Does not own any figure (`core.usage`, `core.upcoming`).
"""

from solvent.core.ids import bucket_of
from solvent.core.phrase import named, spoken
from solvent.core.pricing import amount, explain
from solvent.core.usage import Reading
from solvent.flows.upcoming import upcoming_invoice
from solvent.web.endpoint import Reply
from solvent.web.portal.having import catalog_of
from solvent.web.portal.lines import line_rows
from solvent.web.portal.visit import Place, Visit


def usage(visit: Visit) -> Reply:
    """Usage, and what comes of it and of everything else."""
    platform, account = visit.call.solvent.platform, visit.account
    with visit.call.solvent.database.begin() as tx:
        periods = tx.usage.of_account(account.id, visit.now)
        readings = tx.usage.read(bucket_of(account.id), periods, catalog_of(visit))
    ahead = upcoming_invoice(platform, account.id, visit.now)
    content: dict[str, object] = {"readings": [_reading(visit, r) for r in readings], "next": None}
    if ahead is not None:
        plan, money = ahead.plan, visit.tongue.amount
        content["next"] = {
            "day": visit.words.upcoming_hint.format(day=visit.tongue.day(ahead.at)),
            "lines": line_rows(visit, plan.lines, plan.currency),
            "tax": money(plan.tax, plan.currency) if plan.tax else None,
            "total": money(plan.total, plan.currency),
            "credit_used": money(-plan.credit_used, plan.currency) if plan.credit_used else None,
            "due": money(plan.total - plan.credit_used, plan.currency),
        }
    return visit.show("portal_usage.html", Place.USAGE, visit.words.usage, content)


def _reading(visit: Visit, reading: Reading) -> dict[str, object]:
    catalog, period, tongue = catalog_of(visit), reading.period, visit.tongue
    price, rounding = catalog.price(period.price_id), visit.call.solvent.platform.convention.rounding
    costs, meter = amount(price, reading.quantity, rounding), catalog.meters[period.meter]
    unit = spoken(named(meter.unit, meter.units), visit.language)
    return {
        "name": spoken(named(meter.name, meter.names), visit.language),
        "object": "" if period.object == "account" else period.object.partition(":")[2],
        "period": tongue.span(period.starts_at, period.ends_at),
        "quantity": f"{tongue.number(reading.quantity)} {unit}",
        "costs": tongue.amount(costs, price.currency),
        "how": spoken(explain(price, reading.quantity, rounding), visit.language)
        if reading.quantity
        else None,
        "billed": tongue.amount(period.billed_amount, price.currency) if period.billed_amount else None,
    }
