"""Where bookings are made: the catalog, the policy and the moment that hold for one account."""

from datetime import datetime

from solvent.core.account import Account
from solvent.core.booking import (
    Desk,
)
from solvent.core.catalog import Catalog
from solvent.flows.platform import Platform

CREDIT_NOTES = "CN"  # the mark of their series


def desk_of(platform: Platform, catalog: Catalog, bucket: int, account: Account, moment: datetime) -> Desk:
    policy = platform.policy_of(account, catalog, moment)
    return Desk(
        catalog=catalog,
        policy=policy,
        now=moment,
        draw=lambda: platform.ids.draw(bucket),
        in_parts=platform.refunds_in_parts,
    )
