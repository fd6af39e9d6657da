"""Words: what a catalog of messages has to say, in whichever language.

Owns the shape of a catalog. Its texts have places in braces: `number` and `amount` of the invoice (what is still owed
on it), `due` day, `day` of the next try, `name` of the customer, `sender` (the legal entity), `rung`;
where a method ends, its `label` and the month of its `end`. Does not own any
text (`words_en`, `words_de`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.messages import Kind
from solvent.core.payment import FailureCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A catalog of one language. `causes` say why a payment failed and what the customer can do."""

    greeting: str
    subjects: Mapping[Kind, str]
    openings: Mapping[Kind, tuple[str, ...]]
    causes: Mapping[FailureCause, str]
    confirm_subject: str
    next_try: str
    no_next_try: str
    already_paid: str
    lifted: str
    not_lifted: str
    resolved_subject: str
    resolved: str
    owed: str
    invoice: str
    due: str
    amount: str
    total: str
    pay: str
    pay_until: str
    methods: str
    methods_until: str
    ignore: str
    regards: str
    why: str
