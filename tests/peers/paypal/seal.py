"""The peer's seal: a certificate of its own making, under a root of its own making, and signatures by it.

Owns the keys. Whoever trusts the root takes the peer for PayPal; nobody else does.
"""

import binascii
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from solvent.providers.paypal.certificates import SIGNER

CERT_PATH = "/v1/notifications/certs/"
CERT_NAME = "CERT-360caa42-fca2a594"
LASTS = timedelta(days=400)


@cache
def new_key(number: int) -> rsa.RSAPrivateKey:
    """A key by number: making one costs more than a test."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(
    name: str, number: int, issuer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None, begins: datetime
) -> x509.Certificate:
    """A certificate of `name` over key `number`; without an issuer, a root."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = new_key(number)
    by, by_key = (subject, key) if issuer is None else (issuer[0].subject, issuer[1])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=1))
        .not_valid_after(begins + LASTS)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), critical=False
        )
    )
    if issuer is None:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return builder.sign(by_key, SHA256())


class Seal:
    """The peer's root, its signing certificate (`pem`), and its signatures."""

    def __init__(self, begins: datetime, name: str = SIGNER, first_key: int = 0) -> None:
        self.root = certificate("Root of a test", first_key, None, begins)
        leaf = certificate(name, first_key + 1, (self.root, new_key(first_key)), begins)
        self._key = new_key(first_key + 1)
        self.pem = leaf.public_bytes(Encoding.PEM)

    def sign(
        self, event: dict[str, Any], webhook: str, url: str, now: datetime
    ) -> tuple[dict[str, str], bytes]:
        """A notification as it is sent: headers and body."""
        body = json.dumps(event).encode()
        return self.sign_bytes(body, webhook, url, now), body

    def sign_bytes(self, body: bytes, webhook: str, url: str, now: datetime) -> dict[str, str]:
        """The headers over any bytes."""
        sent = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = {
            "content-type": "application/json",
            "paypal-transmission-id": str(uuid4()),
            "paypal-transmission-time": sent,
            "paypal-cert-url": f"{url}{CERT_PATH}{CERT_NAME}",
            "paypal-auth-algo": "SHA256withRSA",
        }
        signed = f"{headers['paypal-transmission-id']}|{sent}|{webhook}|{binascii.crc32(body)}"
        signature = self._key.sign(signed.encode(), PKCS1v15(), SHA256())
        return headers | {"paypal-transmission-sig": b64encode(signature).decode()}

    def confirms(self, raw: bytes, question: dict[str, Any], webhook: str) -> bool:
        """Whether a notification is the peer's, by the words in which PayPal is asked; the body is taken as it came."""
        event = raw.partition(b'"webhook_event":')[2][:-1]
        told = (
            question["transmission_id"],
            question["transmission_time"],
            webhook,
            str(binascii.crc32(event)),
        )
        try:
            signature = b64decode(question["transmission_sig"])
            self._key.public_key().verify(signature, "|".join(told).encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return bool(question["webhook_id"] == webhook)
