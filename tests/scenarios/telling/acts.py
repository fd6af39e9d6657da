"""Acts: what customers do in a story, through the flows that the web calls.

Owns the sentences with a customer as their subject, and the change that each asks for. Does not own what the merchant's
people and the banks do (`staff`), nor what comes of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartLine
from solvent.core.change import (
    AddItem,
    AddMethod,
    CancelAtPeriodEnd,
    CancelNow,
    Change,
    ChangeInterval,
    Purchase,
    Redeem,
    RemoveItem,
    SetQuantity,
    Start,
    SwitchPrice,
    TopUp,
    Uncancel,
)
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line
from solvent.core.meter import UsageEvent
from solvent.core.plan import Plan, Refusal
from solvent.core.tax import Buyer
from solvent.core.way import WayKind
from solvent.flows import cart as carts
from solvent.flows import checkout
from solvent.flows.change import quote
from solvent.flows.opening import Conflict
from solvent.flows.usage import Ingested, ingest
from solvent.sim import Customer
from tests.scenarios.telling.cast import CARDS, Cast, minor

CARD = "|".join(CARDS)
TAB = r"(?: in (?P<tab>tab \w+))?"
WAY = re.compile(
    rf"(?P<what>.*?)(?: redeeming (?P<codes>[A-Z, ]+?))?(?: with (?P<card>{CARD}))?"
    rf"(?: by (?P<provider>sandpal))?{TAB}(?P<waits>, and waits)?"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One customer's turn: who, in which tab, and the rest of the cast."""

    cast: Cast
    customer: Customer
    tab: str = ""

    @property
    def attempt(self) -> Attempt:
        """The attempt that is open in this tab."""
        return self.cast.tabs[self.customer.name, self.tab]

    def keep(self, attempt: Attempt) -> None:
        """This is what the tab shows now."""
        self.cast.tabs[self.customer.name, self.tab] = attempt

    def subscription(self, thing: str | None) -> UUID:
        """The subscription that holds the thing, or the only one."""
        return self.cast.held(self.customer, thing)[0].id


def perform(cast: Cast, customer: Customer, text: str) -> list[str]:
    """Do what a sentence says; what the customer is told beyond what happens."""
    for pattern, deed in _DEEDS:
        if found := pattern.fullmatch(text):
            return deed(cast, customer, found)
    way = WAY.fullmatch(text)
    assert way, f"a customer cannot {text!r}"
    act = Act(cast, customer, way["tab"] or "")
    change = change_of(act, way["what"], tuple((way["codes"] or "").replace(",", "").split()))
    if way["card"] is None and way["provider"] is None:
        return _opened(act, customer.ask(change))
    quoted = quote(cast.world.platform, customer.id, change, cast.world.now)
    told = _opened(act, customer.ask(change, provider=way["provider"]))
    assert isinstance(quoted, Refusal) == bool(told), "what cannot be quoted cannot be opened"
    if isinstance(quoted, Refusal):
        return told
    assert _figures(quoted.lines) == _figures(act.attempt.plan.lines), "the quote is what is opened"
    card = CARDS[way["card"] or "visa"]
    if not way["waits"]:
        act.keep(_completed(act, quoted, card))
    elif way["card"]:
        act.keep(customer.confirm(act.attempt, card))
    return []


def _completed(act: Act, quoted: Plan, card: str) -> Attempt:
    """Step 4 whatever it takes; an invoice that comes of it says what was quoted."""
    before = len(act.customer.invoices())
    attempt = act.customer.complete(act.attempt, card)
    for invoice in act.customer.invoices()[before:]:
        lines = tuple(act.customer.lines(invoice))
        assert (_figures(lines), invoice.total) == (_figures(quoted.lines), quoted.total), "L7"
    return attempt


def change_of(act: Act, text: str, codes: tuple[str, ...] = ()) -> Change:
    """The change that a sentence asks for, with the coupons that it redeems."""
    for pattern, make in _CHANGES:
        if found := pattern.fullmatch(text):
            change = make(act, found)
            return replace(change, coupons=codes) if codes else change  # type: ignore[arg-type]  # not all have it: replace says so
    raise ValueError(f"no change reads {text!r}")


def _figures(lines: tuple[Line, ...]) -> list[tuple[str, int, int]]:
    return [(str(line.explanation), line.amount, line.tax) for line in lines]


def _opened(act: Act, answer: Attempt | Refusal | Conflict) -> list[str]:
    match answer:
        case Refusal(field=field, rule=rule):
            return [f"told no: {field} {rule}"]
        case Conflict():
            return [f"told no: {answer}"]
        case Attempt():
            act.keep(answer)
            return []


