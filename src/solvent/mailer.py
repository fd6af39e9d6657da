"""Mailer: messages on their way to a mail server.

Owns the round: lease some, make each, hand it over, record what became of it; no transaction is open meanwhile. Each is
handed over at least once: who dies after handing over and before recording hands over the same Message-ID again, when
the lease is over. Does not own what is told (`core.messages`), words (`messages`), nor the rows (`store.mailbox`). Each
is a span within the trace of what decided it.
"""

import logging
import time
from datetime import datetime, timedelta
from email.message import EmailMessage

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from solvent.core.messages import next_delivery
from solvent.letters import Letters
from solvent.messages.composing import NoAddress
from solvent.messages.server import MailServer
from solvent.messages.smtp import Conversation, Refused, ServerAway
from solvent.ports.telemetry import SILENCE, Span, Telemetry
from solvent.store.mailbox import Leased, Mailbox

BATCH_MAX = 20  # messages of one bucket in one lease
# Long enough that a whole batch is handed over, each within the time-outs of a conversation.
LEASE = timedelta(minutes=30)  # longer than a round and a slow batch together
ROUND_S = 300.0
AWAY_PAUSE = timedelta(minutes=1)  # of a message, when the server is of no use
NO_SERVER = "no mail server is configured: SOLVENT_SMTP_URL"

log = logging.getLogger(__name__)


class Mailer:
    """Hands the messages of every bucket to one mail server; without one they are kept, to be looked at."""

    def __init__(
        self, mailbox: Mailbox, letters: Letters, server: MailServer | None, telemetry: Telemetry = SILENCE
    ) -> None:
        self._telemetry = telemetry
        self._mailbox = mailbox
        self._letters = letters
        self._server = server

    def run_once(self, now: datetime) -> int:
        """A batch of each bucket that has some whose turn has come; returns how many were dealt with.

        Raises `ServerAway` when the server is of no use at the moment: what was leased then waits a little.
        """
        done, ends = 0, time.monotonic() + ROUND_S
        for bucket in self._mailbox.due(now):
            if time.monotonic() >= ends:  # the next round leases by a later clock
                break
            leased = self._mailbox.claim(bucket, now, now + LEASE, BATCH_MAX)
            done += len(leased)
            if self._server is None:
                for one in leased:
                    self._mailbox.put_aside(one, "kept", NO_SERVER)
            else:
                self._send(leased, self._server, now)
        return done

    def _send(self, leased: list[Leased], server: MailServer, now: datetime) -> None:
        with Conversation(server) as conversation:
            for at, one in enumerate(leased):
                try:
                    with self._telemetry.caused("mail.send", [one.trace] if one.trace else []) as span:
                        self._send_one(one, conversation, now, span)
                except ServerAway as away:
                    for waiting in leased[at:]:  # no fault of theirs, so the try does not count
                        self._mailbox.put_off(waiting, now + AWAY_PAUSE, waiting.tries - 1, str(away))
                    raise

    def _send_one(self, leased: Leased, conversation: Conversation, now: datetime, span: Span) -> None:
        span.add("solvent.message", leased.message.kind)
        made = self._made(leased, now)
        if made is None:
            span.add("error.type", "not_made")
            return
        if isinstance(made, str):
            self._mailbox.end(leased, "dropped", made, now)
            span.add("solvent.ended", "dropped")
            return
        try:
            conversation.send(made)
        except Refused as refused:
            self._failed(leased, str(refused), now, for_good=refused.for_good)
            span.add("error.type", "refused")
        else:
            self._mailbox.end(leased, "sent", None, now)
            span.add("solvent.ended", "sent")

    def _made(self, leased: Leased, now: datetime) -> EmailMessage | str | None:
        """The message, or why it need not be sent; None: it could not be made, which is recorded."""
        try:
            return self._letters.made(leased.message, now, burdened=leased.burdened)
        except NoAddress as nobody:
            self._failed(leased, str(nobody), now, for_good=True)
        except (OperationalError, PoolTimeout):
            raise
        except Exception as error:  # whatever is wrong with one message must not hold up the others
            log.exception(
                "the message %r about %s cannot be made",
                leased.message.rung,
                leased.message.about,
            )
            self._failed(leased, f"{type(error).__name__}: {error}", now, for_good=False)
        return None

    def _failed(self, leased: Leased, reason: str, now: datetime, *, for_good: bool) -> None:
        again = None if for_good else next_delivery(leased.tries, now)
        if again is None:
            log.warning(
                "the message %r about %s is parked: %s",
                leased.message.rung,
                leased.message.about,
                reason,
            )
            self._mailbox.put_aside(leased, "parked", reason)
        else:
            self._mailbox.put_off(leased, again, leased.tries, reason)
