"""Method letters: what is told of a method that ends, in words.

Owns which words a message about a method is made of. Does not own its MIME form (`composing`), nor where its link
leads.
"""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from solvent.core.account import Account, CollectionMethod
from solvent.core.messages import Message
from solvent.core.party import Entity
from solvent.messages.composing import CATALOGS, PayLink, Sender, assembled, sender_of
from solvent.messages.tongue import Tongue


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodLetter:
    """What a message about a method is made of; `door` is where the customer can bring another one."""

    message: Message
    account: Account
    entity: Entity
    method: CollectionMethod
    door: PayLink | None


def compose_method(letter: MethodLetter, sender: Sender, now: datetime) -> EmailMessage:
    """The message as it is sent."""
    return assembled(letter.message, letter.account, letter.entity, _content(letter), sender, now)


def _content(letter: MethodLetter) -> dict[str, Any]:
    account = letter.account
    words, tongue = CATALOGS[account.language], Tongue(account.language, account.country, account.time_zone)
    ends = letter.method.expires_on
    assert ends is not None, "what does not end is not told of"
    named = {"label": letter.method.label, "end": f"{ends:%m/%Y}", "sender": letter.entity.name}
    kind = letter.message.kind
    door = None
    if letter.door is not None:
        until = words.methods_until.format_map({"day": tongue.day(letter.door.until)})
        door = {"url": letter.door.url, "label": words.methods, "until": until}
    return {
        "language": account.language,
        "words": words,
        "subject": words.subjects[kind].format_map(named),
        "greeting": words.greeting.format_map({"name": account.name}),
        "paragraphs": [text.format_map(named) for text in words.openings[kind]],
        "owed": [],
        "total": "",
        "pay": door,
        "claims": False,
        "sender": sender_of(letter.entity, tongue),
        "why": words.why.format_map(named),
    }
