"""Entitlement tokens: answers that a product service checks by itself, and the keys to check them by.

Owns the claims and the signature (JWS, EdDSA over Ed25519), and the published keys. Does not own what is granted, nor
for how long a token may say so (`core.entitlement_token`), nor the keys (`store.signing_keys`).
"""

import logging
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt

from solvent.core.entitlement_token import token_content
from solvent.core.signing import PUBLISHED_AGE_MAX
from solvent.store.signing_keys import KeyLockedError
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.entitlement_bodies import KeysView, KeyView, TokenBody, TokenView
from solvent.web.problems import Problem, not_found, refused

ALGORITHM = "EdDSA"
TYPE = "entitlements+jwt"  # so that no other token of ours, or of somebody else's, is taken for one
WHOLE_ACCOUNT = "account"

log = logging.getLogger(__name__)


def create(call: Call) -> Reply:
    """A token about what the account may use now."""
    body: TokenBody = call.body
    settings, keys = call.solvent.settings, call.queries.signing
    account_id = public_id("acc", call.path["account_id"], "account_id")
    longest_s = settings.entitlement_token_s
    if body.ttl_s is not None and body.ttl_s > longest_s:
        raise refused("ttl_s", f"must be at most {longest_s} here (SOLVENT_ENTITLEMENT_TOKEN_S)")
    entitled = call.queries.entitled.read([account_id], call.now).get(account_id)
    if entitled is None:
        raise not_found("account", call.path["account_id"])
    content = token_content(
        [p.grant for p in entitled.proven],
        {*body.objects, WHOLE_ACCOUNT} if body.objects else (),
        call.solvent.platform.store.catalog().features,
        entitled.mark.moment,
        timedelta(seconds=body.ttl_s or longest_s),
    )
    issued_s = int(call.now.timestamp())
    claims = {
        "iss": settings.token_issuer,
        "sub": call.path["account_id"],
        "aud": body.audience,
        "iat": issued_s,
        "nbf": issued_s,
        "exp": issued_s + content.life_s,
        "jti": uuid4().hex,
        "products": content.products,
        "features": content.features,
    }
    if body.objects:
        claims["objects"] = sorted(body.objects)
    try:
        kid, key = keys.signer(call.now)
    except KeyLockedError as error:
        log.error("no entitlement token can be signed: %s", error)  # noqa: TRY400 -- its sentence says it all
        raise Problem("unavailable", "the key that signs tokens cannot be opened") from None
    token = jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": TYPE})
    expires_at = datetime.fromtimestamp(issued_s + content.life_s, UTC)
    return Reply(TokenView(token=token, expires_at=expires_at), 200, [("cache-control", "no-store")])


def keys(call: Call) -> Reply:
    """The public keys, as a JSON Web Key Set."""
    found = call.queries.signing.public(call.now)
    age_s = int(PUBLISHED_AGE_MAX.total_seconds())
    view = KeysView(
        keys=[
            KeyView(kid=kid, x=urlsafe_b64encode(public).rstrip(b"=").decode())
            for kid, public in found.items()
        ]
    )
    return Reply(view, 200, [("cache-control", f"public, max-age={age_s}, stale-if-error=86400")])
