"""Identity: signing in at the merchant's identity provider, by OpenID Connect.

Owns the settings of it, the way there and back (authorization code with PKCE, state and nonce), and what is believed:
an address that the provider has verified, in a token that it signed for us just now. Its keys are kept for a while,
and read anew when a token does not fit them: it may have others since. The protocol is Authlib's. Does not own who may
come in (`store.operators`).
"""

import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from solvent.config import Settings
from solvent.store.operators import SignIn

SCOPE = "openid email"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
TIMEOUT_S = 10
KEPT_S = 3600.0  # of what the provider says about itself, and of its keys
LEEWAY_S = 60
PAUSE_S = 30.0  # after it could not be reached

log = logging.getLogger(__name__)


class SignInFailed(Exception):
    """Why the identity provider did not let somebody in, in words that may be shown."""


@dataclass(frozen=True, slots=True)
class _About:
    """What a provider says about itself."""

    issuer: str
    authorize: str
    token: str
    keys: str
    read_s: float


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys that a provider signs with."""

    found: KeySet
    read_s: float


class Identity:
    """One identity provider."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, back: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._back = back
        self._about: _About | None = None
        self._keys: _Keys | None = None
        self._lock = threading.Lock()
        self._ask_again_s = 0.0

    @classmethod
    def of(cls, settings: Settings, back: str) -> Self | None:
        """That of the settings; None: there is none."""
        if (
            settings.oidc_issuer is None
            or settings.oidc_client_id is None
            or settings.oidc_client_secret is None
        ):
            return None
        secret = settings.oidc_client_secret.get_secret_value()
        return cls(settings.oidc_issuer, settings.oidc_client_id, secret, back)

    def begin(self) -> tuple[SignIn, str]:
        """What is agreed with the browser, and where it goes. Raises `SignInFailed`."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        where, state = self._client().create_authorization_url(
            self._described().authorize, code_verifier=verifier, nonce=nonce
        )
        return SignIn(state=state, nonce=nonce, verifier=verifier), where

    def end(self, asked: SignIn, sent: Mapping[str, str], now: datetime) -> str:
        """The verified address of whoever came back. Raises `SignInFailed`."""
        if "code" not in sent:
            raise SignInFailed(sent.get("error_description", sent.get("error", "it sent no code"))[:200])
        about = self._described()
        try:
            token = self._client().fetch_token(
                about.token, code=sent["code"], code_verifier=asked.verifier, timeout=TIMEOUT_S
            )
            claims = self._claims(about, token.get("id_token"), asked, now)
        except (
            AuthlibBaseError,
            JoseError,
            ValueError,
            TypeError,
            KeyError,
            requests.RequestException,
        ) as error:
            raise SignInFailed(f"its answer was not good ({type(error).__name__})") from error
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise SignInFailed("it did not say that your e-mail address is verified")
        return email.lower()

    def _claims(self, about: _About, id_token: object, asked: SignIn, now: datetime) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise SignInFailed("it sent no identity")
        token = self._decoded(about, id_token)
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": about.issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": asked.nonce},
        ).validate(token.claims)
        return token.claims

    def _decoded(self, about: _About, id_token: str) -> jwt.Token:
        """The token, if one of the provider's keys has signed it; only it hands tokens to us, so each sign-in reads its
        keys at most once."""
        kept = self._keys
        if kept is not None and time.monotonic() - kept.read_s <= KEPT_S:
            try:
                return jwt.decode(id_token, kept.found, algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                log.info("a token fits none of the provider's kept keys: they are read anew")
        said = requests.get(about.keys, timeout=TIMEOUT_S)
        said.raise_for_status()
        self._keys = _Keys(KeySet.import_key_set(said.json()), time.monotonic())
        return jwt.decode(id_token, self._keys.found, algorithms=ALGORITHMS)

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )

    def _described(self) -> _About:
        """What the provider says about itself, read anew from time to time: by one thread, and not again at once after
        it could not be reached, for anybody may ask for it."""
        if self._about is not None and time.monotonic() - self._about.read_s <= KEPT_S:
            return self._about
        if time.monotonic() < self._ask_again_s or not self._lock.acquire(blocking=False):
            raise SignInFailed("it cannot be reached at the moment: try again in half a minute")
        try:
            self._about = self._read()
        except SignInFailed:
            self._ask_again_s = time.monotonic() + PAUSE_S
            raise
        finally:
            self._lock.release()
        return self._about

    def _read(self) -> _About:
        try:
            answer = requests.get(f"{self._issuer}/.well-known/openid-configuration", timeout=TIMEOUT_S)
            answer.raise_for_status()
            said = answer.json()
            about = _About(
                said["issuer"],
                said["authorization_endpoint"],
                said["token_endpoint"],
                said["jwks_uri"],
                time.monotonic(),
            )
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise SignInFailed(f"it cannot be reached ({type(error).__name__})") from error
        if about.issuer.rstrip("/") != self._issuer:
            raise SignInFailed("it calls itself by another name than SOLVENT_OIDC_ISSUER")
        return about
