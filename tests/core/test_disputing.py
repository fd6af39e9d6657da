"""What a dispute writes, worked out by hand, and a property: whatever happens, the books and the dispute agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core import ledger
from solvent.core.crediting import Claim
from solvent.core.dispute import GONE, KEPT, TRANSITIONS, Dispute, DisputeReport, DisputeState
from solvent.core.disputing import Contested, Paid, book_dispute
from solvent.core.facts import APPLIED, CREDITED, Booking, PaymentFact
from solvent.core.invoice import Invoice, InvoiceRuleBroken, InvoiceState, Line, LineKind, lower, reopen
from solvent.core.ledger import balances
from solvent.core.period import Period
from solvent.core.subscription import Subscription
from tests.core.funds import grants
from tests.core.till import Till, open_invoice
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

PROOF = UUID(int=9 << 8)


def told(shop: Shop, state: DisputeState, amount: int = 2_000, **other: object) -> DisputeReport:
    report = DisputeReport(
        ref="dp_1",
        payment_ref="pi_1",
        key=UUID(int=1),
        amount=amount,
        currency="USD",
        state=state,
        opened_at=shop.now,
    )
    return replace(report, **other)  # type: ignore[arg-type]  # fields of a report


def settled(shop: Shop, total: int = 2_000, number: int = 1, **other: object) -> Invoice:
    invoice = open_invoice(shop, total, id=UUID(int=(0x100 + number) << 8), number=f"SOL-00-{number:06d}")
    return replace(lower(invoice, paid=total), **other)  # type: ignore[arg-type]  # fields of an invoice


def paid(
    shop: Shop,
    invoice: Invoice | None,
    amount: int = 2_000,
    *,
    part: int = 1,
    given_back: int = 0,
    live: Subscription | None = None,
    lines: Sequence[Line] = (),
) -> Paid:
    payment = PaymentFact(
        id=UUID(int=(0x200 + part) << 8),
        provider="sandbox",
        ref="pi_1",
        amount=amount,
        currency="USD",
        disposition=CREDITED if invoice is None else APPLIED,
        invoice_id=None if invoice is None else invoice.id,
        part=part,
    )
    claim = None
    if invoice is not None:
        held = [] if live is None else [(live, PROOF)]
        on_grace = [(s, proof) for s, proof in held if s.grace_invoice == invoice.id]
        claim = Claim(
            account=shop.account, invoice=invoice, lines=lines, credited={}, live=held, on_grace=on_grace
        )
    return Paid(payment=payment, given_back=given_back, claim=claim)


def case(shop: Shop, *parts: Paid, credit: int = 0, known: Dispute | None = None) -> Contested:
    return Contested(account=shop.account, paid=parts, credit_grants=grants(credit), known=known)


def book(shop: Shop, contested: Contested, report: DisputeReport) -> tuple[Booking, ...]:
    return book_dispute(contested, report, Till(shop).desk)


def moved(bookings: Sequence[Booking]) -> dict[str, int]:
    sums = balances(p for b in bookings for p in b.postings)
    return {name: amount for name, amount in sums.items() if amount}


def lost(shop: Shop, contested: Contested, amount: int = 2_000) -> tuple[Booking, ...]:
    return book(shop, contested, told(shop, DisputeState.LOST, amount))


def reversed_after(shop: Shop, contested: Contested, bookings: Sequence[Booking]) -> Contested:
    """The same facts when those bookings have been written."""
    after = {b.settled.id: b.settled.after for b in bookings if b.settled is not None}
    parts = [
        p
        if p.claim is None
        else replace(p, claim=replace(p.claim, invoice=after.get(p.claim.invoice.id, p.claim.invoice)))
        for p in contested.paid
    ]
    credit = contested.credit + sum(b.credit for b in bookings)
    return replace(contested, paid=parts, credit_grants=grants(credit), known=bookings[0].dispute)


def test_what_is_no_news_writes_nothing(shop: Shop) -> None:
    contested = case(shop, paid(shop, settled(shop)))
    assert book(shop, contested, told(shop, DisputeState.UNKNOWN)) == ()
    bookings = book(shop, contested, told(shop, DisputeState.NEEDS_RESPONSE))
    again = reversed_after(shop, contested, bookings)
    assert book(shop, again, told(shop, DisputeState.NEEDS_RESPONSE)) == ()


@pytest.mark.parametrize(
    ("state", "expected", "events"),
    [
        ("warning", {}, ["dispute.opened"]),
        ("needs_response", {"disputes": 2_000, "cash:sandbox": -2_000}, ["dispute.opened"]),
        ("withdrawn", {}, ["dispute.opened", "dispute.won"]),
        ("accepted", {"receivable": 2_000, "cash:sandbox": -2_000}, ["dispute.opened", "dispute.lost"]),
    ],
)
def test_where_the_money_is(shop: Shop, state: str, expected: dict[str, int], events: list[str]) -> None:
    bookings = book(shop, case(shop, paid(shop, settled(shop))), told(shop, DisputeState(state)))
    assert moved(bookings) == expected
    assert [e.type for e in bookings[0].events] == events


def test_a_fee_is_a_booking_of_its_own_in_its_own_currency(shop: Shop) -> None:
    contested = case(shop, paid(shop, settled(shop)))
    first, fee = book(shop, contested, told(shop, DisputeState.WARNING, fee=1_500, fee_currency="EUR"))
    assert (fee.currency, moved([fee])) == ("EUR", {"dispute_fees": 1_500, "cash:sandbox": -1_500})
    back = told(shop, DisputeState.WON, fee=500, fee_currency="EUR")
    _, less = book(shop, reversed_after(shop, contested, [first]), back)
    assert moved([less]) == {"dispute_fees": -1_000, "cash:sandbox": 1_000}


def test_what_was_given_back_or_spent_is_written_off(shop: Shop) -> None:
    """20.00 came, 3.00 went back; the invoice kept 12.00, 5.00 became credit of which 1.00 is left: 7.00 is lost."""
    invoice = settled(shop, 1_200)
    dispute, opened = lost(shop, case(shop, paid(shop, invoice, given_back=300), credit=100))
    assert moved([dispute, opened]) == {
        "receivable": 1_200,
        "customer_credit": 100,
        "dispute_losses": 700,
        "cash:sandbox": -2_000,
    }
    assert (dispute.credit, [e.type for e in dispute.events][-1]) == (-100, "credit.taken")
    assert opened.settled is not None
    assert (opened.settled.after.debt, opened.settled.after.state) == (1_200, InvoiceState.OPEN)


def test_of_money_that_paid_several_debts_the_last_goes_first(shop: Shop) -> None:
    parts = [paid(shop, settled(shop, n * 1_000, n), n * 1_000, part=n) for n in (1, 2, 3)]
    contested = case(shop, *parts)
    dispute, *others = lost(shop, contested, 3_500)
    assert [b.settled.after.debt for b in others if b.settled is not None] == [500, 3_000]
    assert dispute.dispute is not None
    assert dispute.dispute.loss is not None
    assert [(p.payment_id, p.to_debt) for p in dispute.charged_back] == [
        (parts[1].payment.id, 500),
        (parts[2].payment.id, 3_000),
    ]
    assert dispute.dispute.loss.written_off == 0
    back = book(
        shop, reversed_after(shop, contested, [dispute, *others]), told(shop, DisputeState.WON, 3_500)
    )
    assert moved([dispute, *others, *back]) == {}
    assert [b.settled.after.state for b in back if b.settled is not None] == [InvoiceState.RESOLVED] * 2


def test_what_nobody_owes_any_more_comes_back_as_credit(shop: Shop) -> None:
    """Lost 20.00, of which 5.00 was on an invoice that was paid again since, 9.00 credit and 6.00 written off."""
    contested = case(shop, paid(shop, settled(shop, 500), given_back=600), credit=900)
    bookings = lost(shop, contested)
    since = reversed_after(shop, contested, bookings)
    claim = since.paid[0].claim
    assert claim is not None
    again = replace(claim, invoice=lower(claim.invoice, paid=500))
    (won,) = book(
        shop, replace(since, paid=[replace(since.paid[0], claim=again)]), told(shop, DisputeState.WON)
    )
    assert moved([won]) == {"cash:sandbox": 2_000, "customer_credit": -1_400, "dispute_losses": -600}
    assert (won.credit, [e.type for e in won.events]) == (1_400, ["dispute.won", "credit.granted"])


def test_money_on_no_invoice_comes_back_as_credit(shop: Shop) -> None:
    contested = case(shop, paid(shop, None), credit=2_000)
    (dispute,) = lost(shop, contested)
    assert moved([dispute]) == {"customer_credit": 2_000, "cash:sandbox": -2_000}
    (won,) = book(shop, reversed_after(shop, contested, [dispute]), told(shop, DisputeState.WON))
    assert won.credit == 2_000


def charge(period: Period | None, kind: LineKind = LineKind.CHARGE) -> Line:
    return Line(kind=kind, description="x", amount=2_000, explanation="x", period=period)


@pytest.mark.parametrize(
    ("which", "stands"),
    [
        ("present", True),
        ("past", False),
        ("none", False),
        ("usage", False),
        ("other debt", False),
        ("given up", False),
    ],
)
def test_service_stands_on_it_when_it_is_for_the_present_period(shop: Shop, which: str, stands: bool) -> None:
    shop.zone()
    live = shop.only
    period = live.period
    past = Period(start=period.start - timedelta(days=31), end=period.start)
    line = charge(
        {"past": past, "none": None}.get(which, period),
        LineKind.USAGE if which == "usage" else LineKind.CHARGE,
    )
    if which == "other debt":
        live = replace(live, grace_invoice=UUID(int=77 << 8), grace_until=shop.now)
    invoice = settled(shop, given_up=which == "given up")
    if which == "given up":
        invoice = replace(invoice, state=InvoiceState.RESOLVED)
    _, opened = lost(shop, case(shop, paid(shop, invoice, live=live, lines=[line])))
    assert (opened.subscription is not None) is stands
    if opened.subscription is not None:
        until = invoice.due_at + shop.policy.grace
        assert (opened.subscription.grace_until, opened.stands_on) == (until, PROOF)
        assert [g.ends_at for g in opened.grants] == [until]


def test_one_subscription_stands_on_one_debt(shop: Shop) -> None:
    shop.zone()
    live = shop.only
    parts = [
        paid(shop, settled(shop, 1_000, n), 1_000, part=n, live=live, lines=[charge(live.period)])
        for n in (1, 2)
    ]
    _, first, second = lost(shop, case(shop, *parts))
    assert [b.subscription is not None for b in (first, second)] == [True, False]


def test_all_subscriptions_that_were_renewed_together_stand_on_it(shop: Shop) -> None:
    for name in "ab":
        shop.zone("pro", f"zone:{name}.example")
    held = [(subscription, PROOF) for subscription in shop.subscriptions.values()]
    lines = [charge(held[0][0].period)]
    contested = case(shop, paid(shop, settled(shop), live=held[0][0], lines=lines))
    claim = contested.paid[0].claim
    assert claim is not None
    both = replace(contested.paid[0], claim=replace(claim, live=held))
    _, reopened = lost(shop, replace(contested, paid=[both]))
    standing = [b.subscription for b in (reopened, *reopened.others)]
    assert [s is not None and s.grace_invoice == claim.invoice.id for s in standing] == [True, True]


def test_paying_it_by_a_reversed_decision_lifts_the_grace(shop: Shop) -> None:
    shop.zone()
    live = shop.only
    contested = case(shop, paid(shop, settled(shop), live=live, lines=[charge(live.period)]))
    bookings = lost(shop, contested)
    graced = bookings[1].subscription
    assert graced is not None
    since = reversed_after(shop, contested, bookings)
    claim = since.paid[0].claim
    assert claim is not None
    held = replace(claim, live=[(graced, PROOF)], on_grace=[(graced, PROOF)])
    _, paid_again = book(
        shop, replace(since, paid=[replace(since.paid[0], claim=held)]), told(shop, DisputeState.WON)
    )
    assert paid_again.subscription is not None
    assert paid_again.subscription.grace_invoice is None
    assert [e.type for e in paid_again.events] == ["invoice.resolved", "grace.lifted"]


@pytest.mark.parametrize("amount", [0, -1, 2_001])
def test_what_was_not_paid_cannot_be_charged_back(shop: Shop, amount: int) -> None:
    with pytest.raises(InvoiceRuleBroken, match="cannot be charged back"):
        reopen(settled(shop), amount)


walks = st.lists(st.sampled_from(sorted(DisputeState)), min_size=1, max_size=6)


@settings(max_examples=examples(150), deadline=None)
@given(
    walk=walks,
    amounts=st.lists(st.integers(1, 3_000), min_size=1, max_size=3),
    given_back=st.integers(0, 3_000),
    credit=st.integers(0, 3_000),
    disputed=st.integers(1, 9_000),
)
def test_the_ledger_says_where_the_money_of_every_dispute_is(
    shops: type[Shop],
    walk: list[DisputeState],
    amounts: list[int],
    given_back: int,
    credit: int,
    disputed: int,
) -> None:
    """L4, L7: cash, the disputed, what is receivable, credit and losses are what the dispute and the invoices say."""
    shop = shops()
    parts = [
        paid(shop, settled(shop, n, at), n, part=at, given_back=min(given_back, n))
        for at, n in enumerate(amounts, start=1)
    ]
    contested = case(shop, *parts, credit=credit)
    written: list[Booking] = []
    for state in walk:
        bookings = book(shop, contested, told(shop, state, disputed))
        written += bookings
        contested = reversed_after(shop, contested, bookings) if bookings else contested
    known = contested.known
    if known is None:
        assert written == []
        return
    sums = balances(p for b in written for p in b.postings)
    taken = 0 if known.state in KEPT or known.state is DisputeState.WARNING else disputed
    assert sums.get("cash:sandbox", 0) == -taken
    assert sums.get(ledger.DISPUTES, 0) == known.held
    assert contested.credit == credit - sums.get(ledger.CUSTOMER_CREDIT, 0) >= 0
    debts = [p.claim.invoice.debt for p in contested.paid if p.claim is not None]
    assert sums.get(ledger.RECEIVABLE, 0) == sum(debts)
    if known.state in GONE:
        assert known.loss is not None
        assert known.loss.to_debt == sum(debts)
        assert known.loss.to_debt + known.loss.from_credit + known.loss.written_off == disputed
    assert set(TRANSITIONS[known.state]) <= set(DisputeState)
