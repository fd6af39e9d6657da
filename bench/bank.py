"""Bank: the sandbox bank over HTTP, served by as little as possible.

Owns a small server for the bank's own protocol, so that the simulator takes little of the processors that are being
measured: a real provider has machines of its own. Every request goes to the same `Bank`; Solvent's side is unchanged.
"""

import asyncio
import sys

import msgspec

from bench.http import Exchange
from solvent.providers.sandbox import CARD, Bank
from solvent.providers.sandbox.protocol import REQUESTS
from solvent.providers.sandbox.server import wall_clock


class Counter(Exchange):
    """One connection of a merchant."""

    def __init__(self, bank: Bank) -> None:
        super().__init__()
        self._bank = bank

    def received(self, start: str, body: bytes) -> None:
        """Answer ``POST /sandbox/v1/{operation}``."""
        operation = start.split(" ")[1].rsplit("/", 1)[1]
        payload = msgspec.json.decode(body, type=REQUESTS[operation])
        answer = self._bank.call(operation, payload, payload.get("now") or wall_clock())
        content = msgspec.json.encode(answer)
        status = "404 Not Found" if "error" in answer else "200 OK"
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        self.send(head.encode() + content)


async def main() -> None:
    """Serve on a free loopback port, which is printed, until stdin ends."""
    bank = Bank(CARD)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Counter(bank), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