# Changes


def _buys(act: Act, found: re.Match[str]) -> Change:
    items = act.cast.goods(found["goods"])
    if act.cast.catalog.price(items[0].price_id).interval is None:
        return Purchase(items=items)
    return Start(items=items)


def _adds(act: Act, found: re.Match[str]) -> Change:
    (item,) = act.cast.goods(found["goods"])
    return AddItem(subscription_id=act.subscription(None), item=item)


def _switches(act: Act, found: re.Match[str]) -> Change:
    """Another price of the same interval, or another interval for a subscription of one item."""
    subscription, item = act.cast.held(act.customer, found["thing"])
    price = act.cast.price(found["key"])
    if price.interval == subscription.interval:
        return SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=price.id)
    return ChangeInterval(subscription_id=subscription.id, prices=((item.id, price.id),))


def _sets(act: Act, found: re.Match[str]) -> Change:
    subscription, item = act.cast.held(act.customer, found["thing"])
    return SetQuantity(subscription_id=subscription.id, item_id=item.id, quantity=int(found["count"]))


def _removes(act: Act, found: re.Match[str]) -> Change:
    subscription, item = act.cast.held(act.customer, found["thing"])
    return RemoveItem(subscription_id=subscription.id, item_id=item.id)


def _cancels(act: Act, found: re.Match[str]) -> Change:
    return CancelNow(subscription_id=act.subscription(found["thing"]), credit=bool(found["credit"]))


Make = Callable[[Act, re.Match[str]], Change]
_CHANGES: list[tuple[re.Pattern[str], Make]] = [
    (re.compile(r"buys (?P<goods>.+)"), _buys),
    (re.compile(r"adds (?P<goods>[\w-]+-(?:month|year)\b.*)"), _adds),
    (re.compile(r"switches (?P<thing>\S+) to (?P<key>\S+)"), _switches),
    (re.compile(r"sets (?P<thing>\S+) to (?P<count>\d+)"), _sets),
    (re.compile(r"removes (?P<thing>\S+)"), _removes),
    (re.compile(r"cancels(?: (?P<thing>\S+:\S+))? at once(?P<credit> for credit)?"), _cancels),
    (
        re.compile(r"cancels(?: (?P<thing>\S+:\S+))? at the end of the period"),
        lambda act, found: CancelAtPeriodEnd(subscription_id=act.subscription(found["thing"])),
    ),
    (
        re.compile(r"keeps(?: (?P<thing>\S+:\S+)| the subscription)? after all"),
        lambda act, found: Uncancel(subscription_id=act.subscription(found["thing"])),
    ),
    (re.compile(r"puts a card on file"), lambda act, found: AddMethod()),
    (
        re.compile(r"tops up (?P<amount>[\d.,]+)"),
        lambda act, found: TopUp(amount=minor(found["amount"], act.customer.account.currency)),
    ),
    (
        re.compile(r"redeems (?P<code>\w+)"),
        lambda act, found: Redeem(subscription_id=act.subscription(None), coupons=(found["code"],)),
    ),
]


# Deeds: everything else that a customer does


