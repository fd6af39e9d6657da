"""Purse: what happens to coupons, account credit and debts in a merchant's life, each as one act chosen by numbers.

Owns the acts of the clerk and of customers who have codes, credit or several debts. Does not own purchases and
payments (`life`), nor the order of acts (a machine draws it).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from solvent.core.attempt import Attempt
from solvent.core.credit import GIVEN, GrantKind
from solvent.core.crediting import PaidPart, Wish
from solvent.core.giving_up import Surrender
from solvent.core.request import Change, Purchase, Redeem, RemoveCoupon, Start, TopUp
from solvent.flows.account_credit import void_credit
from solvent.flows.credit import Issue, issue_credit_note
from solvent.flows.debts import give_up
from solvent.sim import Customer
from tests.simulation.crashing import Mishap
from tests.simulation.life import Life, pick

CLERK = "carol"
CODES = (
    ("WELCOME20",),
    ("PARTNER",),
    ("WELCOME20", "PARTNER"),
    ("TEN-USD", "WELCOME20"),
    ("YEN", "PARTNER"),
    ("KUWAIT",),
    ("SPONSORED",),
)
LASTS = (None, timedelta(days=1), timedelta(days=20), timedelta(days=45))
EXCLUDES: tuple[tuple[str, ...], ...] = ((), (), ("zone-pro",), ("media", "seats"))


def with_codes(change: Start | Purchase, number: int) -> Start | Purchase:
    """The same with coupons; some are for another currency, and then it is refused."""
    return replace(change, coupons=CODES[number % len(CODES)])


def redeemed(customer: Customer, number: int, *, off: bool) -> Change | None:
    """Coupons redeemed by themselves for what the customer has, or the one that it has taken off."""
    subscription = pick(customer.subscriptions(), number)
    if subscription is None:
        return None
    if not off:
        return Redeem(subscription_id=subscription.id, coupons=CODES[number % len(CODES)])
    applied = pick(subscription.coupons, number)
    code = "PARTNER" if applied is None else applied.coupon_id.partition("@")[0]
    return RemoveCoupon(subscription_id=subscription.id, coupon=code)


def top_up(number: int) -> TopUp:
    """Credit bought for money."""
    return TopUp(amount=1 + number * 9)


def pay_debts(life: Life, customer: Customer, way: str, mishap: Mishap | None) -> None:
    """Pay all that is owed by one payment."""
    with life.world.during(mishap):
        answer = customer.open_debt()
        if isinstance(answer, Attempt):
            life.attempts.append((customer, answer))
            life.pay(customer, answer, way, None)


def give_credit(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk gives credit: so much, of a kind, with an expiry, a priority and products that it may not pay."""
    lasts = LASTS[number // 2 % len(LASTS)]
    terms: dict[str, Any] = {
        "kind": (GrantKind.GOODWILL, GrantKind.SPONSORED)[number % 2],
        "priority": number % 101,
        "excludes": EXCLUDES[number // 3 % len(EXCLUDES)],
        "expires_at": None if lasts is None else life.world.now + lasts,
    }
    with life.world.during(mishap):
        customer.receive_credit(1 + number * 7, **terms)


def take_credit(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk voids a grant that was given."""
    grant = pick([g for g in customer.credit_grants() if g.kind in GIVEN], number)
    if grant is not None:
        with life.world.during(mishap):
            void_credit(life.world.platform, customer.id, grant.id, "ended", CLERK, life.world.now)


def credit(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk credits a part of an invoice, or all that is left of it, to the method or as account credit."""
    invoice = pick(customer.invoices(), number)
    if invoice is not None:
        wish = Wish(
            key=f"{life.world.now.timestamp()} {number}",
            input_hash=number.to_bytes(16, "big"),
            reason="goodwill",
            paid_part=tuple(PaidPart)[number // 2 % len(PaidPart)],
            issued_by=CLERK,
        )
        amount = None if number % 3 == 0 else 1 + number
        with life.world.during(mishap):
            issue = Issue(invoice_id=invoice.id, wish=wish, amount=amount)
            issue_credit_note(life.world.platform, issue, life.world.now)


def surrender(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk gives an open invoice up."""
    invoice = pick(customer.open_invoices(), number)
    if invoice is not None:
        with life.world.during(mishap):
            given_up = Surrender(reason="gone", by=CLERK)
            give_up(life.world.platform, invoice.id, given_up, life.world.now)
