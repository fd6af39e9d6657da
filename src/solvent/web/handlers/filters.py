"""Filters: what the query string of a list may name, checked with all that is wrong in it told together.

Owns the rules that several lists share. Does not own the fields (`document_params`, `change_params`) nor the reads.
"""

from collections.abc import Iterable

from solvent.core.money import UnknownCurrency, exponent
from solvent.core.payment import ExternalMethod
from solvent.web.endpoint import Call
from solvent.web.problems import FieldError, breaks


def checked(
    call: Call,
    *,
    currency: str | None = None,
    entity: str | None = None,
    provider: str | None = None,
    broken: Iterable[tuple[str, str]] = (),
) -> None:
    """Raises a problem for what is no currency, no legal entity, no provider, and for whatever else is `broken`."""
    errors = [FieldError(field, rule) for field, rule in broken]
    if currency is not None and not is_currency(currency):
        errors.append(FieldError("currency", "must be an active ISO 4217 code"))
    if entity is not None and entity not in (known := call.queries.entities()):
        rule = f"must be a legal entity: {', '.join(known) or 'there is none yet'}"
        errors.append(FieldError("entity", rule))
    if provider is not None and not known_provider(call, provider):
        errors.append(FieldError("provider", f"must be one of {', '.join(providers(call))}"))
    if errors:
        raise breaks(*errors)


def is_currency(text: str) -> bool:
    """Whether it is the code of an active currency."""
    try:
        exponent(text)
    except UnknownCurrency:
        return False
    return True


def providers(call: Call) -> list[str]:
    """Who may have taken a payment: the configured providers, and how the merchant records others."""
    return [*call.solvent.platform.providers.names(), *(method.value for method in ExternalMethod)]


def known_provider(call: Call, name: str) -> bool:
    """Whether a payment may be by that provider: one that is configured, or by which there is one."""
    return name in providers(call) or call.queries.has_payment_by(name)
