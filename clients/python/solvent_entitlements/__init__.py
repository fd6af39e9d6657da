"""Solvent's entitlements, for product services: read over HTTP, or checked from a signed token.

Imports nothing of the server.
"""

from solvent_entitlements.granted import Claims, Entitlements, Feature, Grant, NotCovered
from solvent_entitlements.reader import Reader, Refused, Tokens, Unavailable, connect
from solvent_entitlements.verifier import TokenRefused, Verifier

__all__ = [
    "Claims",
    "Entitlements",
    "Feature",
    "Grant",
    "NotCovered",
    "Reader",
    "Refused",
    "TokenRefused",
    "Tokens",
    "Unavailable",
    "Verifier",
    "connect",
]
