"""Phrase: a sentence as its parts, which can be said in any language.

Owns the sentences that there are, the value that names one with its figures, and the way of that into words. What a
line of an invoice says is decided and stored as this value, so that a customer reads it in her own language, and the
figures in it can be told from words. Does not own the words (`phrases_en`, `phrases_de`: one file for each language).

Parts are what a sentence is about, in the order of its function there: whole numbers (amounts in minor units), codes,
local days and moments as ISO 8601 writes them, names as they are, and other phrases.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import ModuleType
from typing import Union

from solvent.core import phrases_de, phrases_en
from solvent.core.language import Language, Names


class Sentence(StrEnum):
    """What can be said; `NAMED` is what something is called, in each language."""

    NAMED = "named"

    # what a quantity costs
    NONE = "none"
    FLAT = "flat"
    PER_UNIT = "per_unit"
    PACKAGES = "packages"
    VOLUME = "volume"
    GRADUATED = "graduated"

    # what a line is for
    GOODS = "goods"
    UNUSED_TIME = "unused_time"
    REMAINING_TIME = "remaining_time"
    USAGE = "usage"
    LATER_USAGE = "later_usage"
    PREPAID = "prepaid"
    DISCOUNT_SHARE = "discount_share"
    DISCOUNT_AMOUNT = "discount_amount"

    # how it comes to what it costs
    IN_ADVANCE = "in_advance"
    ONCE = "once"
    UNUSED = "unused"
    REMAINING = "remaining"
    USED = "used"
    USED_SO_FAR = "used_so_far"
    LESS_BILLED = "less_billed"
    PREPAID_CREDIT = "prepaid_credit"
    AS_ENTERED = "as_entered"
    COUPON_SHARE = "coupon_share"
    COUPON_AMOUNT = "coupon_amount"
    COUPON_PART = "coupon_part"
    COUPON_KEPT = "coupon_kept"
    GIVEN_BEFORE = "given_before"
    BY_CREDIT_NOTE = "by_credit_note"
    STRETCH = "stretch"
    OF_LINE = "of_line"
    PART_OF = "part_of"

    # tax
    TAX_ADDED = "tax_added"
    TAX_CONTAINED = "tax_contained"
    ONCE_FOR_ALL = "once_for_all"
    WITH_DISCOUNTS = "with_discounts"
    AT_HOME = "at_home"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    NOT_COLLECTED = "not_collected"

    # of a document as a whole
    LISTED = "listed"
    NET_DAYS = "net_days"
    ON_RECEIPT = "on_receipt"
    CREDITED_BY = "credited_by"
    SET_OFF = "set_off"
    REFUNDED = "refunded"
    TO_CREDIT = "to_credit"
    REASON_REVERSE_CHARGE = "reason_reverse_charge"
    REASON_OUTSIDE = "reason_outside"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence with its parts; as text it is English."""

    say: Sentence
    parts: tuple[Union[str, int, "Phrase"], ...] = ()

    def __str__(self) -> str:
        return spoken(self, Language.EN)


Text = str | Phrase
"""What is said: in each language, or, as somebody wrote it, in one."""

_BOOKS: Mapping[Language, ModuleType] = {Language.EN: phrases_en, Language.DE: phrases_de}


def spoken(text: Text, language: Language) -> str:
    """The text in a language; what somebody wrote stays as it is."""
    if isinstance(text, str):
        return text
    if text.say is Sentence.NAMED:
        default, *pairs = (str(part) for part in text.parts)
        return dict(zip(pairs[::2], pairs[1::2], strict=True)).get(language, default)
    parts = (spoken(part, language) if isinstance(part, Phrase) else part for part in text.parts)
    words: str = getattr(_BOOKS[language], text.say.value)(*parts)
    return words


def named(name: str, names: Names) -> Text:
    """What something is called: one text, or with those of other languages."""
    pairs = (part for language in sorted(names) for part in (language.value, names[language]))
    return Phrase(Sentence.NAMED, (name, *pairs)) if names else name


def continued(say: Sentence, said: Text, *figures: int) -> Text:
    """A sentence that goes on from another one, with figures in its currency; what somebody wrote stays as it is."""
    currency = _currency_in(said)
    return said if currency is None else Phrase(say, (said, *figures, currency))


def _currency_in(text: str | int | Phrase) -> str | None:
    """The currency of the amounts that a sentence tells, or one within it; None where it tells none."""
    if not isinstance(text, Phrase) or text.say is Sentence.NAMED:
        return None
    place = _takes(text.say).get("currency")
    if place is not None:
        return str(text.parts[place])
    return next((found for part in text.parts if (found := _currency_in(part)) is not None), None)


@cache
def _takes(say: Sentence) -> Mapping[str, int]:
    """What the parts of a sentence are called, with their places: in every language the same."""
    return {name: n for n, name in enumerate(inspect.signature(getattr(phrases_en, say)).parameters)}


def listed(*texts: Text) -> Text:
    """Texts one after the other, each of which says something of the same."""
    return texts[0] if len(texts) == 1 else Phrase(Sentence.LISTED, texts)
