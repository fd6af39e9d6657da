"""How an account stands: standing, debt, what is collected now, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.account import CollectionMethod
from solvent.core.credit import OwedLine
from solvent.core.entitlement import entitlements
from solvent.core.health import Assessment, assess, overdue
from solvent.core.invoice import Invoice
from solvent.core.ladder import Ladder, Measure, Rung
from solvent.core.owed import UnderWay
from solvent.core.payment import FailureCause, Outcome, ProviderView
from solvent.core.policy import Policy
from solvent.core.snapshot import Snapshot, Standing, Tries
from tests.core.funds import grants
from tests.core.till import METHOD_ID, open_invoice
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

POLICY = Policy()
DAY = timedelta(days=1)
ISSUED_AT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND = UUID(int=0xA), UUID(int=0xB)
DECLINED = Tries(failures=1, last_cause=FailureCause.INSUFFICIENT_FUNDS, last_at=ISSUED_AT)
ASKED = replace(DECLINED, last_cause=FailureCause.AUTHENTICATION_REQUIRED)  # now only the customer can help
LOST = replace(DECLINED, last_cause=FailureCause.CARD_LOST)


@dataclass
class Case:
    """One account's stores, and the verdict about them at a moment `after` the first invoice was issued."""

    shop: Shop
    invoices: tuple[Invoice, ...] = ()
    tries: dict[UUID, Tries] = field(default_factory=dict)
    has_method: bool = True
    credit: int = 0

    def snapshot(self, **other: object) -> Snapshot:
        card = CollectionMethod(
            id=METHOD_ID,
            account_id=self.shop.account.id,
            provider="sandbox",
            token="tok_filed",
            kind="card",
            label="Visa",
            off_session=True,
            priority=0,
        )
        subscriptions = tuple(self.shop.subscriptions.values())
        snapshot = Snapshot(
            account=self.shop.account,
            subscriptions=subscriptions,
            methods=(card,) if self.has_method else (),
            open_invoices=self.invoices,
            tries=self.tries,
            grants=entitlements(subscriptions, self.shop.catalog, POLICY),
            credit_grants=grants(self.credit),
            owed_lines={
                i.id: (OwedLine(line=1, price_id=None, amount=i.total, drawn=0),) for i in self.invoices
            },
            standing=Standing.GOOD,
            recheck_at=None,
        )
        return replace(snapshot, **other)  # type: ignore[arg-type]

    def verdict(self, after: timedelta = timedelta(0), **other: object) -> Assessment:
        return assess(self.snapshot(**other), self.shop.catalog, POLICY, ISSUED_AT + after)


def owing(shop: Shop, debt: int = 2000, invoice_id: UUID = FIRST, **other: object) -> Invoice:
    return open_invoice(shop, debt, id=invoice_id, **other)


def test_nothing_owed_is_good_and_needs_no_look(shop: Shop) -> None:
    shop.zone()
    verdict = Case(shop).verdict()
    assert (verdict.standing, verdict.debt, verdict.oldest_due) == (Standing.GOOD, {}, None)
    assert (verdict.recheck_at, verdict.collect, verdict.evidence) == (None, (), ())
    assert not verdict.changed
    assert not verdict.drifted


def test_an_unpaid_invoice_is_grace_then_past_due(shop: Shop) -> None:
    case = Case(shop, (owing(shop),), {FIRST: ASKED})
    days = [case.verdict(n * DAY) for n in (0, 4, 5, 30)]
    assert [v.standing.value for v in days] == ["grace", "grace", "past_due", "past_due"]
    assert [v.recheck_at for v in days] == [ISSUED_AT + 5 * DAY] * 2 + [None] * 2
    assert [overdue(owing(shop), POLICY, ISSUED_AT + n * DAY) for n in (4, 5)] == [False, True]
    assert not overdue(owing(shop, paid=2000), POLICY, ISSUED_AT + 30 * DAY)


def test_an_invoice_on_terms_is_nothing_until_it_is_due(shop: Shop) -> None:
    due = ISSUED_AT + 30 * DAY
    case = Case(shop, (owing(shop, due_at=due),))
    before, on_time = case.verdict(), case.verdict(30 * DAY)
    assert (before.standing, before.collect, before.recheck_at) == (Standing.GOOD, (), due)
    assert (before.debt, before.oldest_due) == ({"USD": 2000}, due)
    assert (on_time.standing, on_time.collect) == (Standing.GRACE, (FIRST,))


