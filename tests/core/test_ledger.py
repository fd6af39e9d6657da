"""Postings balance by construction."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from solvent.core.ledger import CUSTOMER_CREDIT, RECEIVABLE, REVENUE, Posting, balances, cash, move

INVOICE = UUID(int=7)
names = st.sampled_from([RECEIVABLE, REVENUE, CUSTOMER_CREDIT, cash("sandbox")])


def test_a_posting_moves_a_positive_amount_whichever_way() -> None:
    assert move(RECEIVABLE, REVENUE, 500, INVOICE) == (
        Posting(debit="receivable", credit="revenue", amount=500, invoice_id=INVOICE),
    )
    assert move(RECEIVABLE, REVENUE, -500) == (Posting(debit="revenue", credit="receivable", amount=500),)
    assert move(RECEIVABLE, REVENUE, 0, INVOICE) == ()


def test_each_provider_holds_its_own_cash() -> None:
    postings = move(cash("sandbox"), REVENUE, 300) + move(cash("sandpal"), REVENUE, 200)
    assert balances(postings) == {"cash:sandbox": 300, "cash:sandpal": 200, "revenue": -500}


@given(st.lists(st.tuples(names, names, st.integers(-(10**12), 10**12))))
def test_any_postings_sum_to_zero_and_one_by_one_to_the_same(moves: list[tuple[str, str, int]]) -> None:
    postings = [p for debit, credit, amount in moves for p in move(debit, credit, amount)]
    assert sum(balances(postings).values()) == 0
    assert all(p.amount > 0 for p in postings)
    expected: dict[str, int] = {}
    for debit, credit, amount in moves:
        expected[debit] = expected.get(debit, 0) + amount
        expected[credit] = expected.get(credit, 0) - amount
    found = balances(postings)
    assert {k: v for k, v in expected.items() if v} == {k: v for k, v in found.items() if v}
