"""Sealing: secrets that have to be read again, unreadable for whoever has the database alone.

Owns how they are encrypted (Fernet, under a key that HKDF-SHA256 derives from SOLVENT_SECRET). Without SOLVENT_SECRET
they are kept as they are. Does not own which secrets there are.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SEALED_MARK = "sealed:"


class SealBrokenError(Exception):
    """A secret cannot be read: SOLVENT_SECRET is missing, or is another one than it was sealed with."""


class Seal:
    """Seals for one purpose: what was sealed for another does not open."""

    def __init__(self, secret: str | None, purpose: str) -> None:
        self._box = None if secret is None else Fernet(_derived(secret, purpose))

    @property
    def seals(self) -> bool:
        """Whether what is kept is encrypted."""
        return self._box is not None

    def close(self, content: bytes) -> bytes:
        """As it is kept."""
        return content if self._box is None else self._box.encrypt(content)

    def open(self, kept: bytes, *, sealed: bool) -> bytes:
        """As it was; raises `SealBrokenError`."""
        if not sealed:
            return kept
        if self._box is None:
            raise SealBrokenError("it is sealed: SOLVENT_SECRET is missing")
        try:
            return self._box.decrypt(kept)
        except InvalidToken:
            raise SealBrokenError("it was sealed under another SOLVENT_SECRET") from None


class SealedAddresses:
    """`ports.world.Addresses`, sealed where there is a secret."""

    def __init__(self, secret: str | None) -> None:
        self._seal = Seal(secret, "return addresses")

    def close(self, address: str) -> str:
        """As it is kept: no address begins like a sealed one."""
        if not self._seal.seals:
            return address
        return SEALED_MARK + self._seal.close(address.encode()).decode()

    def open(self, kept: str) -> str | None:
        """As it was; None: SOLVENT_SECRET has changed since, which ends the way back and nothing else."""
        if not kept.startswith(SEALED_MARK):
            return kept
        try:
            return self._seal.open(kept.removeprefix(SEALED_MARK).encode(), sealed=True).decode()
        except SealBrokenError:
            return None


def _derived(secret: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"solvent {purpose}".encode())
    return urlsafe_b64encode(derivation.derive(secret.encode()))
