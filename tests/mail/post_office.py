"""A post office: a real mail server on the loopback interface, which can refuse, break off and be away.

Owns what it keeps of the mail it took. Its answers are scripted by recipient; nothing of Solvent is replaced.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.patience import PATIENCE_S
from tests.ports import free_port


class PostOffice:
    """Takes mail. `answers` maps a recipient's address to the answer that it gets; others are taken."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.before_taking: Callable[[], None] = lambda: None
        self.signed_in: list[tuple[bytes, bytes]] = []

    async def handle_RCPT(  # noqa: N802 -- the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        answer = self.answers.get("DATA")
        if answer is not None:
            return answer
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.before_taking()
        self.taken.append(mail)
        return "250 taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.signed_in.append((given.login, given.password))
        return AuthResult(success=given.password == b"right", handled=False)

    def subjects(self) -> list[str]:
        """Of all mail that was taken, in its order."""
        return [str(mail["Subject"]) for mail in self.taken]


@contextmanager
def serving(
    office: PostOffice, *, port: int = 0, tls: ssl.SSLContext | None = None, signed: bool = False
) -> Iterator[str]:
    """The address of a server that hands its mail to `office`, for as long as the block."""
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=port or free_port(),
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=office.authenticate if signed else None,
        auth_required=signed,
        auth_require_tls=False,
        ready_timeout=PATIENCE_S,
    )
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}?tls=none"
    finally:
        controller.stop()
