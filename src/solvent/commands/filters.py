"""Filters: what options of lists may name, checked.

Owns how a currency, a provider and a stretch of time are read from options. Does not own the options (`cli_documents`,
`cli_disputes`, `cli_changes`) nor the reads.
"""

from datetime import datetime

from solvent.commands.console import USAGE, CommandError
from solvent.commands.export import instant, one_of_names
from solvent.core.money import UnknownCurrency, exponent
from solvent.core.payment import ExternalMethod
from solvent.store.queries import Queries
from solvent.wiring import Solvent


def currency(text: str | None, option: str = "--currency") -> str | None:
    """The code of a currency, however its letters are written."""
    if text is None:
        return None
    code = text.upper()
    try:
        exponent(code)
    except UnknownCurrency:
        raise CommandError(
            f"{option}: must be an active ISO 4217 code, e.g. USD, got {text!r}", USAGE
        ) from None
    return code


def provider(solvent: Solvent, text: str | None) -> str | None:
    """The name of one by which there may be payments: configured, how the merchant records others, or seen before."""
    if text is None or Queries(solvent.database.pool).has_payment_by(text):
        return text
    known = [*solvent.platform.providers.names(), *(method.value for method in ExternalMethod)]
    return one_of_names(text, known, "--provider")


def entity(solvent: Solvent, text: str | None) -> str | None:
    """The id of a legal entity."""
    return None if text is None else one_of_names(text, Queries(solvent.database.pool).entities(), "--entity")


def span(
    start: str | None, end: str | None, first: str = "--from", second: str = "--to"
) -> tuple[datetime | None, datetime | None]:
    """From the first instant to before the second; either may be open."""
    since = None if start is None else instant(start, first)
    until = None if end is None else instant(end, second)
    if since is not None and until is not None and until < since:
        raise CommandError(f"{second}: must not be before {first}", USAGE)
    return since, until
