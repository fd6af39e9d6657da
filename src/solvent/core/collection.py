"""Collection: payments that are not for a change: an open invoice, and an invoice that the merchant writes.

Owns the planning of both. Does not own whether and when a debt is tried again (`policy`), nor how lines of a
subscription come about (`lines`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.closed_account import CLOSED
from solvent.core.credit import CreditGrant, Part, still_there
from solvent.core.invoice import Invoice, Line
from solvent.core.invoice_item import InvoiceItem, uses_of, with_items
from solvent.core.manual import PLAIN, Particulars, line_rule
from solvent.core.payment import Path
from solvent.core.plan import Debt, Intent, OnFailure, Plan, Refusal, make_plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.taxing import Taxation

DEBTS_MAX = 100  # of one payment


def plan_debt(
    account: Account,
    *invoices: Invoice,
    owed: Sequence[Part],
    credit_grants: Sequence[CreditGrant],
    policy: Policy,
    now: datetime,
) -> Plan | Refusal:
    """One payment of all that is still owed on invoices of one currency; `owed` is what of it on each line. Credit goes
    first, and to the first of them first."""
    if not invoices or len(invoices) > DEBTS_MAX:
        return Refusal(
            field="invoice_ids", rule=f"must be 1 to {DEBTS_MAX} invoices on which something is owed"
        )
    if any(invoice.debt <= 0 for invoice in invoices):
        return Refusal(field="invoice_id", rule="must be an invoice on which something is owed")
    if len({invoice.currency for invoice in invoices}) > 1:
        return Refusal(field="invoice_ids", rule="must be invoices of one currency")
    return make_plan(
        account_id=account.id,
        path=Path.COLLECTION,
        intent=Intent.PAY_DEBT,
        claim=f"inv:{invoices[0].id}",
        currency=invoices[0].currency,
        lines=(),
        credit=credit_grants,
        owed=owed,
        planned_at=now,
        lifetime=policy.attempt_lifetime,
        settles=tuple(Debt(invoice_id=i.id, version=i.version, amount=i.debt) for i in invoices),
    )


def plan_invoice(  # noqa: PLR0913 -- what planning looks at, by keyword
    account: Account,
    lines: tuple[Line, ...],
    *,
    invoice_id: UUID,
    credit_grants: Sequence[CreditGrant],
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    now: datetime,
    particulars: Particulars = PLAIN,
    waiting: Sequence[InvoiceItem] = (),
) -> Plan | Refusal:
    """An invoice of the merchant's own lines, in the currency of the account, with what is `waiting` for one where that
    is asked for; unpaid it stays owed, on grace.

    What a draft previews and what is issued are both this."""
    refusal = CLOSED if account.closed_at is not None else _lines_rule(lines, waiting, catalog, particulars)
    if refusal is not None:
        return refusal
    days = particulars.terms_days

    def plan_of(items: Sequence[InvoiceItem]) -> Plan:
        return make_plan(
            account_id=account.id,
            path=Path.FINALISATION,
            intent=Intent.INVOICE,
            claim=f"fin:{invoice_id}",
            currency=account.currency,
            lines=(*lines, *(item.invoiced for item in items)),
            credit=credit_grants,
            planned_at=now,
            lifetime=policy.attempt_lifetime,
            terms_days=catalog.terms_days(account) if days is None else days,
            taxation=Taxation(account=account, catalog=catalog, convention=convention, at=now),
            on_failure=OnFailure.GRACE,
            items=uses_of(items),
        )

    plan = with_items(waiting if particulars.include_items else (), plan_of)
    if plan.total < 0:
        return Refusal(field="lines", rule="must not be negative together")
    if not plan.lines:
        return Refusal(field="include_items", rule="must leave something: only deductions wait")
    if not any(line.amount for line in plan.lines):
        return Refusal(field="lines", rule="must come to an amount other than 0, one of them at least")
    return replace(plan, reference=particulars.reference, notes=particulars.notes)


def _lines_rule(
    lines: tuple[Line, ...], waiting: Sequence[InvoiceItem], catalog: Catalog, particulars: Particulars
) -> Refusal | None:
    if not lines and not particulars.include_items:
        return Refusal(field="lines", rule="must be at least one line")
    if not lines and not waiting:
        return Refusal(field="include_items", rule="must find an item that waits, where there is no line")
    for n, line in enumerate(lines):
        if type(line.amount) is not int:
            return Refusal(field=f"lines[{n}].amount", rule="must be a whole number of minor units")
        rule = line_rule(line, catalog)
        if rule is not None:
            return replace(rule, field=f"lines[{n}].{rule.field}")
    return None


def plan_with_less_credit(plan: Plan, grants: Mapping[UUID, CreditGrant], now: datetime) -> Plan:
    """The same invoice planned anew, with the credit that is left of what it counted on. Its lines have their tax."""
    anew = make_plan(
        account_id=plan.account_id,
        path=plan.path,
        intent=plan.intent,
        claim=plan.claim,
        currency=plan.currency,
        lines=plan.lines,
        drawn=still_there(plan.draws, grants),
        planned_at=now,
        lifetime=plan.expires_at - plan.planned_at,
        terms_days=plan.terms_days,
        on_failure=plan.on_failure,
        usage=plan.usage,
        items=plan.items,
    )
    return replace(anew, reference=plan.reference, notes=plan.notes)
