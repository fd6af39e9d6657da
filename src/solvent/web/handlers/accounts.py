"""Accounts: registering and reading them, what they are entitled to, and their own time.

Owns the rules of account input: all broken ones are told together, and nothing is written. Does not own the state of
an account (`state`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from msgspec import UNSET

from solvent.core.account import Account
from solvent.core.health import restricted
from solvent.core.ids import spell
from solvent.core.language import TURNING
from solvent.core.money import CURRENCY_RULE, is_currency
from solvent.core.party import Profile, address_problems
from solvent.core.restriction import profile_refusals
from solvent.core.tax import Buyer
from solvent.core.terms import TERMS_DAYS_MAX
from solvent.flows import clock
from solvent.ports.store import Transaction
from solvent.web.bodies import AccountBody, AccountChangeBody, ClockBody
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers import tax_status
from solvent.web.handlers.shared import account_in_path, existing_account
from solvent.web.params import AccountsQuery
from solvent.web.present import account_view
from solvent.web.problems import FieldError, Problem, breaks, not_found, refused
from solvent.wiring import Solvent

_PROFILE = ("name", "email", "address")
NAME_MAX = 200
EMAIL_MAX = 254
CLOCK_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # periods are counted up to year 9999

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+\.[^@\s.\x00-\x1f\x7f]{2,}")
_CONTROL = re.compile(rf"[\x00-\x1f\x7f{TURNING}]")


def create(call: Call) -> Reply:
    """Register an account."""
    body: AccountBody = call.body
    entities = call.queries.entities()
    errors = [FieldError(field, rule) for field, rule in _broken_rules(body, entities)]
    if errors:
        raise breaks(*errors)
    entity = body.entity or entities[0]
    billed_in = call.queries.billed_in(entity)
    if billed_in and body.currency not in billed_in:
        raise refused("currency", f"must be one in which {entity} bills: {', '.join(billed_in)}")
    buyer = tax_status.kept(body.buyer)
    account = Account(
        id=call.solvent.platform.ids.account(call.bucket),
        segment=body.segment,
        currency=body.currency,
        country=buyer.country,
        time_zone=body.time_zone,
        email=body.email,
        name=body.name.strip(),
        entity=entity,
        terms_days=body.terms_days,
        together=body.together,
        language=body.language,
        test_now=None if body.test_clock is None else body.test_clock.astimezone(UTC),
        address=None if body.address is None else body.address.core(),
        region=buyer.region,
        tax_id=buyer.tax_id,
        tax_exempt=buyer.exempt,
    )
    location = f"/v1/accounts/{spell('acc', account.id)}"
    reply = Reply(account_view(account), 201, [("location", location)])
    with call.solvent.database.begin() as tx:
        tx.accounts.add(account, call.now)
        call.keep(tx, reply)
    return reply


def change(call: Call) -> Reply:
    """Change an account; fields that are left out stay as they are."""
    account_id = public_id("acc", call.path["account_id"], "account_id")
    return Reply(account_view(changed(call.solvent, account_id, call.body, call.now)))


Agree = Callable[[Account, Buyer], None]
"""What is asked before another tax status is kept: raises where the customer has not agreed to what follows."""


def changed(
    solvent: Solvent, account_id: UUID, body: AccountChangeBody, now: datetime, agree: Agree | None = None
) -> Account:
    """The account as a change leaves it: all of it, or a problem that names every field and nothing is written."""
    given = {
        name: value for name in ("country", "region", "tax_id") if (value := getattr(body, name)) is not UNSET
    }
    if body.tax_exempt is not UNSET:
        given["exempt"] = body.tax_exempt
    days = None if body.terms_days is UNSET else body.terms_days
    broken = [*_broken_terms(days), *_broken_profile(body)]
    with solvent.database.begin() as tx:
        account = tx.accounts.lock(account_id)
        if account is not None:
            broken += tax_status.broken_rules(replace(account.buyer, **given))
        if broken:
            raise breaks(*(FieldError(field, rule) for field, rule in broken))
        if account is None:
            raise not_found("account", spell("acc", account_id))
        buyer = tax_status.kept(replace(account.buyer, **given))
        profile = _profile(account, body)
        edited = [x for x in given if getattr(buyer, x) != getattr(account.buyer, x)]
        edited += [x for x in _PROFILE if getattr(profile, x) != getattr(account, x)]
        if edited:
            _demand_editable(solvent, tx, account, edited, now)
        if buyer != account.buyer:
            if agree is not None:
                agree(account, buyer)
            account = tx.accounts.set_buyer(account, buyer, now)
        own = account.terms_days if body.terms_days is UNSET else days
        together = account.together if body.together is UNSET else body.together
        if (own, together) != (account.terms_days, account.together):
            account = tx.accounts.set_terms(account, own, together, now)
        language = account.language if body.language is UNSET else body.language
        return tx.accounts.set_profile(account, profile, language, now)


def _profile(account: Account, body: AccountChangeBody) -> Profile:
    """Who the account is on documents as the body says."""
    address = account.address
    if body.address is not UNSET:
        address = None if body.address is None else body.address.core()
    return Profile(
        name=account.name if body.name is UNSET else body.name.strip(),
        email=account.email if body.email is UNSET else body.email,
        address=address,
    )


def _demand_editable(
    solvent: Solvent, tx: Transaction, account: Account, fields: Sequence[str], now: datetime
) -> None:
    """Refuse to change these fields of a profile, with the way out, while debt restricts the account."""
    view = tx.accounts.view(account.id)
    assert view is not None, f"account {account.id} is locked"
    moment = account.moment(now)
    policy = solvent.platform.policy_of(account, solvent.platform.store.catalog(), moment)
    held = restricted(view.open_invoices, view.measures, policy, moment)
    spelled = ["tax_exempt" if field == "exempt" else field for field in fields]
    broken = profile_refusals(spelled, policy, restricted=held)
    if broken:
        way_out = f"POST /v1/accounts/{spell('acc', account.id)}/pay-debt"
        errors = [FieldError(refusal.field, refusal.rule) for refusal in broken]
        raise Problem(
            "refused", f"debt restricts the account; {way_out} pays it, and lifts this at once", errors
        )


def page(call: Call) -> Reply:
    """A page of accounts."""
    query: AccountsQuery = call.query
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.accounts(after, query.limit + 1)
    return paged([account_view(account) for account in found], query.limit)


def read(call: Call) -> Reply:
    """One account."""
    return Reply(account_view(account_in_path(call)))


def advance(call: Call) -> Reply:
    """Move a test clock, as far as one call goes."""
    body: ClockBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    if account.test_now is None:
        raise refused("account_id", "must be an account with a test clock: create it with `test_clock`")
    if not account.test_now <= body.now <= CLOCK_LATEST:
        rule = f"must be from {account.test_now.isoformat()} (its present) to {CLOCK_LATEST:%Y-%m-%d}"
        raise refused("now", rule)
    try:
        clock.advance(call.solvent.platform, account.id, body.now.astimezone(UTC), call.now)
    except ValueError as error:  # somebody else has moved it further meanwhile
        raise refused("now", str(error)) from None
    except clock.TooFar:
        pass  # the answer says how far it got
    present = existing_account(call, account.id).test_now
    view = {"account_id": body.account_id, "now": present, "arrived": present == body.now}
    return Reply(view)


def paged(views: list[object], limit: int) -> Reply:
    """A page from one row more than was asked for: `next` is the cursor, null at the end."""
    data = views[:limit]
    following = getattr(data[-1], "id", None) if len(views) > limit else None
    return Reply({"data": data, "next": following})


def _broken_rules(body: AccountBody, entities: list[str]) -> Iterator[tuple[str, str]]:
    """Each field and the rule it breaks."""
    if not is_currency(body.currency):
        yield "currency", f"{CURRENCY_RULE}, got {body.currency[:10]!r}"
    yield from tax_status.broken_rules(body.buyer)
    yield from _broken_profile(body)
    if body.time_zone not in _zones():
        yield "time_zone", f"must be an IANA time zone, got {body.time_zone[:40]!r}"
    if body.entity is None and len(entities) != 1:
        yield "entity", "is required where there is not exactly one legal entity"
    if body.entity is not None and body.entity not in entities:
        yield "entity", f"must be a legal entity: {', '.join(entities) or 'there is none yet'}"
    yield from _broken_terms(body.terms_days)
    if body.test_clock is not None and not CLOCK_EARLIEST <= body.test_clock <= CLOCK_LATEST:
        yield "test_clock", f"must be from {CLOCK_EARLIEST:%Y-%m-%d} to {CLOCK_LATEST:%Y-%m-%d}"


def _broken_terms(days: int | None) -> Iterator[tuple[str, str]]:
    if days is not None and not 0 <= days <= TERMS_DAYS_MAX:
        yield "terms_days", f"must be from 0 to {TERMS_DAYS_MAX}, or null for the terms of the segment"


def _broken_profile(body: AccountBody | AccountChangeBody) -> Iterator[tuple[str, str]]:
    """The rules of who a customer is on documents, of the fields that are given."""
    email, name = body.email, body.name
    if email is not UNSET and (len(email) > EMAIL_MAX or not _EMAIL.fullmatch(email)):
        yield "email", f"must be an e-mail address of at most {EMAIL_MAX} characters"
    if name is not UNSET and (not 1 <= len(name.strip()) <= NAME_MAX or _CONTROL.search(name)):
        yield (
            "name",
            f"must be 1 to {NAME_MAX} characters without control characters or marks that turn its direction",
        )
    if body.address is not UNSET and body.address is not None:
        yield from ((f"address.{field}", rule) for field, rule in address_problems(body.address.core()))


@cache
def _zones() -> frozenset[str]:
    """Every zone that is known here."""
    return frozenset(available_timezones())
