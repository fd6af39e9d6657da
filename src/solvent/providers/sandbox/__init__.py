"""The sandbox: a bank simulator that Solvent talks to like to any other provider.

Owns a card provider ("sandbox"), a redirect provider ("sandpal"), the adapter over both, and their faults. Does not
own, import or know anything of Solvent's flows and store: the bank keeps its own state and its own words.
"""

from solvent.providers.sandbox.adapter import SandboxProvider
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.faults import FaultPlan, Faults
from solvent.providers.sandbox.records import CARD, REDIRECT
from solvent.providers.sandbox.translation import SANDBOX, SANDPAL
from solvent.providers.sandbox.transport import Http, InProcess, Transport

__all__ = [
    "CARD",
    "REDIRECT",
    "SANDBOX",
    "SANDPAL",
    "Bank",
    "FaultPlan",
    "Faults",
    "Http",
    "InProcess",
    "SandboxProvider",
    "Transport",
]
