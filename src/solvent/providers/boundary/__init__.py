"""The boundary: the one place through which every call to a provider goes.

Owns, for any adapter alike: bounded retries with jitter, the rate limit, the circuit breaker, the counting of what
could not be translated, and that no secret leaves in a message. Does not own time-outs of single requests (an adapter
passes `Limits` to its HTTP client), provider nouns (adapters), nor what is done about an unknown outcome (flows).
"""

from solvent.providers.boundary.boundary import Boundary
from solvent.providers.boundary.breaker import Breaker
from solvent.providers.boundary.limits import Limits
from solvent.providers.boundary.rate import Rate
from solvent.providers.boundary.requests import sending
from solvent.providers.boundary.tally import Tally

__all__ = ["Boundary", "Breaker", "Limits", "Rate", "Tally", "sending"]
