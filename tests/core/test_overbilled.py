"""Overbilled usage goes back by credit notes of the invoices that billed it, to the cent and never twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from solvent.core.charged import Charged
from solvent.core.credit_line import CreditLine, credited_after, part_of, parts_of, with_price
from solvent.core.invoice import Invoice, InvoiceState, Line, LineKind
from solvent.core.overbilled import overbilled, plan_overbilled, rebilled
from solvent.core.payment import ProofKind
from solvent.core.phrase import Phrase
from solvent.core.plan import Plan
from solvent.core.pricing import amount
from solvent.core.proration import Convention
from solvent.core.tax import TaxShare, Treatment
from solvent.core.usage import CHARGED_MAX, Reading, UsagePeriod
from tests.core.checking import check_lines, come_to
from tests.core.test_usage import ACCOUNT, CATALOG, DUE, END, POLICY, START, period, planned
from tests.drawing import examples


@dataclass
class Papers:
    """The invoices that billed usage of one period, the latest last, and what credit notes took of them."""

    state: UsagePeriod
    charged: list[Charged] = field(default_factory=list)
    by_hand: int = 0

    def bill(self, quantity: int, at_days: int = 1, *, over: bool = False) -> Plan | None:
        """Bill a quantity as flows do: what goes back first, then the rest; the last plan that was committed."""
        now = DUE if over else START + timedelta(days=at_days)
        last = None
        for _ in range(2):
            reading = Reading(period=self.state, quantity=quantity)
            plan = self.back(reading, over=over, at_days=at_days) or planned([reading], now)
            if plan is None:
                break
            self.commit(plan, at_days)
            last = plan
        return last

    def back(self, reading: Reading, *, over: bool = True, at_days: int = 1) -> Plan | None:
        return plan_overbilled(
            ACCOUNT,
            [reading],
            self.charged,
            catalog=CATALOG,
            policy=POLICY,
            convention=Convention(),
            now=DUE if over else START + timedelta(days=at_days),
        )

    def commit(self, plan: Plan, at_days: int) -> None:
        (after,) = rebilled([Reading(period=self.state, quantity=0)], plan)
        self.state = after.period
        if plan.total:
            check_lines(plan.lines)
            self.charged.append(issued(plan, len(self.charged) + 1, at_days))
        told = {part.explanation for note in plan.credit_notes for part in note.parts}
        for note in plan.credit_notes:
            self.credit(note.invoice_id, note.parts)
        if plan.credit_notes:
            (said,) = told
            assert isinstance(said, Phrase)
            back = sum(part.net for note in plan.credit_notes for part in note.parts)
            assert -come_to(said) >= back == -sum(billed.charged for billed in plan.usage)

    def credit(self, invoice_id: UUID, parts: tuple[CreditLine, ...]) -> None:
        (n,) = (n for n, x in enumerate(self.charged) if x.invoice.id == invoice_id)
        one, taken = self.charged[n], sum(part.amount for part in parts)
        assert taken <= one.left
        credited = credited_after(one.credited, parts)
        assert all(credited[p] <= one.lines[p - 1].gross for p in credited)
        self.charged[n] = replace(
            one, invoice=replace(one.invoice, credited=one.invoice.credited + taken), credited=credited
        )

    def goodwill(self, n: int, wanted: int) -> None:
        """The merchant credits some of an invoice's first line, by hand."""
        if not self.charged:
            return
        one = self.charged[n % len(self.charged)]
        part = min(wanted, one.lines[0].gross - one.credited.get(1, 0))
        self.credit(one.invoice.id, parts_of(one.lines, one.credited, {1: part}))
        self.by_hand += part

    @property
    def net(self) -> int:
        """What stands on documents for it."""
        return sum(one.left for one in self.charged)


def issued(plan: Plan, n: int, at_days: int, paid: int | None = None) -> Charged:
    invoice = Invoice(
        id=UUID(int=0x1000 + n),
        account_id=ACCOUNT.id,
        subscription_id=None,
        number=f"SOL-{n}",
        state=InvoiceState.OPEN,
        currency="USD",
        total=plan.total,
        paid=plan.total if paid is None else paid,
        issued_at=START + timedelta(days=at_days, seconds=n),
        due_at=START,
        version=1,
    )
    return Charged(invoice=invoice, lines=plan.invoiced, credited={})


