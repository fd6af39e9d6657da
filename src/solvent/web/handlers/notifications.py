"""Notifications: the door for what providers send. It verifies and stores, and answers; the worker looks at it."""

from solvent.flows.notify import verified
from solvent.ports.provider import NotificationRefused, ProviderDown, ProviderSilent
from solvent.web.endpoint import Call, Reply
from solvent.web.problems import Problem, not_found

BYTES_MAX = 256 * 1024  # what the most generous provider may send; each adapter has its own bound


def take(call: Call) -> Reply:
    """Store one notification, with those that come at the same moment."""
    provider = call.path["provider"]
    headers = {
        name[5:].lower().replace("_", "-"): value
        for name, value in call.environ.items()
        if name.startswith("HTTP_")
    }
    try:
        call.solvent.intake(verified(call.solvent.platform, provider, headers, call.raw, call.now))
    except NotificationRefused as refusal:
        raise Problem("notification_refused", str(refusal)) from None
    except (ProviderDown, ProviderSilent):  # who sent it sends it again
        raise Problem("unavailable", "whether it is genuine could not be told now") from None
    except LookupError:
        raise not_found("provider", provider[:64]) from None
    return Reply(None, 204)
