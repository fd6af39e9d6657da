"""Upcoming: the account's next invoice, looked at ahead.

Owns the reads behind it. Does not own what it says (`core.upcoming`). Writes nothing.
"""

from datetime import datetime
from uuid import UUID

from solvent.core.ids import bucket_of
from solvent.core.upcoming import Outlook, Upcoming, upcoming
from solvent.core.usage import unbilled
from solvent.flows.platform import Platform, traced


@traced("upcoming_invoice")
def upcoming_invoice(platform: Platform, account_id: UUID, now: datetime) -> Upcoming | None:
    """What an existing account is invoiced for next, as it would be if nothing changed; None: nothing is to come."""
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        view = tx.accounts.view(account_id)
        assert view is not None, f"account {account_id} is there"
        periods = tx.usage.of_account(account_id, now)
        readings = tx.usage.read(bucket_of(account_id), periods, catalog)
        rounding = platform.convention.rounding
        less = [r.period for r in readings if unbilled(r, catalog, rounding) < 0]
        billed = tx.usage.billed_on(bucket_of(account_id), less) if less else {}
    moment = view.account.moment(now)
    return upcoming(
        Outlook(
            account=view.account,
            subscriptions=view.subscriptions,
            readings=readings,
            waiting=view.waiting,
            credit_grants=view.credit_grants,
            catalog=catalog,
            policy=platform.policy_of(view.account, catalog, moment),
            convention=platform.convention,
            now=moment,
            billed=billed.get(account_id, ()),
        )
    )
