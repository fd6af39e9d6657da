"""Billing at the peer: subscriptions and their pending updates.

Owns what a subscription's status and items become, and when. A subscription is charged by itself only by a method of
its own or its customer's, of which there is none here: then it is past due. Does not own prices (`goods`),
invoices (`invoices`) nor paths (`server`).
"""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers.stripe import invoices
from tests.peers.stripe.invoices import period
from tests.peers.stripe.state import Book, Thing, invalid, missing

Form = dict[str, Any]

PENDING_DAYS = 23 / 24
DEAD = frozenset({"canceled", "incomplete_expired"})
PENDING_TAKES = frozenset(
    {"items", "proration_behavior", "proration_date", "payment_behavior", "add_invoice_items"}
)


def subscribe(book: Book, form: Form) -> Thing:
    """A subscription: incomplete where something is to be paid first."""
    begins = book.now()
    is_free = "trial_end" in form or form.get("proration_behavior") == "none"
    if (
        not is_free and form.get("payment_behavior") != "default_incomplete"
    ):  # it would be charged at once, to what?
        raise invalid(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    until = _end(begins, book.of("price")[form["items"][0]["price"]])
    first = int(form.get("trial_end") or form.get("billing_cycle_anchor") or until)
    if first > until and "trial_end" not in form:
        raise invalid("billing_cycle_anchor cannot be later than the next natural billing date.")
    made = book.add(
        "subscription",
        "sub",
        automatic_tax={"enabled": False, "liability": None, "disabled_reason": None},
        billing_cycle_anchor=first,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        billing_schedules=[],
        cancel_at=None,
        cancel_at_period_end=form.get("cancel_at_period_end") == "true",
        collection_method="charge_automatically",
        currency=form["currency"],
        customer=form["customer"],
        default_payment_method=None,
        discounts=[],
        invoice_settings={"issuer": {"type": "self"}, "account_tax_ids": None},
        items={"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"},
        latest_invoice=None,
        metadata=form.get("metadata", {}),
        pause_collection=None,
        pending_update=None,
        start_date=begins,
        status="trialing" if "trial_end" in form else "active",
    )
    made["items"]["data"] = [_item(book, made, row, begins, first) for row in form["items"]]
    total = 0 if is_free else _worth(made["items"]["data"])
    invoices.make(book, made, form, total, "subscription_create")
    if book.of("invoice")[made["latest_invoice"]]["status"] == "open":
        made["status"] = "incomplete"
        book.after(PENDING_DAYS, lambda: _expire(book, made))
    book.after((first - begins) / 86_400, lambda: _cycle(book, made))
    book.tell("customer.subscription.created", made)
    return made


def update(book: Book, made: Thing, form: Form) -> Thing:
    """Change a subscription: at once, or once what it costs now is paid."""
    if made["status"] in DEAD:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    waits = form.get("payment_behavior") == "pending_if_incomplete"
    if waits and not PENDING_TAKES.issuperset(form):
        raise invalid("A parameter is not supported with pending_if_incomplete.", param="payment_behavior")
    if "pause_collection" in form:
        paused = form["pause_collection"]
        made["pause_collection"] = {"behavior": paused["behavior"], "resumes_at": None} if paused else None
    if "cancel_at_period_end" in form:
        made["cancel_at_period_end"] = form["cancel_at_period_end"] == "true"
    made["metadata"] = made["metadata"] | form.get("metadata", {})
    made["settings"] = form.get("payment_settings", made.get("settings", {}))
    if "items" not in form:
        book.tell("customer.subscription.updated", made)
        return made
    items = _changed(book, made, form["items"])
    _drop_pending(book, made)
    if form.get("proration_behavior") == "none":
        made["items"]["data"] = items
        return made
    assert waits, form
    total = _prorated(made, items, int(form["proration_date"]))
    invoices.make(book, made, form, total, "subscription_update")
    if book.of("invoice")[made["latest_invoice"]]["status"] == "open":
        expires = min(book.now() + 23 * 3600, period(made)[1])
        made["pending_update"] = {
            "expires_at": expires,
            "subscription_items": items,
            "billing_cycle_anchor": None,
            "trial_end": None,
            "trial_from_plan": None,
        }
        ref = made["latest_invoice"]
        book.after((expires - book.now()) / 86_400, lambda: _lapse(book, made, ref))
    else:
        made["items"]["data"] = items
    return made


def preview(book: Book, form: Form) -> Thing:
    """The invoice that an update would make."""
    made = book.find("subscription", form["subscription"])
    wanted = form["subscription_details"]
    items = _changed(book, made, wanted["items"])
    total = _prorated(made, items, int(wanted["proration_date"]))
    ahead = invoices.draw(book, made, total, "subscription_update") | {"status": "draft"}
    del book.of("invoice")[ahead["id"]]
    return ahead | {"id": f"upcoming_{ahead['id']}"}


def cancel(book: Book, made: Thing) -> Thing:
    """End a subscription now."""
    if made["status"] in DEAD:
        raise missing("subscription", made["id"], "id")
    made |= {"status": "canceled", "canceled_at": book.now(), "ended_at": book.now()}
    _drop_pending(book, made)
    book.tell("customer.subscription.deleted", made)
    return made


def _item(book: Book, made: Thing, row: Form, begins: int, until: int) -> Thing:
    return {
        "id": row.get("id") or book.new_id("si"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": book.now(),
        "current_period_end": until,
        "current_period_start": begins,
        "discounts": [],
        "metadata": {},
        "price": dict(book.find("price", row["price"], "items[0][price]")),
        "quantity": int(row.get("quantity", 1)),
        "subscription": made["id"],
        "tax_rates": [],
    }


def _changed(book: Book, made: Thing, rows: list[Form]) -> list[Thing]:
    """The items as an update wants them; no price twice."""
    begins, until = period(made)
    items = {row["id"]: row for row in made["items"]["data"]}
    for row in rows:
        if row.get("deleted") == "true":
            del items[row["id"]]
        elif "id" in row:
            items[row["id"]] = items[row["id"]] | {"quantity": int(row["quantity"])}
        else:
            fresh = _item(book, made, row, begins, until)
            items[fresh["id"]] = fresh
    refs = [row["price"]["id"] for row in items.values()]
    if len(refs) != len(set(refs)):
        raise invalid("Cannot add multiple subscription items with the same plan", param="items")
    return list(items.values())


def _worth(items: list[Thing]) -> int:
    return sum(int(row["price"]["unit_amount"]) * int(row["quantity"]) for row in items)


def _prorated(made: Thing, items: list[Thing], moment: int) -> int:
    """What the rest of the period costs more, by the second."""
    begins, until = period(made)
    if not begins <= moment <= until:
        raise invalid("proration_date must be within the current period", param="proration_date")
    more = _worth(items) - _worth(made["items"]["data"])
    return round(more * (until - moment) / (until - begins))


def _drop_pending(book: Book, made: Thing) -> None:
    """An update that waits is given up, and its invoice voided; so is the first invoice of what is ended."""
    invoice = book.of("invoice").get(made["latest_invoice"] or "")
    if invoice is not None and invoice["status"] == "open" and invoice["id"] in book.intents:
        invoices.void(book, invoice)


def _expire(book: Book, made: Thing) -> None:
    if made["status"] == "incomplete":
        _drop_pending(book, made)
        made["status"] = "incomplete_expired"


def _lapse(book: Book, made: Thing, ref: str) -> None:
    if made["pending_update"] is not None and made["latest_invoice"] == ref:
        _drop_pending(book, made)


def _cycle(book: Book, made: Thing) -> None:
    """A period is over: the next begins, and its invoice is void, or paid by nobody."""
    if made["status"] in DEAD or made["status"] == "incomplete":
        return
    if made["cancel_at_period_end"]:
        cancel(book, made)
        return
    begins = period(made)[1]
    until = _end(begins, made["items"]["data"][0]["price"])
    for row in made["items"]["data"]:
        row |= {"current_period_start": begins, "current_period_end": until}
    invoices.make(book, made, {}, _worth(made["items"]["data"]), "subscription_cycle")
    owes = book.of("invoice")[made["latest_invoice"]]["status"] == "open"
    made["status"] = "past_due" if owes else "active"
    book.after((until - book.now()) / 86_400, lambda: _cycle(book, made))


def _end(begins: int, priced: Thing) -> int:
    """When a period that begins then ends."""
    every = priced["recurring"]
    at, count = datetime.fromtimestamp(begins, UTC), every["interval_count"]
    match every["interval"]:
        case "day" | "week":
            days = count * (7 if every["interval"] == "week" else 1)
            return int((at + timedelta(days=days)).timestamp())
        case unit:
            months = at.month - 1 + count * (12 if unit == "year" else 1)
            year, month = at.year + months // 12, months % 12 + 1
            day = min(at.day, calendar.monthrange(year, month)[1])
            return int(at.replace(year=year, month=month, day=day).timestamp())
