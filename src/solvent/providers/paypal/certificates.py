"""Certificates: whose signature it is.

Owns the fetching of a signing certificate from PayPal (from PayPal alone, and once), and the proof that it is PayPal's:
a chain to a root that is trusted, the right name, the right time. Does not own what is signed (`notifications`).
"""

import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock

import certifi
import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from solvent.ports.provider import NotificationRefused, ProviderDown
from solvent.providers.paypal.line import trust

SIGNER = "messageverificationcerts.paypal.com"
HOSTS = frozenset(
    {"api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}
)
PATH = "/v1/notifications/certs/"
NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
CERTIFICATES_KEPT = 32
FETCHES_MAX = 20  # in a minute: whoever forges names addresses as he likes
MINUTE = timedelta(minutes=1)
TIMEOUT_S = 5.0
BYTES_MAX = 65_536
BEGIN = "-----BEGIN CERTIFICATE-----"


@cache
def _public_roots() -> list[x509.Certificate]:
    """The roots of the public web; one that is not as it should be is left out rather than all of them."""
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        for text in Path(certifi.where()).read_text().split(BEGIN)[1:]:
            with suppress(ValueError, CryptographyDeprecationWarning):
                roots.append(x509.load_pem_x509_certificate((BEGIN + text).encode()))
    return roots


class Certificates:
    """Signing certificates by address. `roots` are trusted instead of those of the public web; `hosts` are where they
    may come from, each a name or ``name:port``, and `scheme` is https but for tests on one machine. Thread-safe.
    """

    def __init__(
        self, *, roots: Sequence[x509.Certificate] = (), hosts: frozenset[str] = HOSTS, scheme: str = "https"
    ) -> None:
        self._store = Store(list(roots) or _public_roots())
        self._hosts = hosts
        self._scheme = scheme
        self._lock = Lock()
        self._chains: dict[str, list[x509.Certificate]] = {}
        self._proved: dict[str, tuple[RSAPublicKey, datetime, datetime]] = {}
        self._fetches: list[tuple[datetime, str]] = []  # those of the last minute

    def signer(self, url: str, now: datetime) -> RSAPublicKey:
        """The key of the certificate at `url`; `NotificationRefused` if it is not PayPal's, `ProviderDown` if it
        cannot be fetched."""
        self._must_be_paypals(url)
        proved = self._proved.get(url)
        if proved is not None and proved[1] <= now < proved[2]:
            return proved[0]
        chain = self._chains.get(url) or self._fetched(url, now)
        leaf = self._prove(chain, now)
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey):
            raise NotificationRefused("the signing certificate has no RSA key")
        self._proved[url] = (key, leaf.not_valid_before_utc, leaf.not_valid_after_utc)
        return key

    def _must_be_paypals(self, url: str) -> None:
        """Anybody can sign with a certificate of his own: the address is looked at before anything is fetched."""
        places = (f"{self._scheme}://{host}{PATH}" for host in self._hosts)
        if not any(url.startswith(place) and NAME.fullmatch(url.removeprefix(place)) for place in places):
            raise NotificationRefused("the address of the signing certificate is not PayPal's")

    def _fetched(self, url: str, now: datetime) -> list[x509.Certificate]:
        """Nobody waits for somebody else's; one that was not got twice is left alone for a minute."""
        with self._lock:
            self._fetches = [(at, what) for at, what in self._fetches if now - MINUTE < at <= now]
            if len(self._fetches) >= FETCHES_MAX or sum(what == url for _, what in self._fetches) > 1:
                raise ProviderDown("signing certificates were asked for too often within a minute")
            self._fetches.append((now, url))
        chain = _fetch(url)
        with self._lock:
            if len(self._chains) >= CERTIFICATES_KEPT:
                self._chains.clear()
                self._proved.clear()
            return self._chains.setdefault(url, chain)

    def _prove(self, chain: Sequence[x509.Certificate], now: datetime) -> x509.Certificate:
        at = now.astimezone(UTC).replace(tzinfo=None)
        verifier = PolicyBuilder().store(self._store).time(at).build_server_verifier(x509.DNSName(SIGNER))
        try:
            return verifier.verify(chain[0], list(chain[1:]))[0]
        except VerificationError as fault:
            raise NotificationRefused(f"the signing certificate is not proved: {fault}") from None


def _fetch(url: str) -> list[x509.Certificate]:
    try:
        response = httpx.get(url, timeout=TIMEOUT_S, trust_env=False, verify=trust())
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotificationRefused("PayPal has no such signing certificate")
        response.raise_for_status()
    except httpx.HTTPError as fault:
        raise ProviderDown(f"the signing certificate was not got: {type(fault).__name__}") from None
    try:
        return x509.load_pem_x509_certificates(response.content[:BYTES_MAX])
    except ValueError:
        raise NotificationRefused("the signing certificate cannot be read") from None
