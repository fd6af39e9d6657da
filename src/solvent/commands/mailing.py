"""Mailing: the mailer of a process, and the commands about messages.

Owns how it is put together from settings, its pauses, and what people see of messages. Does not own a round of it
(`mailer`), nor words (`messages`).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import Event
from uuid import UUID

from solvent.commands.console import USAGE, CommandError
from solvent.commands.patience import hand_over
from solvent.commands.saying import as_json
from solvent.config import Settings
from solvent.core.ids import BUCKETS, bucket_of, parse, spell
from solvent.core.messages import Message
from solvent.letters import Letters
from solvent.mailer import Mailer
from solvent.messages.composing import NoAddress, Sender, text_of
from solvent.messages.server import mail_server
from solvent.messages.smtp import ServerAway
from solvent.pay_links import PayLinks
from solvent.portal_links import PortalLinks
from solvent.store.mailbox import Listed, Mailbox
from solvent.wiring import Solvent

PAUSE_S = 0.5
UNSENT_FROM = "billing@localhost"  # of messages that are only looked at
STATES = ("waiting", "sent", "dropped", "kept", "parked")

log = logging.getLogger(__name__)


def mailer_of(solvent: Solvent) -> Mailer:
    """The mailer of a process."""
    url = solvent.settings.smtp_url
    server = None if url is None else mail_server(url.get_secret_value())
    mailbox = Mailbox(solvent.database.pool)
    return Mailer(mailbox, letters_of(solvent), server, solvent.platform.telemetry)


def letters_of(solvent: Solvent) -> Letters:
    """What makes its messages."""
    settings = solvent.settings
    sender = Sender(address=settings.mail_from or UNSENT_FROM, finance=settings.mail_finance)
    links = PayLinks(settings, solvent.database)
    portal, ids = PortalLinks(settings, solvent.database), solvent.platform.ids
    return Letters(
        solvent.database,
        solvent.typesetter,
        sender,
        links.of_owed,
        lambda account, now: portal.to_methods(account, ids, now),
    )


def where_mail_goes(settings: Settings) -> str:
    """One line about it, without any secret."""
    if settings.smtp_url is None:
        return (
            "no mail server is configured (SOLVENT_SMTP_URL): messages to customers are kept, and none is sent; "
            "`solvent messages list` shows them"
        )
    server = mail_server(settings.smtp_url.get_secret_value())
    return f"messages go to {server.host}:{server.port} ({server.tls}) from {settings.mail_from}"


def mail_until(mailer: Mailer, clock: Callable[[], datetime], stop: Event) -> None:
    """Send what there is; a server that is away is asked again, ever more slowly."""
    hand_over("messages", log, lambda: mailer.run_once(clock()), stop, away=ServerAway, idle_s=PAUSE_S)


def lines(
    solvent: Solvent, state: str | None, account: str | None, *, limit: int, for_programs: bool = False
) -> Iterator[str]:
    """Messages, the newest first, and how many there are in each state."""
    if state is not None and state not in STATES:
        raise CommandError(f"--state: must be one of {', '.join(STATES)}", USAGE)
    mailbox = Mailbox(solvent.database.pool)
    whose = None if account is None else _id("acc", account, "--account")
    found = mailbox.listed(state, whose, None, limit)
    if for_programs:
        yield as_json([_shown(one) for one in found])
        return
    for one in found:
        yield _line(one)
    counts = ", ".join(f"{n} {name}" for name, n in mailbox.count().items())
    yield f"in all: {counts or 'none'}"


def shown(solvent: Solvent, invoice: str, rung: str | None) -> Iterator[str]:
    """The messages about an invoice as they would be sent now, as text."""
    mailbox, letters = Mailbox(solvent.database.pool), letters_of(solvent)
    invoice_id = _id("inv", invoice, "INVOICE")
    found = [x for x in mailbox.listed(None, None, invoice_id, 100) if rung in (None, x.message.rung)]
    if not found:
        raise CommandError(f"there is no such message about invoice {invoice}")
    for one in reversed(found):
        yield _line(one)
        try:
            made = letters.made(one.message, solvent.clock())
        except NoAddress as nobody:
            yield f"it cannot be sent: {nobody}"
            continue
        if isinstance(made, str):
            yield f"it would not be sent: {made}"
            continue
        yield from (f"{name}: {made[name]}" for name in ("From", "To", "Subject"))
        yield ""
        yield text_of(made)


def resend(solvent: Solvent, invoice: str | None, rung: str | None, state: str | None) -> str:
    """Have messages sent again; the mailer does it."""
    if (invoice is None) == (state is None) or (rung is not None and invoice is None):
        raise CommandError(
            "name an invoice (and a rung of it), or a state by --all-parked or --all-kept", USAGE
        )
    invoice_id = None if invoice is None else _id("inv", invoice, "INVOICE")
    buckets = range(BUCKETS) if invoice_id is None else [bucket_of(invoice_id)]
    n = Mailbox(solvent.database.pool).again(buckets, state, invoice_id, rung)
    return f"{n} message{'' if n == 1 else 's'} will be sent"


def pay_link(solvent: Solvent, account: str, invoices: Sequence[str]) -> Iterator[str]:
    """A link to pay what an account owes: these invoices, or all of them."""
    account_id = _id("acc", account, "ACCOUNT")
    named = [_id("inv", spelled, "--invoice") for spelled in invoices]
    with solvent.database.look() as tx:
        view = tx.accounts.view(account_id)
    if view is None:
        raise CommandError(f"no account {account}")
    owed = {i.id for i in view.open_invoices}
    if not owed:
        raise CommandError(f"account {account} owes nothing")
    for spelled, invoice_id in zip(invoices, named, strict=True):
        if invoice_id not in owed:
            raise CommandError(
                f"--invoice: must be an invoice on which the account owes something, got {spelled}", USAGE
            )
    link = PayLinks(solvent.settings, solvent.database).link(account_id, named, solvent.clock())
    yield link.url
    yield f"it works until {link.until:%Y-%m-%d %H:%M} UTC"


def _shown(one: Listed) -> dict[str, object]:
    message = one.message
    return {
        "account_id": spell("acc", message.account_id),
        "about": _about(message),
        "rung": message.rung,
        "channel": message.channel,
        "kind": message.kind,
        "state": one.state,
        "tries": one.tries,
        "reason": one.reason,
        "created_at": one.told_at,
        "ended_at": one.ended_at,
    }


def _about(message: Message) -> str:
    return spell("mth" if message.invoice_id is None else "inv", message.about)


def _line(one: Listed) -> str:
    message = one.message
    about = f"{_about(message)} {message.rung!r} to {message.channel}"
    why = f": {one.reason}" if one.reason else ""
    return f"{one.told_at:%Y-%m-%d %H:%M} {one.state:8} {about} ({message.kind}, {one.tries} tries){why}"


def _id(prefix: str, spelled: str, where: str) -> UUID:
    try:
        return parse(prefix, spelled)
    except ValueError:
        raise CommandError(f"{where}: must be an id {prefix}_…, got {spelled[:40]!r}", USAGE) from None