def test_a_correction_below_what_a_threshold_billed() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)  # 12.00, at a threshold of 10.00
    plan = papers.bill(30_000_000, over=True)
    assert plan is not None
    (note,) = plan.credit_notes
    assert (note.amount, note.to_debt, note.counted) == (300, 0, None)
    assert (plan.total, plan.due, plan.credit_granted, plan.proof) == (0, 0, 300, ProofKind.NOTHING_DUE)
    assert plan.invoiced == ()
    (part,) = note.parts
    assert (part.position, part.kind, part.amount, part.period) == (1, LineKind.USAGE, 300, None)
    assert str(part.explanation) == (
        "calls: 30000000 × 0.0000003 USD = 9.00 USD, used from 2027-01-31 through 2027-02-28, "
        "less 12.00 billed before = -3.00 USD"
    )
    assert (papers.state.billed_amount, papers.state.look_at, papers.net) == (900, None, 900)


def test_a_volume_price_that_falls() -> None:
    papers = Papers(period("volume"))
    papers.bill(5_000)  # at 0.50 cents each: 25.00
    assert papers.net == 2_500
    plan = papers.bill(5_001, over=True)  # at 0.20 cents each: 10.00
    assert plan is not None
    assert plan.credit_granted == 1_500
    assert papers.net == 1_000


def test_while_a_period_is_open_nothing_goes_back() -> None:
    papers = Papers(period("volume"))
    papers.bill(5_000)
    assert papers.bill(5_001, at_days=2) is None


def test_of_two_threshold_invoices_the_latest_first() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)
    papers.bill(80_000_000, at_days=2)
    plan = papers.bill(35_000_000, over=True)  # 24.00 were billed, 10.50 used
    assert plan is not None
    assert [(note.invoice_id.int - 0x1000, note.amount) for note in plan.credit_notes] == [
        (2, 1_200),
        (1, 150),
    ]
    assert [x.left for x in papers.charged] == [1_050, 0]
    assert [(c.invoice_id.int - 0x1000, c.credited) for c in plan.returned.counted] == [
        (2, ((1, 0),)),
        (1, ((1, 0),)),
    ]


def test_on_an_unpaid_invoice_less_is_owed() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)
    papers.charged = [replace(x, invoice=replace(x.invoice, paid=200)) for x in papers.charged]
    plan = papers.bill(0, over=True)
    assert plan is not None
    assert [(note.amount, note.to_debt) for note in plan.credit_notes] == [(1_200, 1_000)]
    assert plan.credit_granted == 200


def test_never_more_than_is_left_of_a_line_and_what_is_not_given_stays_billed() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)
    papers.goodwill(0, 1_000)
    plan = papers.bill(0, over=True)
    assert plan is not None
    # Nothing was used: of 12.00 10.00 had been given back, so that 2.00 are left, and 10.00 stay billed.
    assert (papers.net, papers.state.billed_amount, papers.state.look_at) == (0, 1_000, None)
    assert papers.bill(0, over=True) is None
    assert papers.bill(40_000_000, over=True) is not None
    assert papers.net == 200  # all of it was used after all: 12.00 less what the merchant gave


def test_of_nothing_left_the_period_is_closed_without_credit_notes() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)
    papers.goodwill(0, 1_200)
    plan = papers.bill(0, over=True)
    assert plan is not None
    assert (plan.credit_notes, plan.lines, papers.state.look_at) == ((), (), None)
    assert papers.bill(0, over=True) is None


def test_lines_of_others_are_left_alone() -> None:
    papers = Papers(period())
    papers.bill(40_000_000)
    reading = Reading(period=replace(papers.state, item_id=UUID(int=99)), quantity=0)
    assert papers.back(reading) is None
    (one,) = papers.charged
    fee = replace(one.lines[0], kind=LineKind.CHARGE)
    plain = replace(one.lines[0], period=None)
    papers.charged = [replace(one, lines=(fee, plain, *one.lines))]
    plan = papers.back(Reading(period=papers.state, quantity=0))
    assert plan is not None
    assert [part.position for note in plan.credit_notes for part in note.parts] == [3]


