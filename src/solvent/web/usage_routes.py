"""Usage routes: telling what was used, and reading what it comes to.

Owns the public names of these endpoints. Does not own what happens behind them (`handlers.usage`).
"""

from solvent.web import examples, usage_bodies
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import usage

USAGE = (
    Endpoint(
        method="POST",
        path="/v1/usage",
        name="recordUsage",
        tag="usage",
        summary="Tell what was used",
        description="A batch of events, each counted once by (account, id): send it again whenever in doubt. When one "
        "of them breaks a rule, each that does is told by its place and nothing is stored.",
        run=usage.record,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=usage_bodies.UsageBody,
        body_bytes_max=usage_bodies.BYTES_MAX,
        example=examples.USAGE,
        answers={200: (usage_bodies.RecordedView, "Stored.")},
        problems=("refused",),
    ),
    Endpoint(
        method="GET",
        path="/v1/accounts/{account_id}/usage",
        name="getUsage",
        tag="usage",
        summary="Read what was used so far, and what it costs",
        description="Usage periods that are open, or that still take late usage: what they come to at this moment.",
        run=usage.read,
        answers={200: (usage_bodies.UsageView, "The periods, in the order of their start.")},
        problems=("not_found",),
    ),
)
