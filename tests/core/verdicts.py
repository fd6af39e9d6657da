"""Verdicts in words, and plans to be judged: one of each kind, with what moves the facts on before its money comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.change import NewItem, Purchase, Start, SwitchPrice
from solvent.core.collection import plan_debt
from solvent.core.payment import Outcome, Report
from solvent.core.plan import Plan
from solvent.core.settlement import Commit, Fail, Nothing, PayIssued, Strand, Verdict, Wait
from tests.core.till import ISSUED, Till, declined, open_invoice, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop

Overtake = Callable[[Till], None]
Maker = Callable[["Shop"], tuple[Plan, Overtake]]


def written(verdict: Verdict) -> str:
    """A verdict as the table writes it."""
    match verdict:
        case Commit():
            return f"commit on {verdict.proof}"
        case PayIssued():
            return "pay the issued invoice"
        case Strand():
            return f"strand: {verdict.reason}{', and commit on grace' if verdict.grace else ''}"
        case Fail():
            return f"fail: {verdict.cause}"
        case Wait():
            return f"wait, {verdict.state}"
        case Nothing():
            return "nothing"


# Each maker returns a plan, and what moves the facts on before its money comes.


def upgrade(shop: Shop) -> tuple[Plan, Overtake]:
    base = shop.zone().after
    assert base is not None
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=base.items[0].id, price_id="business"))
    return plan, lambda till: till.live.versions.update({base.id: 2})


def renewal(shop: Shop) -> tuple[Plan, Overtake]:
    base = shop.zone().after
    assert base is not None
    plan = shop.at(2026, 2, 1).due()
    assert plan is not None
    return plan, lambda till: till.live.versions.update({base.id: 2})


def free_start(shop: Shop) -> tuple[Plan, Overtake]:
    plan = shop.plan(Start(items=(NewItem(price_id="free", object="zone:a"),)))
    return plan, lambda till: till.live.taken.update({("zone", "zone:a"): UUID(int=9)})


def trial(shop: Shop) -> tuple[Plan, Overtake]:
    plan = shop.plan(Start(items=(NewItem(price_id="media"),)))
    return plan, lambda till: till.live.taken.update({("media", "account"): UUID(int=9)})


def purchase(shop: Shop) -> tuple[Plan, Overtake]:
    shop.credit = 100
    plan = shop.plan(Purchase(items=(NewItem(price_id="setup"),)))
    return plan, lambda till: till.has_credit(99)


def debt(shop: Shop) -> tuple[Plan, Overtake]:
    plan = plan_debt(
        shop.account, open_invoice(shop), owed=(), credit_grants=(), policy=shop.policy, now=shop.now
    )
    assert isinstance(plan, Plan)
    return plan, lambda till: till.live.invoices.update({ISSUED: open_invoice(till.shop, version=2)})


PLANS: list[Maker] = [upgrade, renewal, purchase, debt, free_start, trial]
MONEY: dict[str, Callable[[Attempt], Report]] = {
    "succeeded": paid,
    "other amount moved": lambda a: paid(a, amount=a.plan.due + 1),
    "other currency moved": lambda a: paid(a, amount=a.plan.due or 1, currency="EUR"),
}
NO_MONEY: dict[str, Callable[[Attempt], Report]] = {
    "nothing moved": lambda a: said(a, Outcome.SUCCEEDED),
    "failed": declined,
    "requires action": lambda a: said(a, Outcome.REQUIRES_ACTION),
    "processing": lambda a: said(a, Outcome.PROCESSING),
    "unknown": lambda a: said(a, Outcome.UNKNOWN),
}


def table(*head: str, rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)
