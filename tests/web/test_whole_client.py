"""The client of the whole API: it is that of the document, and walks a customer's way over the running server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import httpx
import msgspec
import pytest

import generate_client
from solvent.web import problems, routes
from solvent.web.openapi import document
from solvent_client import NotFound, Refused, Solvent, models
from tests.patience import PATIENCE_S
from tests.web.house import BUSINESS, GOOD, PRO, House

README = generate_client.TARGET.parents[1] / "README.md"


@pytest.fixture
def solvent(house: House) -> Iterator[Solvent]:
    """With a client of its own: loading the certificates of the system would be most of a test."""
    http = httpx.Client(base_url=house.url, timeout=PATIENCE_S, verify=False)
    with Solvent(house.url, house.keys["admin"], http=http) as client:
        yield client


def test_it_is_made_from_the_document() -> None:
    for name, text in generate_client.generate(document(routes.API)).items():
        committed = (generate_client.TARGET / name).read_text(encoding="utf-8")
        assert committed == text, f"{name}: run clients/python/generate_client.py"


def test_every_operation_and_problem_is_there() -> None:
    for endpoint in routes.API:
        assert callable(getattr(Solvent, generate_client.snake(endpoint.name)))
    assert set(get_args(models.ProblemCode)) == set(problems.KINDS)


def test_every_example_of_the_document_is_a_body() -> None:
    for endpoint in routes.API:
        if endpoint.body is not None:
            kind = getattr(models, endpoint.body.__name__)
            read = msgspec.convert(endpoint.example, kind)
            assert msgspec.to_builtins(read) == endpoint.example, endpoint.name


def test_subscribe_pay_change_invoice_refund(solvent: Solvent) -> None:
    account = solvent.create_account(
        models.AccountBody(
            name="Example Ltd", email="billing@example.com", currency="USD", country="US", entity="solvent-us"
        )
    )
    start = models.Start(items=[models.NewItem(price_id=PRO, object="zone:example.com")])
    quoted = solvent.quote(models.QuoteBody(account_id=account.id, change=start))
    opened = solvent.open_change(models.ChangeBody(account_id=account.id, change=start))
    assert (opened.state, opened.amount_due) == ("requires_action", quoted.due)
    paid = solvent.confirm_change(opened.id, models.ConfirmBody(method=GOOD))
    assert paid.state == "committed"
    assert paid.subscription_id
    subscription = solvent.get_subscription(paid.subscription_id)
    (item,) = subscription.items
    more = models.SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=BUSINESS)
    changed = solvent.open_change(models.ChangeBody(account_id=account.id, change=more))
    done = solvent.confirm_change(changed.id, models.ConfirmBody(method=GOOD))
    assert done.state == "committed"
    invoices = list(solvent.list_invoices(account=account.id, limit=1))
    assert [invoice.state for invoice in invoices] == ["paid", "paid"]
    assert solvent.print_invoice(invoices[0].id).startswith(b"%PDF")
    (payment, _) = solvent.list_payments(account=account.id)
    back = models.RefundBody(
        payment_id=payment.id, reason="Agreed", issued_by="carol@example.com", amount=500
    )
    refund = solvent.issue_refund(back)
    assert refund.id is not None
    assert (refund.amount, solvent.get_refund(refund.id).payment_id) == (500, payment.id)
    feed = solvent.list_events(account=account.id, limit=2)
    told = [event.type for event in feed]
    assert {"subscription.started", "invoice.paid", "subscription.changed"} <= set(told)
    assert list(solvent.list_events(account=account.id, after=feed.cursor)) == []


def test_a_key_makes_a_repetition_harmless(solvent: Solvent, account: str) -> None:
    body = models.ChangeBody(
        account_id=account, change=models.Start(items=[models.NewItem(price_id=PRO, object="zone:k.example")])
    )
    first = solvent.open_change(body, idempotency_key=f"order-{account}")
    assert solvent.open_change(body, idempotency_key=f"order-{account}").id == first.id


def test_what_is_left_out_stays_and_none_empties(solvent: Solvent, account: str) -> None:
    solvent.change_account(account, models.AccountChangeBody(region="CA", terms_days=30))
    changed = solvent.change_account(account, models.AccountChangeBody(terms_days=None))
    assert (changed.region, changed.terms_days) == ("CA", None)


def test_problems_name_fields_and_things_that_are_not_there(solvent: Solvent) -> None:
    with pytest.raises(Refused) as refused:
        solvent.create_account(models.AccountBody(name="", email="x", currency="XXX", country="US"))
    assert refused.value.code == "refused"
    assert {"name", "email", "currency"} <= set(refused.value.fields)
    with pytest.raises(NotFound):
        solvent.get_account("acc_" + "0" * 32)


def test_every_example_of_the_readme_works(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_URL", house.url)
    monkeypatch.setenv("SOLVENT_KEY", house.keys["admin"])
    blocks = re.findall(
        r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) >= 4
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)