def test_a_page_to_pay_shields_until_it_expires_and_is_looked_at_then(shop: Shop) -> None:
    page = UnderWay(opened_at=ISSUED_AT, expires_at=ISSUED_AT + 6 * DAY, waits=True)
    moves = replace(page, waits=False)
    ladders = Ladder(id="x", rungs=(Rung(id="r", after=5 * DAY, measures=frozenset({Measure.RESTRICT})),))
    policy = replace(POLICY, ladders=(ladders,))

    def begun(day: float, *paying: UnderWay) -> tuple[bool, object]:
        tries = replace(ASKED, in_flight=True, paying=paying)
        snapshot = Case(shop, (owing(shop),), {FIRST: tries}).snapshot()
        found = assess(snapshot, shop.catalog, policy, ISSUED_AT + day * DAY)
        return bool(found.decision.measures), found.recheck_at

    assert begun(5.5, page) == (False, ISSUED_AT + 6 * DAY)
    assert begun(6, page) == (True, None)
    assert begun(9, page, moves) == (False, None)
    assert begun(5.5, moves) == (False, None)
    assert begun(5.5) == (False, None), "one is in flight, whatever is known of it"
    assert begun(5.5, replace(page, opened_at=ISSUED_AT + 5.1 * DAY)) == (True, ISSUED_AT + 6 * DAY)


def test_what_a_purchase_keeps_away_is_looked_at_when_its_page_ends(shop: Shop) -> None:
    page = UnderWay(opened_at=ISSUED_AT, expires_at=ISSUED_AT + 6 * DAY, waits=True)
    ladders = Ladder(id="x", rungs=(Rung(id="r", after=5 * DAY, measures=frozenset({Measure.RESTRICT})),))
    policy = replace(POLICY, ladders=(ladders,), grace=30 * DAY)

    def seen(day: float, *under_way: UnderWay) -> tuple[bool, object]:
        snapshot = Case(shop, (owing(shop),), {FIRST: ASKED}).snapshot(under_way=under_way)
        found = assess(snapshot, shop.catalog, policy, ISSUED_AT + day * DAY)
        return bool(found.withheld), found.recheck_at

    later = ISSUED_AT + 30 * DAY
    assert seen(5.5, page) == (True, page.expires_at)
    assert seen(5.5, replace(page, waits=False)) == (True, later)
    assert seen(4, page) == (False, ISSUED_AT + 5 * DAY)
    assert seen(4, replace(page, expires_at=ISSUED_AT + 4.5 * DAY)) == (False, ISSUED_AT + 5 * DAY)
    assert seen(5.5) == (False, later)


def test_debt_is_summed_by_currency_and_counts_from_the_oldest(shop: Shop) -> None:
    invoices = (
        owing(shop, 2000, paid=500),
        owing(shop, 300, SECOND, due_at=ISSUED_AT + DAY),
        owing(shop, 900, UUID(int=0xC), currency="EUR", due_at=ISSUED_AT + 2 * DAY),
        owing(shop, 700, UUID(int=0xD), paid=700, due_at=ISSUED_AT - DAY),
    )
    verdict = Case(shop, invoices).verdict()
    assert (verdict.debt, verdict.oldest_due) == ({"USD": 1800, "EUR": 900}, ISSUED_AT)


