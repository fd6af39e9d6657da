"""A small world to write into the store: a catalog, accounts, and attempts through their whole life.

Owns making valid values and bringing them in by the same calls as the flows. Owns no expectation.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from solvent.core.account import Account, Segment
from solvent.core.attempt import Attempt
from solvent.core.booking import (
    Booking,
    Desk,
    book_commit,
    book_failure,
    book_returned,
    book_stranded,
    issues_invoice,
)
from solvent.core.catalog import Price, Product, Scheme
from solvent.core.change import Change, Context, NewItem, Start, plan_change
from solvent.core.ids import bucket_of, compose
from solvent.core.payment import (
    AttemptState,
    FailureCause,
    Outcome,
    ProofKind,
    Report,
    StaleMoney,
    VaultedMethod,
)
from solvent.core.period import Interval, Unit
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.settlement import Commit
from solvent.core.tax import Buyer
from solvent.core.unused_time import PlannedNote
from solvent.store.database import Database, SettlementSession

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
POLICY = Policy()
BUCKET = 7
ZONE = "zone:example.com"
MONTH = Interval(unit=Unit.MONTH)

_counter = itertools.count(1)

PRODUCTS = [
    Product(id="pro", name="Pro", family="plan", features={"rules": 20, "waf": True}, object_kind="zone"),
    Product(id="seats", name="Seats", family="seats", features={"seats": True}),
]


def _price(name: str, product: str, amount: int, trial_days: int = 0) -> Price:
    return Price(
        id=f"{name}@1",
        product_id=product,
        version=1,
        currency="USD",
        interval=MONTH,
        scheme=Scheme.PER_UNIT,
        unit_amount=amount,
        trial_days=trial_days,
    )


PRICES = [_price("pro", "pro", 2000), _price("seats", "seats", 500), _price("pro-trial", "pro", 2000, 14)]


def draw(bucket: int = BUCKET) -> UUID:
    """A new id, the same in every run."""
    return compose(int(NOW.timestamp() * 1000), next(_counter), bucket)


class World:
    """One database with a catalog in it, and what a flow does to an attempt, step by step."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def account(
        self,
        bucket: int = BUCKET,
        test_now: datetime | None = None,
        terms_days: int = 0,
        buyer: Buyer | None = None,
    ) -> Account:
        """A new account."""
        buyer = buyer or Buyer(country="US")
        account = Account(
            id=draw(bucket),
            segment=Segment.STANDARD,
            currency="USD",
            country=buyer.country,
            region=buyer.region,
            tax_id=buyer.tax_id,
            tax_exempt=buyer.exempt,
            time_zone="UTC",
            email="ada@example.com",
            name="Ada",
            entity="solvent-us",
            terms_days=terms_days,
            test_now=test_now,
        )
        with self.database.begin() as tx:
            tx.accounts.add(account, NOW)
        return account

    def plan(self, account_id: UUID, change: Change, now: datetime = NOW) -> Plan:
        """The plan of a change as the account now is."""
        with self.database.begin() as tx:
            view = tx.accounts.view(account_id)
            assert view is not None
            charged = tx.accounts.charged(account_id, view.subscriptions)
        context = Context(
            account=view.account,
            subscriptions=view.subscriptions,
            credit_grants=view.credit_grants,
            overdue=False,
            catalog=self.database.catalog(),
            convention=Convention(),
            policy=POLICY,
            now=now,
            draw=lambda: draw(bucket_of(account_id)),
            charged=charged,
        )
        plan = plan_change(change, context)
        assert isinstance(plan, Plan), plan
        return plan

    def attempt(self, plan: Plan, *, key: str | None = None, change: Change | None = None) -> Attempt:
        """An attempt at a plan, not yet in the journal."""
        return Attempt(
            id=draw(bucket_of(plan.account_id)),
            account_id=plan.account_id,
            plan=plan,
            state=AttemptState.OPENING,
            off_session=False,
            created_at=plan.planned_at,
            expires_at=plan.expires_at,
            look_at=plan.planned_at + timedelta(minutes=1),
            key=key,
            input_hash=None if key is None else b"input",
            request=change,
            provider="sandbox-card",
        )

    def journal(self, *attempts: Attempt) -> frozenset[UUID]:
        """Put attempts into the journal; returns those that it took."""
        with self.database.begin() as tx:
            return tx.journal.add(attempts)

    def succeeded(self, attempt: Attempt, amount: int | None = None) -> Report:
        """The provider's word that the money came."""
        return Report(
            outcome=Outcome.SUCCEEDED,
            key=attempt.id,
            ref=f"pay_{attempt.id.hex}",
            amount=attempt.plan.due if amount is None else amount,
            currency=attempt.plan.currency,
            method=VaultedMethod(
                provider="sandbox-card",
                token=f"tok_{attempt.account_id.hex}",
                kind="card",
                label="Visa 4242",
                off_session=True,
            ),
        )

    def booking(self, tx: SettlementSession, attempt: Attempt, proof: ProofKind | None = None) -> Booking:
        """The commit of an attempt's plan on its own proof, or on another one."""
        bucket = bucket_of(attempt.id)
        locked = tx.books.lock(bucket, [attempt.id])
        live = locked.live[attempt.account_id]
        number = tx.books.number(bucket, live.account.entity) if issues_invoice(attempt.plan) else None
        cause = FailureCause.INSUFFICIENT_FUNDS if proof is ProofKind.GRACE else None
        commit = Commit(proof=proof or attempt.plan.proof, cause=cause)
        return book_commit(attempt, commit, self.succeeded(attempt), live, self.desk(attempt), number)

    def desk(self, attempt: Attempt) -> Desk:
        """What booking needs beside the facts."""
        return Desk(
            catalog=self.database.catalog(),
            policy=POLICY,
            now=attempt.plan.planned_at,
            draw=lambda: draw(bucket_of(attempt.id)),
        )

    def settle(self, attempt: Attempt, proof: ProofKind | None = None) -> Booking:
        """Commit an attempt that is in the journal."""
        bucket = bucket_of(attempt.id)
        with self.database.settlements.begin() as tx:
            booking = self.booking(tx, attempt, proof)
            bookings = [booking, *(self.returned(tx, attempt, note) for note in attempt.plan.credit_notes)]
            tx.books.write(bucket, [(each, attempt.plan.planned_at) for each in bookings])
        return booking

    def returned(self, tx: SettlementSession, attempt: Attempt, note: PlannedNote) -> Booking:
        """A credit note of the attempt's plan."""
        bucket = bucket_of(attempt.id)
        claim = tx.books.hold(bucket, note.invoice_id)
        assert claim is not None
        number = tx.books.number(bucket, claim.account.entity, "CN")
        return book_returned(claim, note, attempt, self.desk(attempt), number)

    def fail(self, attempt: Attempt, cause: FailureCause = FailureCause.DECLINED) -> None:
        """End an attempt without money."""
        self._write(attempt, book_failure(attempt, cause, None))

    def strand(self, attempt: Attempt, amount: int) -> None:
        """Money for an attempt that cannot be used becomes credit."""
        report = self.succeeded(attempt, amount)
        self._write(attempt, book_stranded(attempt, report, "late", self.desk(attempt)))

    def refund(self, attempt: Attempt, amount: int) -> None:
        """Money for an attempt that cannot be used is to be given back."""
        desk = replace(self.desk(attempt), policy=replace(POLICY, stale_money=StaleMoney.REFUND))
        self._write(attempt, book_stranded(attempt, self.succeeded(attempt, amount), "late", desk))

    def _write(self, attempt: Attempt, booking: Booking) -> None:
        with self.database.settlements.begin() as tx:
            bucket = bucket_of(attempt.id)
            tx.books.lock(bucket, [attempt.id])
            tx.books.write(bucket, [(booking, attempt.plan.planned_at)])

    def subscribed(
        self, items: Sequence[NewItem] = (NewItem(price_id="pro@1", object=ZONE),), **account: object
    ) -> tuple[Account, Attempt, Booking]:
        """An account with a paid subscription."""
        customer = self.account(**account)  # type: ignore[arg-type]
        attempt = self.attempt(self.plan(customer.id, Start(items=tuple(items))))
        assert self.journal(attempt) == {attempt.id}
        return customer, attempt, self.settle(attempt)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What a query says."""
        with self.database.pool.connection() as connection:
            return connection.execute(query, values).fetchall()
