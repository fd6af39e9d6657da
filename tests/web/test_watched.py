"""What must be observable, name by name, against what a running server shows at /v1/metrics."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from solvent.core.drift_kinds import DriftKind
from solvent.core.ids import parse
from solvent.kpi import DEFINED
from solvent.measuring import measure_now
from solvent.store.stuck import Kind
from solvent.wiring import build
from tests.web.house import DECLINED, PRO, House
from tests.web.inside import served

LINES = [{"description": "Setup", "amount": 3000}]

# What is to be seen, in words; and the samples that show it, by name and labels.
WATCHED: dict[str, list[str]] = {
    "subscription rollbacks a day": ['solvent_kpi{figure="rollbacks"}'],
    "bad debt a day that failed upgrades create": ['solvent_kpi{figure="upgrade_debts"}'],
    "accounts whose stores disagree": ['solvent_kpi{figure="disagreeing_accounts"}'],
    "coverage: invoices whose path one engine evaluates": ['solvent_kpi{figure="invoice_coverage"}'],
    "separate dunning code paths": ['solvent_kpi{figure="dunning_paths"}'],
    "accounts in drift": ['solvent_kpi{figure="accounts_in_drift"}'],
    "packages that talk to a provider": ['solvent_kpi{figure="provider_boundaries"}'],
    "packages that decide entitlements": ['solvent_kpi{figure="entitlement_functions"}'],
    "entry of bad debt, with why": [
        'solvent_bad_debt_moved{currency="USD",direction="in",reason="person"}',
        'solvent_bad_debt_amount{currency="USD",direction="in",reason="person"}',
    ],
    "exit of bad debt, with why": [
        'solvent_bad_debt_moved{currency="USD",direction="out",reason="paid"}',
        'solvent_bad_debt_amount{currency="USD",direction="out",reason="paid"}',
    ],
    "payment outcomes by provider, method and cause": [
        'solvent_attempts_ended_total{cause="none",method="card",path="purchase",provider="sandbox",'
        'session="on",state="committed"}',
        'solvent_attempts_ended_total{cause="declined",method="card",path="purchase",provider="sandbox",'
        'session="on",state="failed"}',
    ],
    "time in every state between a payment's begin and end": [
        f'solvent_attempts_{shown}{{state="{state}"}}'
        for state in ("opening", "requires_action", "processing", "unknown")
        for shown in ("open", "oldest_seconds")
    ],
    "time in every state between a refund's begin and end": [
        f'solvent_refunds_{shown}{{state="{state}"}}'
        for state in ("due", "processing")
        for shown in ("open", "oldest_seconds")
    ],
    "time in every state of a dispute": [
        f'solvent_disputes_{shown}{{state="{state}"}}'
        for state in ("warning", "needs_response", "under_review")
        for shown in ("open", "oldest_seconds")
    ],
    "time in every state of a name's registration": [
        f'solvent_registrations_{shown}{{state="{state}"}}'
        for state in ("due", "refused")
        for shown in ("open", "oldest_seconds")
    ],
    "time in every queue": [
        f'solvent_queue_{shown}{{queue="{queue}"}}'
        for queue in ("renew", "resolve", "process", "refund", "bill_usage", "recompute", "recheck")
        for shown in ("depth", "lag_seconds")
    ],
    "something is stuck": [f'solvent_stuck{{kind="{kind}"}}' for kind in Kind],
    "double payments": ['solvent_law_violations{law="L2"}'],
    "partial consequences": ['solvent_law_violations{law="L8"}'],
    "drift of each kind, by age": [
        f'solvent_drift_accounts{{age="{age}",kind="{kind}"}}'
        for kind in DriftKind
        for age in ("under_an_hour", "under_a_day", "under_a_week", "a_week_or_more")
    ],
    "the oldest drift of each kind": [f'solvent_drift_oldest_seconds{{kind="{kind}"}}' for kind in DriftKind],
}


@pytest.fixture(scope="module")
def shown(house: House) -> dict[str, float]:
    """Every sample of a server that has sold something, was declined, gave a debt up and saw it paid after all."""
    house.buy(house.account())  # there is no coverage of no invoice
    measure_now(house.solvent)
    parts = build(house.solvent.settings, house.database_url, watched=True)
    with served(parts) as url:
        there = replace(house, url=url)
        account = there.account()
        there.buy(account)
        another = {"type": "start", "items": [{"price_id": PRO, "object": "zone:b.example"}]}
        declined = there.open(account, another, method_kind="card")
        assert there.confirm(declined, DECLINED)["cause"] == "declined"
        invoice = there.post("/invoices", {"account_id": account, "lines": LINES, "terms_days": 30})[
            "invoice_id"
        ]
        there.post(f"/invoices/{invoice}/give-up", {"reason": "moved away", "by": "jo"}, 200)
        paid = {
            "amount": 3000,
            "method": "bank_transfer",
            "reference": f"B-{account}",
            "received_at": "2026-01-02T00:00:00Z",
        }
        there.post(f"/invoices/{invoice}/payments", paid)
        page = there.client.get("/metrics").text
    parts.close()
    return {
        name: float(value)
        for name, value in re.findall(r"^(solvent_\S+?(?:\{.*\})?) (\S+)$", page, re.MULTILINE)
    }


@pytest.mark.parametrize("what", WATCHED)
def test_what_must_be_observable_is_shown_by_a_running_server(shown: dict[str, float], what: str) -> None:
    assert [sample for sample in WATCHED[what] if sample not in shown] == []


def test_the_figures_are_all_of_the_comparison(shown: dict[str, float]) -> None:
    figures = {
        sample for samples in WATCHED.values() for sample in samples if sample.startswith("solvent_kpi{")
    }
    assert figures == {f'solvent_kpi{{figure="{each.name}"}}' for each in DEFINED}


def test_what_may_never_be_is_shown_as_none(shown: dict[str, float]) -> None:
    assert [
        shown[sample] for what in ("double payments", "partial consequences") for sample in WATCHED[what]
    ] == [0, 0]


def test_bad_debt_is_counted_as_the_ledger_has_it(house: House, shown: dict[str, float]) -> None:
    booked = """
        select side, count(*), sum(amount) from (
            select 'in' as side, amount from posting where debit = 'bad_debt'
            union all select 'out', amount from posting where credit = 'bad_debt') p group by side order by side"""
    told = (
        "select direction, sum(times), sum(amount) from bad_debt_tally group by direction order by direction"
    )
    with house.solvent.database.pool.connection() as connection:
        assert connection.execute(told).fetchall() == connection.execute(booked).fetchall()
    assert shown['solvent_bad_debt_moved{currency="USD",direction="in",reason="person"}'] >= 1


def test_a_name_that_is_paid_and_not_registered_is_stuck(house: House) -> None:
    account = house.account()
    bought = house.buy(account)
    with house.solvent.database.pool.connection() as connection:
        connection.execute(
            "insert into registration (bucket, id, account_id, attempt_id, subscription_id, item_id, name, state,"
            " look_at, created_at) select i.bucket, %s, i.account_id, t.id, i.subscription_id, i.id,"
            " 'late.example', 'due', now() + interval '1 day', now() - interval '2 hours' from item i"
            " join attempt t on t.bucket = i.bucket and t.account_id = i.account_id and t.id = %s",
            (house.solvent.platform.ids.draw(parse("acc", account).bytes[15]), parse("att", bought["id"])),
        )
    (one,) = [s for s in house.get("/stuck?limit=200")["data"] if s["account_id"] == account]
    assert (one["kind"], one["reason"]) == ("registration", "late.example")
    assert "registrar" in one["advice"]
    parts = build(house.solvent.settings, house.database_url, watched=True)
    with served(parts) as url:
        lines = replace(house, url=url).client.get("/metrics").text.splitlines()
    parts.close()
    assert 'solvent_stuck{kind="registration"} 1.0' in lines
    assert 'solvent_registrations_open{state="due"} 1.0' in lines
