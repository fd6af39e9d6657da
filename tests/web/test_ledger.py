"""The ledger over HTTP: chart, trial balance, ageing and postings, and what each refuses."""

from __future__ import annotations

import pytest

from tests.web.house import GOOD, House, Json, problem

AT = "2026-02-15T00:00:00Z"
FAILS_LATER = "tok_4000000000000341"  # succeeds while the customer is there, is declined without


def _sums(house: House, at: str) -> dict[str, int]:
    """Balances of all entities in USD, with test clocks."""
    result: dict[str, int] = {}
    found = house.get(f"/ledger/trial-balance?at={at}&test_clocks=true")
    for row in found["data"]:
        if row["currency"] == "USD":
            result[row["account"]] = result.get(row["account"], 0) + row["balance"]
    return result


def _changed(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    changes = {name: amount - before.get(name, 0) for name, amount in after.items()}
    return {name: amount for name, amount in changes.items() if amount}


def _owing(house: House, amount: int = 9000) -> tuple[str, str]:
    """An account on a test clock in January 2026, and an invoice that it owes since then."""
    account = house.account(test_clock="2026-01-15T00:00:00Z")
    house.confirm(house.open(account, {"type": "add_method"}), FAILS_LATER)
    lines = [{"description": "Onboarding", "amount": amount}]
    issued = house.post("/invoices", {"account_id": account, "lines": lines}, 201)
    return account, issued["invoice_id"]


def test_the_chart(house: House) -> None:
    chart = {row["name"]: row for row in house.get("/ledger/accounts")["data"]}
    assert list(chart)[:2] == ["receivable", "cash"]
    assert (chart["cash"]["kind"], chart["cash"]["normal"], chart["cash"]["per_provider"]) == (
        "asset",
        "debit",
        True,
    )
    assert chart["revenue"]["kind"] == "income"


def test_half_a_month_is_half_earned(house: House) -> None:
    moments = ("2026-02-01T00:00:00Z", AT, "2026-03-01T00:00:00Z")
    before = [_sums(house, at) for at in moments]
    account = house.account(test_clock="2026-02-01T00:00:00Z")
    house.buy(account)
    assert [_changed(b, _sums(house, at)) for b, at in zip(before, moments, strict=True)] == [
        {},
        {"cash:sandbox": 2000, "deferred_revenue": -1000, "revenue": -1000},
        {"cash:sandbox": 2000, "revenue": -2000},
    ]


def test_a_trial_balance_shows_both_columns(house: House) -> None:
    house.buy(house.account(test_clock="2026-02-01T00:00:00Z"))
    found = house.get(f"/ledger/trial-balance?at={AT}&test_clocks=true&entity=solvent-us")
    assert (found["at"], found["final"]) == (AT, True)
    assert {row["entity"] for row in found["data"]} == {"solvent-us"}
    for columns in found["sums"]:
        assert columns["debit"] == columns["credit"] > 0
    deferred = next(row for row in found["data"] if row["account"] == "deferred_revenue")
    assert (deferred["kind"], deferred["normal"], deferred["debit"]) == ("liability", "credit", 0)
    assert deferred["balance"] == -deferred["credit"]
    assert deferred["balance_text"].endswith(" USD")


def test_without_a_moment_it_is_now_and_without_test_clocks(house: House, account: str) -> None:
    before = house.get("/ledger/trial-balance")
    assert (before["final"], house.get("/ledger/ageing")["final"]) == (False, False)
    _owing(house)
    assert house.get("/ledger/trial-balance")["data"] == before["data"]
    house.buy(account)
    assert house.get("/ledger/trial-balance")["data"] != before["data"]


def test_an_offset_is_understood(house: House) -> None:
    shifted = house.get("/ledger/trial-balance?at=2026-02-15T01:00:00%2B01:00&test_clocks=true")
    assert shifted == house.get(f"/ledger/trial-balance?at={AT}&test_clocks=true")


def test_a_debt_ages(house: House) -> None:
    account, _ = _owing(house)

    def aged(at: str) -> list[Json]:
        found = house.get(f"/ledger/ageing?at={at}&account={account}&test_clocks=true")
        rows: list[Json] = found["data"]
        assert [row["account_id"] for row in rows] in ([], [account])
        assert sum(row["total"] for row in rows) == sum(row["total"] for row in found["totals"])
        return rows

    assert aged("2026-01-15T00:00:00Z") == []
    (row,) = aged("2026-02-01T00:00:00Z")
    assert (row["days_1_30"], row["total"], row["total_text"]) == (9000, 9000, "90.00 USD")
    assert aged("2026-03-01T00:00:00Z")[0]["days_31_60"] == 9000
    assert aged("2026-04-01T00:00:00Z")[0]["days_61_90"] == 9000
    assert aged("2027-01-01T00:00:00Z")[0]["over_90"] == 9000


def test_ageing_is_paged(house: House) -> None:
    accounts = {_owing(house)[0] for _ in range(3)}
    path = "/ledger/ageing?at=2026-02-01T00:00:00Z&test_clocks=true&currency=USD&entity=solvent-us&limit=2"
    first = house.get(path)
    assert len(first["data"]) == 2
    seen, following = [*first["data"]], first["next"]
    while following is not None:
        page = house.get(f"{path}&after={following}")
        assert page["totals"] == first["totals"]
        seen, following = [*seen, *page["data"]], page["next"]
    assert accounts <= {row["account_id"] for row in seen}
    assert sum(row["total"] for row in seen) == first["totals"][0]["total"]


def test_postings_tell_a_purchase(house: House, account: str) -> None:
    done = house.buy(account)
    issue, payment = house.get(f"/ledger/postings?account={account}")["data"]
    assert [(p["debit"], p["credit"], p["amount"]) for p in (issue, payment)] == [
        ("receivable", "deferred_revenue", 2000),
        ("cash:sandbox", "receivable", 2000),
    ]
    assert issue["transaction"] == payment["transaction"]
    assert issue["invoice_id"] == done["invoice_id"]
    assert issue["amount_text"] == "20.00 USD"
    assert house.get(f"/ledger/postings?invoice={done['invoice_id']}")["data"] == [issue, payment]


def test_postings_are_paged_and_filtered(house: House, account: str) -> None:
    house.buy(account, thing="zone:a.example")
    house.buy(account, thing="zone:b.example")
    everything = house.get(f"/ledger/postings?account={account}")["data"]
    assert len(everything) == 4
    first = house.get(f"/ledger/postings?account={account}&limit=3")
    rest = house.get(f"/ledger/postings?account={account}&limit=3&after={first['next']}")
    assert first["data"] + rest["data"] == everything
    assert rest["next"] is None
    cash = house.get(f"/ledger/postings?account={account}&ledger_account=cash:sandbox&currency=USD")["data"]
    assert cash == [p for p in everything if p["debit"] == "cash:sandbox"]
    assert house.get(f"/ledger/postings?account={account}&to=2020-01-01T00:00:00Z")["data"] == []
    assert house.get(f"/ledger/postings?account={account}&from=2020-01-01T00:00:00Z")["data"] == everything
    assert house.get(f"/ledger/postings?account={account}&entity=solvent-eu")["data"] == []


def test_postings_of_everybody_come_once_each(house: House, account: str) -> None:
    house.buy(account)
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        page = house.get(f"/ledger/postings?limit=500&test_clocks=true{following and '&after=' + following}")
        seen, following = [*seen, *(p["id"] for p in page["data"])], page["next"]
    assert len(seen) == len(set(seen)) == house.rows()["posting"]


def test_reading_writes_nothing(house: House, account: str) -> None:
    house.buy(account)
    with house.nothing_written():
        for path in ("trial-balance", "ageing", "postings", "accounts"):
            house.get(f"/ledger/{path}")


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("trial-balance?at=soon", 400, "at"),
        ("trial-balance?at=2026-02-15", 400, "at"),
        ("trial-balance?at=0.5", 400, "at"),
        ("trial-balance?at=nan", 400, "at"),
        ("trial-balance?at=1969-12-31T23:59:59Z", 422, "at"),
        ("trial-balance?at=0001-01-01T00:00:00%2B14:00", 422, "at"),
        ("trial-balance?at=9999-12-31T23:59:59-14:00", 422, "at"),
        ("trial-balance?entity=nobody", 422, "entity"),
        ("trial-balance?test_clocks=perhaps", 400, "test_clocks"),
        ("trial-balance?limit=5", 400, "limit"),
        ("ageing?currency=EURO", 400, "currency"),
        ("ageing?currency=XYZ", 422, "currency"),
        ("ageing?account=acc_1", 400, "account"),
        ("ageing?limit=501", 400, "limit"),
        ("ageing?after=x", 400, "after"),
        ("postings?ledger_account=petty_cash", 422, "ledger_account"),
        ("postings?ledger_account=cash", 422, "ledger_account"),
        ("postings?from=2026-13-01T00:00:00Z", 400, "from"),
        ("postings?from=1969-01-01T00:00:00Z", 422, "from"),
        ("postings?to=2300-01-01T00:00:00Z", 422, "to"),
        ("postings?after=pst_1_1", 400, "after"),
        ("postings?from_=2026-01-01T00:00:00Z", 400, "from_"),
        ("accounts?x=1", 400, "query"),
    ],
)
def test_bad_input_names_the_field(house: House, path: str, status: int, field: str) -> None:
    assert problem(house.get(f"/ledger/{path}", status)) == (
        "invalid_request" if status == 400 else "refused",
        [field],
    )


def test_every_broken_rule_is_told(house: House) -> None:
    said = house.get("/ledger/postings?entity=nobody&currency=XYZ&ledger_account=x", 422)
    assert problem(said)[1] == ["entity", "currency", "ledger_account"]


@pytest.mark.parametrize("path", ["ageing?account=acc_", "postings?account=acc_", "postings?invoice=inv_"])
def test_things_that_do_not_exist(house: House, path: str) -> None:
    assert problem(house.get(f"/ledger/{path}{'0' * 32}", 404))[0] == "not_found"


def test_a_paid_debt_is_not_aged(house: House) -> None:
    account, invoice_id = _owing(house)
    house.confirm(house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice_id}), GOOD)
    assert house.get(f"/ledger/ageing?account={account}&test_clocks=true")["data"] == []
