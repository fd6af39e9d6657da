"""The process, as OpenTelemetry names it: which service, and which of its processes.

Owns the name and an id of this process alone; what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say counts before
them. Does not own what is told of the process (`metrics`, `tracing`).
"""

from uuid import uuid4

from opentelemetry.sdk.resources import OTELResourceDetector, Resource

SERVICE = "solvent"


def resource() -> Resource:
    """Whose metrics and spans these are."""
    own = Resource.create({"service.name": SERVICE, "service.instance.id": str(uuid4())})
    return own.merge(OTELResourceDetector().detect())
