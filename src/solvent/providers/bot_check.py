"""Bot checks: none, the sandbox's, and Turnstile over its siteverify API.

Owns the call to Turnstile and what its error codes mean. Does not own what follows (`flows.guarding`). The secret is
sent to Turnstile alone, and is in no message.
"""

import logging
from uuid import UUID

import httpx

from solvent.ports.bot_check import BotCheckSilent

SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
TIMEOUT_S = 3.0
TOKEN_CHARS_MAX = 2048
SANDBOX_TOKEN = "sandbox-person"  # noqa: S105 -- what the sandbox's part of the page sends

# What says nothing about the visitor: our own mistake, or theirs.
_NOT_ABOUT_THE_TOKEN = frozenset(
    {"missing-input-secret", "invalid-input-secret", "bad-request", "internal-error"}
)

log = logging.getLogger(__name__)


class NoCheck:
    """Everybody passes."""

    kind = "none"
    site_key: str | None = None
    lets_silence_pass = True

    def passes(self, _token: str | None, _address: str | None, _key: UUID) -> bool:
        """True."""
        return True


class SandboxCheck:
    """Whoever ticks the box is a person."""

    kind = "sandbox"
    site_key: str | None = None
    lets_silence_pass = False

    def passes(self, token: str | None, _address: str | None, _key: UUID) -> bool:
        """Whether the box was ticked."""
        return token == SANDBOX_TOKEN


class Turnstile:
    """Turnstile; `url` is where tokens are verified."""

    kind = "turnstile"

    def __init__(self, site_key: str, secret: str, *, lets_silence_pass: bool, url: str = SITEVERIFY) -> None:
        self.site_key: str | None = site_key
        self.lets_silence_pass = lets_silence_pass
        self._secret = secret
        self._url = url
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def passes(self, token: str | None, address: str | None, key: UUID) -> bool:
        """Whether Turnstile gave the token to a person, who has not used it for anything else."""
        if not token or len(token) > TOKEN_CHARS_MAX:
            return False
        asked = {"secret": self._secret, "response": token, "idempotency_key": str(key)}
        try:
            answer = self._client.post(self._url, data=asked | ({"remoteip": address} if address else {}))
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise BotCheckSilent(f"no answer: {type(error).__name__}") from None
        if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
            raise BotCheckSilent(f"an answer of another form, status {answer.status_code}")
        codes = {str(code) for code in said.get("error-codes") or ()}
        if not said["success"] and codes & _NOT_ABOUT_THE_TOKEN:
            raise BotCheckSilent(f"not about the token: {', '.join(sorted(codes))}")
        return bool(said["success"])
