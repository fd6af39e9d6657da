"""Waiting: what the merchant lets wait for a customer's next invoice.

Owns the deeds about invoice items, and how an item is told. Does not own other deeds of the merchant (`staff`).
"""

from __future__ import annotations

import re

from solvent.core.invoice_item import InvoiceItem, ItemState
from solvent.core.money import format_minor
from solvent.core.plan import Refusal
from solvent.flows.waiting import keep_item, remove_item
from tests.scenarios.telling.cast import Cast
from tests.scenarios.telling.drafting import lines_in

WAITS = r"the merchant lets wait for (?P<name>\w+): (?P<what>.+?)(?:, of (?P<product>[a-z-]+))?"
REMOVES = r"the merchant removes what waits last for (?P<name>\w+)"
INVOICES = r"the merchant invoices what waits for (?P<name>\w+)"


def waits(cast: Cast, found: re.Match[str]) -> list[str]:
    """Keep new items."""
    customer = cast.customers[found["name"]]
    told: list[str] = []
    for line in lines_in(cast, customer, found["what"], found["product"]):
        told += _told(keep_item(cast.world.platform, customer.account, line, cast.world.now))
    return told


def removes(cast: Cast, found: re.Match[str]) -> list[str]:
    """Remove the item that was kept last."""
    last = cast.customers[found["name"]].items(ItemState.WAITING)[-1]
    return _told(remove_item(cast.world.platform, last.id, cast.world.now))


def invoices(cast: Cast, found: re.Match[str]) -> list[str]:
    """Issue an invoice of all that waits."""
    answer = cast.customers[found["name"]].is_invoiced_what_waits()
    return [f"told no: {answer.field} {answer.rule}"] if isinstance(answer, Refusal) else []


def _told(item: InvoiceItem | Refusal) -> list[str]:
    if isinstance(item, Refusal):
        return [f"told no: {item.field} {item.rule}"]
    state = "waits for an invoice" if item.state is ItemState.WAITING else str(item.state)
    what = f"{state}: {item.line.description}"
    return [f"{what:<62}{format_minor(item.line.amount, item.currency):>10}"]
