"""Entitlement bodies: what reads of entitlements carry, and the answers that only they have."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, Limit, ObjectName
from solvent.web.handlers.entitlement_views import EntitlementsView
from solvent.web.params import EVENTS_PAGE, Query
from solvent.web.waiting import WAIT_S_MAX

ACCOUNTS_MAX = 500
OBJECTS_MAX = 100

FeatureName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)", examples=["waf"])]
_Object = Annotated[ObjectName | None, Meta(description="Only this object, and what the whole account has.")]
_Feature = Annotated[FeatureName | None, Meta(description="Only what says something about this feature.")]


class EntitlementsQuery(Query):
    """What is asked about. With `usage`, what was used of quotas is counted, and the answer is not to be kept."""

    object: _Object = None
    feature: _Feature = None
    usage: bool = False


class ChangesQuery(Query):
    """A page of changes. `after` is the `next` of the page before."""

    after: Annotated[str, Meta(max_length=4096)] | None = None
    account: AccountId | None = None
    limit: Limit = EVENTS_PAGE
    wait: Annotated[
        int,
        Meta(
            ge=0,
            le=WAIT_S_MAX,
            description="Answer as soon as there is a change, after so many seconds at most.",
        ),
    ] = 0


class ManyBody(Body):
    """Up to 500 accounts. `known` are tags of answers that are at hand: where one is still right, nothing is sent."""

    accounts: Annotated[tuple[AccountId, ...], Meta(min_length=1, max_length=ACCOUNTS_MAX)]
    known: dict[AccountId, Annotated[str, Meta(max_length=100)]] = field(default_factory=dict)
    object: _Object = None
    feature: _Feature = None


class TokenBody(Body):
    """Who the token is for, about which objects (none: all), and for how many seconds at most."""

    audience: Annotated[
        str,
        Meta(
            pattern=r"^[\x21-\x7e]{1,200}$(?!\n)",
            description="The product service that is to check it; no other one takes it.",
            examples=["edge-proxy"],
        ),
    ]
    objects: Annotated[
        tuple[ObjectName, ...],
        Meta(max_length=OBJECTS_MAX, description="Only these objects, and what the whole account has."),
    ] = ()
    ttl_s: Annotated[int, Meta(ge=1, le=3600, examples=[300])] | None = None


class TokenView(Struct, frozen=True, kw_only=True):
    """A signed token (JWS, EdDSA), to be checked by the keys at `/.well-known/jwks.json`."""

    token: str
    expires_at: datetime


class KeyView(Struct, frozen=True, kw_only=True):
    """A public key (RFC 8037)."""

    kid: str
    x: str
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"


class KeysView(Struct, frozen=True, kw_only=True):
    """A JSON Web Key Set (RFC 7517): the next key, the one that signs, and older ones whose tokens may be about."""

    keys: list[KeyView]


class TaggedView(EntitlementsView, frozen=True, kw_only=True):
    """One account's answer, with its tag and for how many seconds it may be used without asking again."""

    etag: str
    max_age: int


class ManyEntitlementsView(Struct, frozen=True, kw_only=True):
    """The answers, in the order of the accounts asked for; those whose tag is still right; and those that are none."""

    data: list[TaggedView]
    unchanged: list[AccountId]
    missing: list[AccountId]
