"""Subscriptions: reading what an account has and had. They change only through `changes`."""

from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.shared import existing_account
from solvent.web.params import SubscriptionsQuery
from solvent.web.present import subscription_view
from solvent.web.problems import not_found


def page(call: Call) -> Reply:
    """A page of an account's subscriptions."""
    query: SubscriptionsQuery = call.query
    account = existing_account(call, uuid_in(query.account))
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.subscriptions(account.id, after, query.limit + 1)
    return paged([subscription_view(s) for s in found], query.limit)


def read(call: Call) -> Reply:
    """One subscription."""
    spelled = call.path["subscription_id"]
    subscription = call.queries.subscription(public_id("sub", spelled, "subscription_id"))
    if subscription is None:
        raise not_found("subscription", spelled)
    return Reply(subscription_view(subscription))
