"""The bank's protocol: the shape of every request.

Owns the request types, by operation and by control; the HTTP server validates against them, in process they are
taken on trust. Does not own the answers' meaning (`render` makes them, `translation` reads them).

`now` is the time at which the bank acts; without it the bank uses its own clock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Key = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
Page = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Payment(TypedDict):
    """`open` and `charge`. `amount` in minor units; 0 exactly when `setup`. `authenticate`: the payer is asked whatever
    the method."""

    key: Key
    customer: Key
    amount: Minor
    currency: Currency
    setup: bool
    method: Text | None
    expires_at: datetime
    description: Annotated[str, msgspec.Meta(max_length=1000)]
    return_url: NotRequired[Annotated[str, msgspec.Meta(max_length=2048)] | None]
    authenticate: NotRequired[bool]
    now: NotRequired[datetime]


class Confirm(TypedDict):
    """`confirm`: `method` is a number, ``tok_<number>`` or a vaulted token; None keeps the one named before."""

    key: Key
    ref: Text | None
    method: Text | None
    now: NotRequired[datetime]


class Lookup(TypedDict):
    """`get`, `payments` and `cancel`: by the bank's `ref`, or by the merchant's `key` where it is None."""

    key: Key
    ref: Text | None
    now: NotRequired[datetime]


class RefundPayload(TypedDict):
    """`refund`: `key` is the refund's own idempotency key."""

    key: Key
    payment: Text
    amount: Minor
    currency: Currency
    now: NotRequired[datetime]


class ByRefund(TypedDict):
    """`refund_of`: by the bank's ref."""

    ref: Text
    now: NotRequired[datetime]


class Detach(TypedDict):
    """`detach`: forget a vaulted token; `method`: how it stands."""

    token: Text
    now: NotRequired[datetime]


class Since(TypedDict):
    """`changes`, `refunds` and `disputes`: one page, oldest first, behind the cursor `after` (time and ref of the
    last row)."""

    since: datetime
    after: tuple[datetime, str] | None
    limit: Page
    now: NotRequired[datetime]


class Between(TypedDict):
    """`movements`: one page of the statement, in its order, behind the place `after` of the last row."""

    since: datetime
    until: datetime
    after: Annotated[int, msgspec.Meta(ge=0)]
    limit: Page
    now: NotRequired[datetime]


class ByDispute(TypedDict):
    """`dispute` and `accept_dispute`."""

    ref: Text
    now: NotRequired[datetime]


class EvidencePayload(TypedDict):
    """`submit_evidence`: what the merchant says against a dispute."""

    ref: Text
    statement: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    now: NotRequired[datetime]


REQUESTS: Mapping[str, Any] = {
    "open": Payment,
    "charge": Payment,
    "confirm": Confirm,
    "get": Lookup,
    "payments": Lookup,
    "cancel": Lookup,
    "refund": RefundPayload,
    "refund_of": ByRefund,
    "refunds": Since,
    "detach": Detach,
    "method": Detach,
    "changes": Since,
    "disputes": Since,
    "movements": Between,
    "dispute": ByDispute,
    "submit_evidence": EvidencePayload,
    "accept_dispute": ByDispute,
}


class Challenged(TypedDict):
    """`complete_challenge`."""

    ref: Text
    passed: bool
    now: NotRequired[datetime]


class Approve(TypedDict):
    """`approve`: `number` funds the order."""

    ref: Text
    number: NotRequired[Text]
    now: NotRequired[datetime]


class ByRef(TypedDict):
    """`refuse`, `charge_twice`, `return_refund`, `return_debit`, `escalate_dispute`,
    `withdraw_dispute`."""

    ref: Text
    now: NotRequired[datetime]


class Revoke(TypedDict):
    """`revoke`."""

    token: Text
    now: NotRequired[datetime]


class SetBehaviour(TypedDict):
    """`set_behaviour`: the vaulted method behaves like `number` from now on."""

    token: Text
    number: Text
    now: NotRequired[datetime]


class RenewCard(TypedDict):
    """`renew_card`: the vaulted method works until the end of that month from now on."""

    token: Text
    expires: Annotated[str, msgspec.Meta(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    quietly: NotRequired[bool]
    now: NotRequired[datetime]


class Decide(TypedDict):
    """`decide`."""

    ref: Text
    succeeded: bool
    now: NotRequired[datetime]


class OpenDispute(TypedDict):
    """`open_dispute`: all of a charge, or `amount` of it."""

    ref: Text
    amount: NotRequired[Annotated[int, msgspec.Meta(ge=1, le=10**15)] | None]
    reason: NotRequired[Text]
    fee: NotRequired[Minor]
    inquiry: NotRequired[bool]
    now: NotRequired[datetime]


class CloseDispute(TypedDict):
    """`close_dispute`."""

    ref: Text
    won: bool
    now: NotRequired[datetime]


class SetTaking(TypedDict):
    """`set_taking`."""

    taking: bool
    now: NotRequired[datetime]


class SetTariff(TypedDict):
    """`set_tariff`."""

    ppm: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    fixed: Minor
    now: NotRequired[datetime]


CONTROL_REQUESTS: Mapping[str, Any] = {
    "complete_challenge": Challenged,
    "approve": Approve,
    "refuse": ByRef,
    "revoke": Revoke,
    "set_behaviour": SetBehaviour,
    "renew_card": RenewCard,
    "decide": Decide,
    "charge_twice": ByRef,
    "return_refund": ByRef,
    "return_debit": ByRef,
    "open_dispute": OpenDispute,
    "escalate_dispute": ByRef,
    "close_dispute": CloseDispute,
    "withdraw_dispute": ByRef,
    "set_tariff": SetTariff,
    "set_taking": SetTaking,
}
