"""Accounts: reads of an account and of everything below it, and the claim of what is due.

Owns the reading side of accounts, subscriptions, methods, invoices and credit, and the account's own row. Does not
own any of their other writes (`books`).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.account import Account, CollectionMethod
from solvent.core.charged import Charged
from solvent.core.closing_events import AccountClosed, AccountReopened
from solvent.core.events import (
    AccountCreated,
    AccountProfileChanged,
    AccountTaxChanged,
    AccountTermsChanged,
    Event,
)
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.language import Language
from solvent.core.party import Profile
from solvent.core.subscription import Subscription
from solvent.core.tax import Buyer
from solvent.core.terms import Together
from solvent.ports.store import AccountView, DueSubscription
from solvent.store import aside, codec, events, shapes
from solvent.store.charged import charged_for
from solvent.store.rows import Statement

_ADD = """
insert into account (bucket, id, segment, currency, country, time_zone, email, name, entity, terms_days, test_now,
                     address, region, tax_id, tax_exempt, together, language, created_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""

_LOCK = f"select {shapes.ACCOUNT} from account a where a.bucket = %s and a.id = %s for no key update"

_SET_BUYER = """
update account set country = %s, region = %s, tax_id = %s, tax_exempt = %s, tax_past = %s::json
where bucket = %s and id = %s"""

_SET_TERMS = "update account set terms_days = %s, together = %s where bucket = %s and id = %s"

_SET_PROFILE = """
update account set name = %s, email = %s, address = %s, language = %s, profile_past = %s::json
where bucket = %s and id = %s"""

_SET_CLOSED = "update account set closed_at = %s where bucket = %s and id = %s"

_GOING_ON = """
select case
    when exists (select from attempt t where t.bucket = %(bucket)s and t.account_id = %(account)s
                   and t.state in ('opening', 'requires_action', 'processing', 'unknown')) then 'a payment'
    when exists (select from usage_period u where u.bucket = %(bucket)s and u.account_id = %(account)s
                   and u.look_at is not null) then 'usage that is to be billed'
    when exists (select from registration g where g.bucket = %(bucket)s and g.account_id = %(account)s
                   and g.look_at is not null) then 'a registration'
    when exists (select from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
                   where p.bucket = %(bucket)s and p.account_id = %(account)s and r.look_at is not null) then 'a refund'
    end"""

_SET_CLOCK = (
    "update account set test_now = %s where bucket = %s and id = %s and test_now is not null returning 1"
)

_MOMENT = "select test_now from account where bucket = %s and id = %s"

_VIEW = f"""
select {shapes.ACCOUNT}, {shapes.LIVE_SUBSCRIPTIONS}, {shapes.KEPT_METHODS}, {shapes.OWED_INVOICES},
       {shapes.CREDIT_GRANTS}, {shapes.OWED_LINES},
       (select h.measures::text from health h where h.bucket = a.bucket and h.account_id = a.id), {shapes.WAITING_ITEMS}
from account a where a.bucket = %s and a.id = %s"""

_INVOICE = (
    f"select json_build_object({shapes.INVOICE})::text from invoice v where v.bucket = %s and v.id = %s"
)

_METHOD = f"select {shapes.METHOD}::text from method m where m.bucket = %s and m.id = %s"

# A renewal's attempt is claimed under its subscription; while one is in flight, nothing more is due. Nor does a
# subscription end unpaid while the payment of the invoice that it stands on is under way. Rows that another
# caller holds are skipped. Who looked just before that caller's commit may still be given them: the journal, where the
# claim is unique, takes one attempt of the two.
_IDLE = """not exists (select from attempt t
    where t.bucket = s.bucket and t.account_id = s.account_id
      and (t.claim = 'sub:' || s.id or t.id = s.claimed_by or s.grace_invoice = any(t.settles))
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))"""

# The row is locked as it then is, what hangs on it was read as it was when the statement began. A subscription that
# changed in between would come with the items of its old version under its new one, and be charged for them: nothing
# in the journal would tell. It is left for the next round. (`o` is the row as the statement saw it at its beginning.)
_AS_READ = """(s.version, s.claimed_by) is not distinct from
    (select (o.version, o.claimed_by) from subscription o where o.bucket = s.bucket and o.id = s.id)"""

# When the usage of what ended with the period can be billed, if nobody is billing usage of the account just now, and
# nothing stands in the way of that.
_USAGE_AT = """(select max(u.look_at) from usage_period u
    where u.bucket = s.bucket and u.account_id = s.account_id and u.ends_at = s.booked_end and u.look_at is not null
      and not exists (select from attempt t where t.bucket = s.bucket and t.account_id = s.account_id and t.bills_usage
                        and t.state in ('opening', 'requires_action', 'processing', 'unknown'))
      and not exists (select from usage_mark k where k.bucket = s.bucket and k.account_id = s.account_id
                        and k.stuck_reason is not null))"""

_DUE = f"""
select {shapes.ACCOUNT}, {shapes.SUBSCRIPTION}::text, {shapes.KEPT_METHODS},
       {shapes.CREDIT_GRANTS}, {shapes.WAITING_ITEMS}, {_USAGE_AT}, s.id, {_AS_READ}
from subscription s join account a on a.bucket = s.bucket and a.id = s.account_id
where s.bucket = %(bucket)s and s.due_at <= %(now)s and (s.stuck_until is null or s.stuck_until <= %(now)s)
  and (s.waits_until is null or s.waits_until <= %(now)s) and {_IDLE} and {{whose}}
order by s.due_at, s.account_id, s.id limit %(limit)s
for no key update of s skip locked"""
_DUE_BY_THE_WALL = _DUE.format(whose="a.test_now is null")
_DUE_OF_ONE = _DUE.format(whose="a.id = %(account)s")

_WAIT = Statement(
    "id uuid, until timestamptz",
    "update subscription s set waits_until = v.until from {rows} where s.bucket = %(bucket)s and s.id = v.id",
)

_NEXT_MOMENT = f"""
select least(
    (select min(greatest(s.due_at, s.stuck_until, s.waits_until)) from subscription s
     where s.bucket = %(bucket)s and s.account_id = %(account)s and {_IDLE}),
    (select min(t.look_at) from attempt t where t.bucket = %(bucket)s and t.account_id = %(account)s
     and t.state in ('opening', 'requires_action', 'processing', 'unknown')),
    (select min(u.look_at) from usage_period u where u.bucket = %(bucket)s and u.account_id = %(account)s
     and not exists (select from attempt t where t.bucket = u.bucket and t.account_id = u.account_id
         and t.bills_usage
         and t.state in ('opening', 'requires_action', 'processing', 'unknown'))),
    (select min(g.look_at) from registration g where g.bucket = %(bucket)s and g.account_id = %(account)s),
    (select min(m.look_at) from method m where m.bucket = %(bucket)s and m.account_id = %(account)s),
    (select h.recheck_at from health h where h.bucket = %(bucket)s and h.account_id = %(account)s),
    (select min(r.look_at) from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
     where p.bucket = %(bucket)s and p.account_id = %(account)s))"""


class AccountRoom:
    """`ports.store.Accounts` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account, now: datetime) -> None:
        """Register an account, and say so."""
        bucket, moment = bucket_of(account.id), account.moment(now)
        columns = (
            account.segment,
            account.currency,
            account.country,
            account.time_zone,
            account.email,
            account.name,
            account.entity,
            account.terms_days,
            account.test_now,
            None if account.address is None else codec.encode(account.address).decode(),
            account.region,
            account.tax_id,
            account.tax_exempt,
            account.together,
            account.language,
        )
        self._connection.execute(_ADD, (bucket, account.id, *columns, moment))
        created = AccountCreated(segment=account.segment, currency=account.currency)
        events.append(self._connection, bucket, [(account.id, created, moment)])

    def lock(self, account_id: UUID) -> Account | None:
        """The account, held until the transaction ends."""
        row = self._connection.execute(_LOCK, (bucket_of(account_id), account_id), binary=True).fetchone()
        return None if row is None else shapes.account_of(row)

    def set_buyer(self, account: Account, buyer: Buyer, now: datetime) -> Account:
        """Make a locked account what it now is for tax, and say so; what it was still counts for earlier charges."""
        bucket, moment = bucket_of(account.id), account.moment(now)
        after = account.now_buying_as(buyer, moment)
        past = codec.encode(after.tax_past).decode()
        columns = (buyer.country, buyer.region, buyer.tax_id, buyer.exempt, past)
        self._connection.execute(_SET_BUYER, (*columns, bucket, account.id))
        changed = AccountTaxChanged(country=buyer.country, region=buyer.region, exempt=buyer.exempt)
        events.append(self._connection, bucket, [(account.id, changed, moment)])
        return after

    def set_terms(
        self, account: Account, days: int | None, together: Together | None, now: datetime
    ) -> Account:
        """Give a locked account terms of its own (None: those of its segment), and say so."""
        bucket = bucket_of(account.id)
        self._connection.execute(_SET_TERMS, (days, together, bucket, account.id))
        changed = AccountTermsChanged(terms_days=days, together=together)
        events.append(self._connection, bucket, [(account.id, changed, account.moment(now))])
        return replace(account, terms_days=days, together=together)

    def set_profile(self, account: Account, profile: Profile, language: Language, now: datetime) -> Account:
        """Name a locked account otherwise on documents, and write to it in a language, from now on; and say so. What
        was issued keeps its name."""
        bucket, moment = bucket_of(account.id), account.moment(now)
        after = replace(account.now_called(profile, moment), language=language)
        fields = tuple(
            x for x in ("name", "email", "address", "language") if getattr(after, x) != getattr(account, x)
        )
        if not fields:
            return account
        address = None if after.address is None else codec.encode(after.address).decode()
        past = codec.encode(after.profile_past).decode()
        columns = (after.name, after.email, address, after.language, past)
        self._connection.execute(_SET_PROFILE, (*columns, bucket, account.id))
        events.append(self._connection, bucket, [(account.id, AccountProfileChanged(fields=fields), moment)])
        return after

    def going_on(self, account_id: UUID) -> str | None:
        """What is under way of the account, in a word; what is begun meanwhile meets the lock or a closed account."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id}
        row = self._connection.execute(_GOING_ON, scalars, binary=True).fetchone()
        return None if row is None else row[0]

    def close(self, account: Account, by: str, reason: str, now: datetime) -> Account:
        """Close a locked account, and say so."""
        moment = account.moment(now)
        return self._closed(account, moment, AccountClosed(by=by, reason=reason), moment)

    def reopen(self, account: Account, by: str, reason: str, now: datetime) -> Account:
        """Open a locked account again, and say so."""
        return self._closed(account, None, AccountReopened(by=by, reason=reason), account.moment(now))

    def _closed(self, account: Account, at: datetime | None, event: Event, moment: datetime) -> Account:
        bucket = bucket_of(account.id)
        self._connection.execute(_SET_CLOSED, (at, bucket, account.id))
        events.append(self._connection, bucket, [(account.id, event, moment)])
        return replace(account, closed_at=at)

    def set_clock(self, account_id: UUID, now: datetime) -> None:
        """Set the clock of a test account; an account on wall time keeps it, and that is a LookupError."""
        moved = self._connection.execute(_SET_CLOCK, (now, bucket_of(account_id), account_id))
        if moved.fetchone() is None:
            raise LookupError(f"no account {account_id} with a test clock")

    def moment(self, account_id: UUID, wall: datetime) -> datetime:
        """The account's present: its test clock where it has one, else `wall`; raises LookupError if unknown."""
        row = self._connection.execute(_MOMENT, (bucket_of(account_id), account_id), binary=True).fetchone()
        if row is None:
            raise LookupError(f"no account {account_id}")
        present: datetime | None = row[0]
        return wall if present is None else present

    def view(self, account_id: UUID) -> AccountView | None:
        """The account with its live subscriptions, kept methods, open invoices and credit, in one statement."""
        row = self._connection.execute(_VIEW, (bucket_of(account_id), account_id), binary=True).fetchone()
        if row is None:
            return None
        return AccountView(
            account=shapes.account_of(row),
            subscriptions=shapes.subscriptions_of(row[-7]),
            methods=shapes.methods_of(row[-6]),
            open_invoices=shapes.invoices_of(row[-5]),
            credit_grants=shapes.credit_grants_of(row[-4]),
            owed_lines=shapes.owed_lines_of(row[-3]),
            measures=() if row[-2] is None else shapes.measures_of(row[-2]),
            waiting=shapes.waiting_items_of(row[-1]),
        )

    def charged(self, account_id: UUID, subscriptions: Collection[Subscription]) -> tuple[Charged, ...]:
        """The invoices that charged the present periods of an account's subscriptions, and those whose unused time was
        exchanged for them."""
        return charged_for(self._connection, account_id, subscriptions)

    def invoice(self, invoice_id: UUID) -> Invoice | None:
        """An invoice, open or paid."""
        row = self._connection.execute(_INVOICE, (bucket_of(invoice_id), invoice_id)).fetchone()
        return None if row is None else shapes.invoice_of(row[0])

    def method(self, method_id: UUID) -> CollectionMethod | None:
        """A collection method in any state."""
        row = self._connection.execute(_METHOD, (bucket_of(method_id), method_id)).fetchone()
        return None if row is None else shapes.method_of(row[0])

    def due(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> list[DueSubscription]:
        """Claim due subscriptions without an attempt in flight; of accounts on wall time, or of one account.

        One that cannot be read is put off.
        """
        query = _DUE_BY_THE_WALL if account is None else _DUE_OF_ONE
        scalars = {"bucket": bucket, "now": now, "limit": limit, "account": account}
        rows = self._connection.execute(query, scalars, binary=True).fetchall()
        whole = [row for row in rows if row[-1]]
        due, broken = aside.readable("subscription", whole, _due, lambda row: row[-2])
        self.put_off(bucket, broken, now)
        return due

    def put_off(self, bucket: int, reasons: Mapping[UUID, str], now: datetime) -> None:
        """Of due subscriptions, by id, why they cannot be renewed: they are due again after a growing pause."""
        aside.put_off_subscriptions(self._connection, bucket, reasons, now)

    def wait(self, bucket: int, until: Mapping[UUID, datetime]) -> None:
        """Of due subscriptions that were claimed, until when each waits for usage that is invoiced with it."""
        if until:
            _WAIT.run(self._connection, list(until.items()), bucket=bucket)

    def next_moment(self, account_id: UUID) -> datetime | None:
        """The earliest moment at which anything of the account falls due: a period's end, usage, a look, a recheck."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id}
        row = self._connection.execute(_NEXT_MOMENT, scalars, binary=True).fetchone()
        return None if row is None else row[0]


def _due(row: tuple[Any, ...]) -> DueSubscription:
    """The value behind a row of `_DUE`."""
    return DueSubscription(
        account=shapes.account_of(row),
        subscription=shapes.subscription_of(row[-7]),
        methods=shapes.methods_of(row[-6]),
        credit_grants=shapes.credit_grants_of(row[-5]),
        waiting=shapes.waiting_items_of(row[-4]),
        usage_at=row[-3],
    )
