"""Serve: the web server alone.

Owns the message about a port that is taken. Does not own the server (`web.server`).
"""

import socket

from solvent.commands.console import CommandError
from solvent.config import Settings
from solvent.web import server


def serve(settings: Settings, url: str) -> None:
    """Serve the API until SIGTERM or SIGINT."""
    try:
        server.serve(settings, url)
    except server.PortTaken:
        raise port_taken(settings) from None


def port_taken(settings: Settings) -> CommandError:
    """The one line about it."""
    return CommandError(
        f"port {settings.port} on {settings.host} is taken: stop what listens there, or choose another port with "
        f"SOLVENT_PORT, e.g. SOLVENT_PORT={settings.port + 10}"
    )


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((reachable(host), port)) == 0


def reachable(host: str) -> str:
    """An address at which this machine itself reaches a server that listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