def test_two_periods_on_one_invoice_are_one_credit_note() -> None:
    first = Papers(period())
    first.bill(40_000_000)
    (one,) = first.charged
    late = replace(first.state, starts_at=END, ends_at=END + timedelta(days=30), item_id=UUID(int=99))
    assert one.lines[0].period is not None
    other = replace(
        one.lines[0], item_id=late.item_id, period=replace(one.lines[0].period, start=END, end=late.ends_at)
    )
    invoice = replace(one.invoice, total=2_400, paid=2_400)
    plan = plan_overbilled(
        ACCOUNT,
        [Reading(period=late, quantity=10_000_000), Reading(period=first.state, quantity=20_000_000)],
        [replace(one, invoice=invoice, lines=(other, *one.lines))],
        catalog=CATALOG,
        policy=POLICY,
        convention=Convention(),
        now=late.ends_at + timedelta(days=1),
    )
    assert plan is not None
    (note,) = plan.credit_notes
    assert [(part.position, part.amount) for part in note.parts] == [(1, 900), (2, 600)]
    assert len(plan.usage) == 2


def test_what_is_not_billed_now_does_not_go_back_now() -> None:
    late = Reading(period=period("cent", look_at=None, billed_amount=90, version=2), quantity=40)
    open_ = Reading(period=period("cent", item_id=UUID(int=9)), quantity=100)
    convention = Convention()
    assert overbilled([late, open_], CATALOG, convention, END) == ()
    assert overbilled([late, open_], CATALOG, convention, DUE) == (late,)
    assert overbilled([late], CATALOG, convention, END) == (late,)


def test_an_absurd_amount_does_not_go_back() -> None:
    reading = Reading(period=period("cent", billed_amount=CHARGED_MAX + 1, version=2), quantity=0)
    with pytest.raises(ValueError, match="minor units is not billed"):
        planned([reading], DUE)
    with pytest.raises(ValueError, match="minor units is not billed"):
        Papers(period()).back(reading)


steps = st.lists(
    st.tuples(st.integers(0, 9_000), st.sampled_from(["open", "over", "goodwill"]), st.integers(0, 3)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(name=st.sampled_from(["unit", "cent", "graduated", "volume", "package"]), steps=steps)
def test_invoices_less_credit_notes_are_the_price_of_what_was_used(
    name: str, steps: list[tuple[int, str, int]]
) -> None:
    """Whatever the quantity does, through thresholds, the period's end, late events, corrections, and what the merchant
    gives back by hand: that stays given, and takes no more back than a line has."""
    factor = 1_000 if name == "unit" else 1
    papers, last, over = Papers(period(name)), 0, False
    for day, (quantity, what, n) in enumerate(steps, start=1):
        if what == "goodwill":
            papers.goodwill(n, quantity)
            continue
        over, last = over or what == "over", quantity * factor
        papers.bill(last, at_days=day, over=over)
    papers.bill(last, over=True)
    price = amount(CATALOG.price(name), last)
    assert papers.state.look_at is None
    assert papers.net == papers.state.billed_amount - papers.by_hand
    if papers.state.billed_amount != price:  # nothing is left of any line of it
        assert papers.state.billed_amount > price
        assert papers.net == 0
        event("given back by hand before")
    if not papers.by_hand:
        assert papers.net == price
    assert papers.bill(last, over=True) is None


@settings(max_examples=examples(300), deadline=None)
@given(
    net=st.integers(1, 40_000),
    rates=st.lists(st.integers(0, 300_000), max_size=3),
    inclusive=st.booleans(),
    wanted=st.lists(st.integers(0, 40_000), min_size=1, max_size=6),
)
def test_a_part_of_a_line_gives_back_just_so_much_of_its_price(
    net: int, rates: list[int], inclusive: bool, wanted: list[int]
) -> None:
    """And all parts of it together its price and every tax."""
    amounts = [net * rate // 1_000_000 for rate in rates]
    shares = tuple(
        TaxShare(
            name="T",
            jurisdiction="DE",
            ppm=rate,
            treatment=Treatment.TAXED,
            base=net,
            amount=n,
            explanation="as entered",
        )
        for rate, n in zip(rates, amounts, strict=True)
    )
    line = Line(
        kind=LineKind.USAGE,
        description="x",
        explanation="x",
        amount=net + (sum(amounts) if inclusive else 0),
        inclusive=inclusive,
        tax=sum(amounts),
        taxes=shares,
    )
    before, parts = 0, []
    for price in [*wanted, line.amount]:
        left = part_of(1, line, before, line.gross - before)
        room = left.amount if inclusive else left.net
        if not (price := min(price, room)):
            continue
        part = with_price(1, line, before, price)
        assert (part.amount if inclusive else part.net) == price
        assert 0 < part.amount <= line.gross - before
        before += part.amount
        parts.append(part)
    assert before == line.gross
    assert sum(part.tax for part in parts) == line.tax
    assert [sum(p.taxes[n].amount for p in parts) for n in range(len(rates))] == amounts