@pytest.mark.parametrize(
    ("tries", "next_try"),
    [
        (Tries(), 0 * DAY),  # never tried
        (DECLINED, DAY),
        (replace(DECLINED, failures=5, last_at=ISSUED_AT + 4 * DAY), 5 * DAY),
        (replace(DECLINED, failures=6, last_at=ISSUED_AT + 5 * DAY), None),  # tried enough
        (ASKED, None),
        (replace(ASKED, newest_method=ISSUED_AT + 3 * DAY), 3 * DAY),  # a new card is tried at once
        (replace(ASKED, newest_method=ISSUED_AT - DAY), None),  # it is the card that failed
        (
            replace(ASKED, newest_method=ISSUED_AT),
            None,
        ),  # so is this: else a frozen clock would try it for ever
        (LOST, 0 * DAY),  # that card is out of use, and another one is left
        (replace(DECLINED, last_cause=FailureCause.PROVIDER_UNAVAILABLE), timedelta(minutes=10)),
        (replace(DECLINED, in_flight=True), None),
    ],
)
def test_when_an_invoice_is_tried_again(shop: Shop, tries: Tries, next_try: timedelta | None) -> None:
    case = Case(shop, (owing(shop),), {FIRST: tries})
    second = timedelta(seconds=1)
    if next_try is None:
        assert [case.verdict(n * DAY).collect for n in range(40)] == [()] * 40
        return
    assert case.verdict(next_try).collect == (FIRST,)
    before = case.verdict(next_try - second)
    assert (before.collect, before.recheck_at) == ((), ISSUED_AT + next_try)


def test_without_a_method_only_credit_collects(shop: Shop) -> None:
    case = Case(shop, (owing(shop),), {FIRST: LOST}, has_method=False)
    assert [case.verdict(n * DAY).collect for n in range(40)] == [()] * 40
    case.credit = 1999
    assert case.verdict().collect == ()
    case.credit = 2000
    assert case.verdict().collect == (FIRST,)


@pytest.mark.parametrize("tries", [ASKED, LOST, replace(DECLINED, failures=6), DECLINED])
def test_credit_pays_whatever_became_of_the_method(shop: Shop, tries: Tries) -> None:
    """Money that came as credit after the last try settles the debt at once."""
    assert Case(shop, (owing(shop),), {FIRST: tries}, credit=2000).verdict().collect == (FIRST,)


def test_the_same_credit_is_counted_on_once(shop: Shop) -> None:
    invoices = (owing(shop, 800), owing(shop, 700, SECOND))
    tries = {FIRST: ASKED, SECOND: ASKED}
    case = Case(shop, invoices, tries, credit=1000)
    assert case.verdict().collect == (FIRST,)
    assert replace(case, credit=1500).verdict().collect == (FIRST, SECOND)
    assert replace(case, credit=700).verdict().collect == (SECOND,)
    # A payment in flight was planned with the credit; a charge that is due would take its share as well.
    flying = {FIRST: replace(ASKED, in_flight=True), SECOND: ASKED}
    assert replace(case, tries=flying).verdict().collect == ()
    small = (owing(shop, 800), owing(shop, 400, SECOND))
    assert replace(case, invoices=small, tries=flying, credit=500).verdict().collect == ()
    assert replace(case, credit=700, tries={FIRST: Tries(), SECOND: ASKED}).verdict().collect == (FIRST,)


def test_the_evidence_says_why(shop: Shop) -> None:
    invoices = tuple(owing(shop, 2000, UUID(int=n)) for n in range(1, 4))
    tries = {
        UUID(int=1): DECLINED,
        UUID(int=2): ASKED,
        UUID(int=3): Tries(in_flight=True),
    }
    assert Case(shop, invoices, tries).verdict().evidence == (
        "SOL-7F-000007 owes 20.00 USD since 2026-01-01; 1 try failed, last insufficient_funds; "
        "next try 2026-01-02 00:00 UTC",
        "SOL-7F-000007 owes 20.00 USD since 2026-01-01; 1 try failed, last authentication_required; "
        "nothing more is tried off-session",
        "SOL-7F-000007 owes 20.00 USD since 2026-01-01; 0 tries failed; a payment is in flight",
    )


def test_the_evidence_says_what_providers_last_said_of_payments_in_flight(shop: Shop) -> None:
    invoices = tuple(owing(shop, 2000, UUID(int=n)) for n in (1, 2))
    silent = UnderWay(opened_at=ISSUED_AT, expires_at=ISSUED_AT + DAY)
    heard = [
        replace(silent, provider_view=ProviderView(outcome=outcome, at=ISSUED_AT))
        for outcome in (Outcome.REQUIRES_ACTION, Outcome.PROCESSING, Outcome.PROCESSING)
    ]
    tries = {
        UUID(int=1): Tries(in_flight=True, paying=(silent,)),
        UUID(int=2): Tries(in_flight=True, paying=(silent, *heard)),
    }
    evidence = Case(shop, invoices, tries).verdict().evidence
    assert [sentence.rpartition("; ")[2] for sentence in evidence] == [
        "a payment is in flight",
        "a payment is in flight, of which its provider last said: requires action, processing",
    ]


