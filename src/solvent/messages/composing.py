"""Composing: a message in words, as text and HTML, with its headers.

Owns which words of a catalog a message is made of, and its MIME form. What it links to and attaches is handed in. The
same message composed again has the same Message-ID. Does not own the words (`words_en`, `words_de`), formats
(`tongue`), nor sending (`smtp`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from solvent.core.account import Account
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.language import Language
from solvent.core.messages import CLAIMS, Kind, Message
from solvent.core.party import Entity, address_block
from solvent.core.payment import CAUSE_CLASS, CauseClass
from solvent.messages import words_de, words_en
from solvent.messages.tongue import Tongue
from solvent.messages.words import Words

CATALOGS: Mapping[Language, Words] = {Language.EN: words_en.WORDS, Language.DE: words_de.WORDS}
GERMAN = frozenset({"DE", "AT"})  # in which finance of a legal entity reads German


@dataclass(frozen=True, slots=True, kw_only=True)
class PayLink:
    """Where what is owed can be paid, until a moment (UTC)."""

    url: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a message is made of: the facts as they stand when it is sent.

    `owed` are the invoices on which something is due; `burdened`: the customer was told before of something that the
    account could not do or have; `restrained`: there still is such a measure.
    """

    message: Message
    account: Account
    entity: Entity
    invoice: Invoice
    owed: Sequence[Invoice] = ()
    burdened: bool = False
    restrained: bool = False
    pay: PayLink | None = None
    pdf: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes: the address of all messages, and where those to finance go if the legal entity has no address."""

    address: str
    finance: str | None = None


class NoAddress(ValueError):
    """There is nobody to send it to."""


def compose(letter: Letter, sender: Sender, now: datetime) -> EmailMessage:
    """The message as it is sent. Raises `NoAddress`."""
    paper = None if letter.pdf is None else (f"{letter.invoice.number}.pdf", letter.pdf)
    return assembled(letter.message, letter.account, letter.entity, _content(letter), sender, now, paper)


def assembled(
    message: Message,
    account: Account,
    entity: Entity,
    content: Mapping[str, Any],
    sender: Sender,
    now: datetime,
    paper: tuple[str, bytes] | None = None,
) -> EmailMessage:
    """A message with that content, and a PDF file where there is one. Raises `NoAddress`."""
    mail = EmailMessage()
    mail["From"] = _address(entity.name, sender.address)
    mail["To"] = _to(message, account, entity, sender)
    if entity.email is not None and message.kind is not Kind.FINANCE:
        mail["Reply-To"] = _address(entity.name, entity.email)
    mail["Subject"] = content["subject"]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message, sender.address)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(templates().get_template("message.txt").render(content))
    mail.add_alternative(templates().get_template("message.html").render(content), subtype="html")
    if paper is not None:
        name, pdf = paper
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    mail["Content-Language"] = content[
        "language"
    ]  # last: what makes parts of a message moves its headers into them
    return mail


def message_id(message: Message, sender: str) -> str:
    """The same for the same message, however often it is made."""
    named = f"{message.account_id}|{message.about}|{message.rung}|{message.channel}"
    return f"<{sha256(named.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def text_of(mail: EmailMessage) -> str:
    """What a reader without HTML sees."""
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content())


@cache
def templates() -> Environment:
    """The templates of this package."""
    return Environment(
        loader=PackageLoader("solvent.messages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _content(letter: Letter) -> dict[str, Any]:
    """What the templates place."""
    to_finance = letter.message.kind is Kind.FINANCE
    language = _language_of_finance(letter.entity) if to_finance else letter.account.language
    words, tongue = CATALOGS[language], Tongue(language, letter.account.country, letter.account.time_zone)
    named = _named(letter, tongue)
    owed = letter.owed if letter.message.kind is not Kind.ISSUED else ()
    total = tongue.amounts((i.currency, i.debt) for i in letter.owed)
    return {
        "language": language,
        "words": words,
        "subject": _subject(letter, words).format_map(named),
        "greeting": words.greeting.format_map(
            {"name": letter.entity.name if to_finance else letter.account.name}
        ),
        "paragraphs": [text.format_map(named) for text in _paragraphs(letter, words)],
        "owed": [
            {"number": i.number, "due": tongue.day(i.due_at), "amount": tongue.amount(i.debt, i.currency)}
            for i in owed
        ],
        "total": total,
        "pay": None if letter.pay is None else _pay(letter.pay, words, tongue, total),
        "claims": letter.message.kind in CLAIMS - {Kind.FINANCE},
        "sender": sender_of(letter.entity, tongue),
        "why": words.why.format_map(named),
    }


def _pay(link: PayLink, words: Words, tongue: Tongue, total: str) -> dict[str, str]:
    return {
        "url": link.url,
        "label": words.pay.format_map({"amount": total}),
        "until": words.pay_until.format_map({"day": tongue.day(link.until)}),
    }


def _named(letter: Letter, tongue: Tongue) -> dict[str, str]:
    next_try, invoice = letter.message.next_try, letter.invoice
    return {
        "number": invoice.number,
        "amount": tongue.amount(invoice.debt, invoice.currency),
        "due": tongue.day(invoice.due_at),
        "day": "" if next_try is None else tongue.day(next_try),
        "name": letter.account.name,
        "sender": letter.entity.name,
        "rung": letter.message.rung,
    }


def _subject(letter: Letter, words: Words) -> str:
    message = letter.message
    if message.kind is Kind.SETTLED and letter.invoice.state is not InvoiceState.PAID:
        return words.resolved_subject
    needed = message.cause is not None and CAUSE_CLASS[message.cause] is CauseClass.ACTION_NEEDED
    if needed and message.kind is Kind.PAYMENT_FAILED:
        return words.confirm_subject
    return words.subjects[message.kind]


def _paragraphs(letter: Letter, words: Words) -> Iterator[str]:
    message, invoice = letter.message, letter.invoice
    match message.kind:
        case Kind.SETTLED:
            paid = invoice.state is InvoiceState.PAID
            yield from words.openings[Kind.SETTLED] if paid else (words.resolved,)
            if letter.burdened:
                yield words.not_lifted if letter.restrained else words.lifted
        case Kind.ISSUED:
            yield from words.openings[Kind.ISSUED]
            if not invoice.debt:
                yield words.already_paid
        case Kind.PAYMENT_FAILED | Kind.REMINDER:
            yield from words.openings[message.kind]
            if message.cause is not None:
                yield words.causes[message.cause]
            yield words.no_next_try if message.next_try is None else words.next_try
        case _:
            yield from words.openings[message.kind]


def sender_of(entity: Entity, tongue: Tongue) -> dict[str, Any]:
    """Who writes, as the templates place it."""
    return {"name": entity.name, "lines": list(_sender_lines(entity, tongue))}


def _sender_lines(entity: Entity, tongue: Tongue) -> Iterator[str]:
    yield entity.name
    if entity.address is not None:
        yield from address_block(entity.address, entity.country)
    yield tongue.country(entity.country)
    if entity.registration is not None:
        yield entity.registration


def _to(message: Message, account: Account, entity: Entity, sender: Sender) -> MailAddress:
    if message.kind is not Kind.FINANCE:
        return _address(account.name, account.email)
    finance = sender.finance or entity.email
    if finance is None:
        raise NoAddress("SOLVENT_MAIL_FINANCE is not set, and the legal entity has no e-mail address")
    return _address(entity.name, finance)


def _address(name: str, address: str) -> MailAddress:
    """With a display name as far as a header may hold it."""
    return MailAddress(display_name=" ".join(name.split()), addr_spec=address)


def _language_of_finance(entity: Entity) -> Language:
    return Language.DE if entity.country in GERMAN else Language.EN