def _confirms(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    act = Act(cast, customer, found["tab"] or "")
    act.keep(customer.confirm(act.attempt, CARDS[found["card"]] if found["card"] else None))
    return []


def _challenged(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    act = Act(cast, customer, found["tab"] or "")
    customer.pass_challenge(act.attempt, passed=found["how"] == "passes")
    return []


def _approves(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    customer.approve(Act(cast, customer, found["tab"] or "").attempt)
    return []


def _opens_debt(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    numbers = re.findall(r"\d+", found["which"])
    invoices = [cast.invoice(number, customer.name)[1].id for number in numbers]
    act = Act(cast, customer, found["tab"] or "")
    told = _opened(act, customer.open_debt(*invoices))
    if not told and found["card"]:
        act.keep(customer.complete(act.attempt, CARDS[found["card"]]))
    return told


def _card_becomes(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    for method in customer.snapshot().methods:
        if found["last"] is None or method.label.endswith(found["last"]):
            cast.world.banks.by_name[method.provider].set_behaviour(method.token, CARDS[found["card"]])
    return []


def _uses(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    event = UsageEvent(
        found["id"] or f"{found['meter']} {found['at']} {found['value'] or found['member']}",
        customer.id,
        found["meter"],
        cast.moment(found["at"]),
        found["thing"] or "account",
        None if found["value"] is None else int(found["value"].replace(",", "")),
        found["member"],
        found["corrects"],
    )
    answer = ingest(cast.world.platform, [event], lambda: cast.world.now)
    if not isinstance(answer, Ingested):
        return [f"told no: {refusal.field} {refusal.rule}" for refusal in answer]
    return ["the event was known: it counts once"] if answer.duplicates else []


def _members(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    """So many members, by their numbers, each with an event of its own."""
    for number in range(int(found["first"]), int(found["last"]) + 1):
        name = f"member-{number}"
        at = cast.moment(found["at"])
        event = UsageEvent(f"{name} {at}", customer.id, found["meter"], at, "account", None, name, None)
        assert isinstance(ingest(cast.world.platform, [event], lambda: cast.world.now), Ingested)
    return []


def _moves(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    """What the account is for tax becomes something else."""
    with cast.world.database.begin() as tx:
        locked = tx.accounts.lock(customer.id)
        assert locked is not None, "the account is there"
        buyer = Buyer(country=found["country"], tax_id=found["tax_id"], region=found["region"])
        tx.accounts.set_buyer(locked, buyer, cast.world.now)
    return []


def _pays_cart(cast: Cast, customer: Customer, found: re.Match[str]) -> list[str]:
    """All of a cart at the checkout; its view is the bill."""
    codes = tuple((found["codes"] or "").replace(",", "").split())
    platform, now, draw = cast.world.platform, cast.world.now, cast.world.platform.ids.draw
    bucket = bucket_of(customer.id)
    lines = tuple(
        CartLine(id=draw(bucket), price_id=x.price_id, quantity=x.quantity, object=x.object)
        for x in cast.goods(found["goods"])
    )
    cart = Cart(
        id=draw(bucket),
        account_id=customer.id,
        version=1,
        lines=lines,
        coupons=codes,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    kept = carts.keep(platform, cart, f"cart {cart.id}", b"cart", now)
    if isinstance(kept, Refusal):
        return [f"told no: {kept.field} {kept.rule}"]
    shown = carts.show(platform, cart.id, now)
    assert shown is not None
    told = shown.told
    paying = checkout.Paying(
        key=f"pay {cart.id}",
        input_hash=b"cart",
        way=WayKind.CARD,
        seen_total=told.due_now,
        seen_fingerprint=told.fingerprint,
        id=draw(bucket),
    )
    answer = checkout.pay(platform, cart.id, paying, now)
    assert isinstance(answer, Attempt), answer
    before = len(customer.invoices())
    checkout.complete(platform, cart.id, f"tok_{CARDS[found['card']]}", now)
    (invoice,) = customer.invoices()[before:]
    assert (invoice.total, told.subtotal - told.discount) == (
        told.total,
        sum(x.amount for x in customer.lines(invoice)),
    )
    return []


DEBTS = r"invoice \d+(?: and invoice \d+)*|everything owed"
Deed = Callable[[Cast, Customer, re.Match[str]], list[str]]
_DEEDS: list[tuple[re.Pattern[str], Deed]] = [
    (
        re.compile(
            rf"pays a cart of (?P<goods>.+?)(?: redeeming (?P<codes>[A-Z, ]+?))? with (?P<card>{CARD})"
        ),
        _pays_cart,
    ),
    (re.compile(rf"confirms with (?P<card>{CARD}){TAB}"), _confirms),
    (re.compile(rf"comes back(?P<card>){TAB}"), _confirms),
    (re.compile(rf"(?P<how>passes|fails) 3-D Secure{TAB}"), _challenged),
    (re.compile(rf"approves at sandpal{TAB}"), _approves),
    (re.compile(rf"pays (?P<which>{DEBTS}) with (?P<card>{CARD}){TAB}"), _opens_debt),
    (re.compile(rf"opens the payment of (?P<which>{DEBTS})(?P<card>){TAB}"), _opens_debt),
    (re.compile(rf"has a card(?: ending in (?P<last>\d+))? that becomes (?P<card>{CARD})"), _card_becomes),
    (
        re.compile(
            r"uses (?:(?P<value>[\d,]+)|(?P<member>\S+@\S+)|nothing) of (?P<meter>\S+?)(?: on (?P<thing>\S+:\S+))?"
            r" at (?P<at>\S+ \S+?)(?:, as (?P<id>[\w-]+))?(?:, correcting (?P<corrects>[\w-]+))?"
        ),
        _uses,
    ),
    (re.compile(r"has members (?P<first>\d+) to (?P<last>\d+) of (?P<meter>\S+) at (?P<at>.+)"), _members),
    (
        re.compile(
            r"is from now on in (?P<country>[A-Z]{2})(?::(?P<region>\S+))?(?: with VAT (?P<tax_id>\w+))?"
        ),
        _moves,
    ),
]
