"""SMTP: one conversation with a mail server.

Owns connecting, encryption, signing in, handing messages over, and what a server's answer means: whether this message
was refused, for now or for good, or whether the server is of no use at the moment, for any message. Does not own what
is sent (`composing`) nor when it is tried again (`core.messages`).
"""

import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from solvent.messages.server import MailServer

TIMEOUT_S = 30.0
TEXT_MAX = 300  # characters of a server's words that are kept


class ServerAway(Exception):
    """No message can be handed over: the server is not reached, not trusted, or does not let us in. No message is at
    fault."""


class Refused(Exception):
    """The server did not take this message; `for_good`: nor will it later."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


class Conversation:
    """A connection for several messages. A server that breaks off is told as `ServerAway`: whether it took the message
    of that moment is unknown, and the same one must be sent again."""

    def __init__(self, server: MailServer, timeout_s: float = TIMEOUT_S) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; it is the server's when this returns."""
        try:
            self._smtp = self._smtp or self._connected()
        except UnicodeError:  # whose words would repeat a part of it
            raise ServerAway("host, user or password of the mail server cannot be written in ASCII") from None
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(_words(error)) from None
        try:
            self._smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise Refused(_said(code, text), for_good=code >= 500) from None
        except smtplib.SMTPDataError as error:
            raise Refused(_said(error.smtp_code, error.smtp_error), for_good=error.smtp_code >= 500) from None
        except smtplib.SMTPNotSupportedError as error:  # an address that only some servers can write
            raise Refused(_words(error), for_good=True) from None
        except (OSError, smtplib.SMTPException) as error:  # the sender was refused, or the line broke
            self._drop()
            raise ServerAway(_words(error)) from None

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.tls == "implicit":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout_s, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout_s)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=context)
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _words(error: Exception) -> str:
    """What went wrong, without what we said: an answer to signing in repeats no password, but its text is not ours."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server does not accept user and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:TEXT_MAX]


def _said(code: int, text: bytes | str) -> str:
    spoken = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(spoken.split())}"[:TEXT_MAX]
