"""Server: where mail is handed over, as one setting says it.

Owns the reading of `smtp://` and `smtps://` addresses, and their rules. Does not own the connection (`smtp`).
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}

Tls = Literal["starttls", "implicit", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, how the way to it is kept secret, and who we are there."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(url: str) -> MailServer:
    """The server behind ``smtp://user:password@host:587``; raises ValueError with the rule, never with the address.

    `smtp` begins in the clear and must go on encrypted (STARTTLS); `?tls=none` leaves it in the clear, without a
    password unless the server is this machine. `smtps` is encrypted from the first byte.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must have a port from 1 to 65535") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("must be smtp://… or smtps://… with a host")
    wish = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.path not in ("", "/") or wish not in ({}, {"tls": "none"}) or (wish and parts.scheme == "smtps"):
        raise ValueError("must have nothing behind the host and port but, of smtp, ?tls=none")
    tls: Tls = "implicit" if parts.scheme == "smtps" else "none" if wish else "starttls"
    user, password = parts.username, parts.password
    if (user is None) != (password is None):
        raise ValueError("must have a user and a password, or neither")
    if user is not None and tls == "none" and not _is_here(parts.hostname):
        raise ValueError("must not have a password where the way is not encrypted")
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        tls=tls,
        user=None if user is None else unquote(user),
        password=None if password is None else unquote(password),
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
