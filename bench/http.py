"""HTTP: messages over one kept connection, with as little work as possible.

Owns the framing by ``content-length``, which is all that both ends here use. Does not own what messages mean.
"""

import asyncio

_LENGTH = b"content-length:"


class Exchange(asyncio.Protocol):
    """One connection; `received` gets each whole message: its first line and its body."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to send."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, message: bytes) -> None:
        """Send one whole message."""
        assert self._transport is not None
        self._transport.write(message)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def received(self, start: str, body: bytes) -> None:
        """One whole message has come."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        """Collect until a message is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            size = _length(head)
            whole = end + 4 + size
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self.received(head.partition(b"\r\n")[0].decode("latin-1"), body)


def _length(head: bytes) -> int:
    at = head.lower().find(_LENGTH)
    return 0 if at < 0 else int(head[at + len(_LENGTH) :].partition(b"\r\n")[0])