def test_entitlements_that_are_not_stored_as_they_follow_are_drift(shop: Shop) -> None:
    shop.zone()
    case = Case(shop)
    (grant,) = case.snapshot().grants
    for stored in ((), (replace(grant, quantity=2),), (grant, replace(grant, item_id=FIRST))):
        verdict = case.verdict(grants=stored)
        assert verdict.drifted
        assert verdict.grants == (grant,)
    assert not case.verdict(grants=(grant,)).drifted


@pytest.mark.parametrize(
    ("recorded", "changed"),
    [
        ({}, False),
        ({"debt": {"USD": 2000}}, False),
        ({"debt": {"USD": 3500}}, True),  # one of two debts was paid: all else is as it was
        ({"standing": Standing.GOOD}, True),
        ({"standing": None}, True),
        ({"recheck_at": ISSUED_AT + 9 * DAY}, True),
    ],
)
def test_a_verdict_is_recorded_when_it_differs(
    shop: Shop, recorded: dict[str, object], changed: bool
) -> None:
    case = Case(shop, (owing(shop),), {FIRST: ASKED})
    verdict = case.verdict(30 * DAY, **{"standing": Standing.PAST_DUE, "recheck_at": None} | recorded)
    assert verdict.changed is changed
    assert verdict.before == recorded.get("standing", Standing.PAST_DUE)


moments = st.integers(-10 * 24, 40 * 24).map(lambda hours: ISSUED_AT + timedelta(hours=hours))
tried = st.one_of(
    st.builds(Tries, in_flight=st.booleans(), newest_method=st.none() | moments),
    st.builds(
        Tries,
        failures=st.integers(1, 8),
        last_cause=st.sampled_from(FailureCause),
        last_at=moments,
        in_flight=st.booleans(),
        newest_method=st.none() | moments,
    ),
)


@pytest.mark.unmeasured
@settings(max_examples=examples(200), deadline=None)
@given(
    debts=st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["USD", "EUR"]), moments, tried), max_size=4
    ),
    has_method=st.booleans(),
    credit=st.integers(0, 5000),
    now=moments,
    later=st.lists(st.integers(1, 60 * 24), max_size=4),
)
def test_recheck_comes_when_the_verdict_would_differ_and_never_at_once(
    shops: type[Shop],
    debts: list[tuple[int, str, datetime, Tries]],
    has_method: bool,
    credit: int,
    now: datetime,
    later: list[int],
) -> None:
    """L6: assessing twice is assessing once; time alone changes nothing before `recheck_at`, which lies ahead."""
    shop = shops()
    shop.zone()
    invoices = tuple(
        owing(shop, debt, UUID(int=n), currency=currency, due_at=due)
        for n, (debt, currency, due, _) in enumerate(sorted(debts, key=lambda d: d[2]))
    )
    tries = {i.id: d[3] for i, d in zip(invoices, sorted(debts, key=lambda d: d[2]), strict=True)}
    case = Case(shop, invoices, tries, has_method, credit)
    verdict = case.verdict(now - ISSUED_AT)
    assert verdict == case.verdict(now - ISSUED_AT)
    recorded = case.verdict(
        now - ISSUED_AT, standing=verdict.standing, recheck_at=verdict.recheck_at, debt=verdict.debt
    )
    assert not recorded.changed
    assert verdict.recheck_at is None or verdict.recheck_at > now
    assert sum(verdict.debt.values()) == sum(i.debt for i in invoices)
    assert not any(tries[i].in_flight for i in verdict.collect)
    for hours in later:
        then = now + timedelta(hours=hours)
        if verdict.recheck_at is None or then < verdict.recheck_at:
            again = case.verdict(then - ISSUED_AT)
            assert (again.standing, again.collect) == (verdict.standing, verdict.collect)
            assert again.recheck_at == verdict.recheck_at
