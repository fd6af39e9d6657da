"""Codec: values of the core as JSON and back.

Owns how plans, requests, actions, schedules and features are spelled in json columns. The core's dataclasses are
the format: msgspec reads and writes them as they are. Does not own their meaning.
"""

from typing import Any, TypeVar, get_args

import msgspec

from solvent.core.catalog import Tier
from solvent.core.change import Change
from solvent.core.entitlement import Feature
from solvent.core.events import Event
from solvent.core.language import Language
from solvent.core.party import PastProfile
from solvent.core.payment import NextAction
from solvent.core.phrase import Text
from solvent.core.plan import Plan
from solvent.core.tax import PastBuyer, TaxShare

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_plan = msgspec.json.Decoder(Plan)
_action = msgspec.json.Decoder(NextAction)
_tiers = msgspec.json.Decoder(tuple[Tier, ...])
_tax_past = msgspec.json.Decoder(tuple[PastBuyer, ...])
_profile_past = msgspec.json.Decoder(tuple[PastProfile, ...])
_taxes = msgspec.json.Decoder(tuple[TaxShare, ...])
_texts: msgspec.json.Decoder[Text] = msgspec.json.Decoder(Text)
_names = msgspec.json.Decoder(dict[Language, str])
_features = msgspec.json.Decoder(dict[str, Feature])


class _Tagged(msgspec.Struct):
    """A request with the name of its class: dataclasses carry no tag of their own."""

    type: str
    body: msgspec.Raw


_tagged = msgspec.json.Decoder(_Tagged)
_changes: dict[str, msgspec.json.Decoder[Any]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in get_args(Change)
}


def encode(value: object) -> bytes:
    """Any value of the core, or of JSON, as JSON."""
    return _encoder.encode(value)


def encode_event(event: Event) -> bytes:
    """An event's payload; its type is a column of its own."""
    return _encoder.encode(event)


def encode_change(change: Change) -> bytes:
    """A request as ``{"type": "Start", "body": {…}}``."""
    return _encoder.encode({"type": type(change).__name__, "body": change})


def decode_change(data: str | bytes) -> Change:
    """The request behind `encode_change`."""
    tagged = _tagged.decode(data)
    change: Change = _changes[tagged.type].decode(tagged.body)
    return change


def decode_plan(data: str | bytes) -> Plan:
    """A journalled plan."""
    return _plan.decode(data)


def encode_action(action: NextAction | None) -> bytes | None:
    """A customer's next action, without what lets somebody act: that is asked of the provider anew."""
    return None if action is None else _encoder.encode(action.bare)


def decode_action(data: str | bytes) -> NextAction:
    """A customer's next action."""
    return _action.decode(data)


def decode_text(data: str | bytes) -> Text:
    """What a line says."""
    return _texts.decode(data)


def decode_names(data: str | bytes) -> dict[Language, str]:
    """What something of the catalog is called, by language."""
    return _names.decode(data)


def decode_features(data: str | bytes) -> dict[str, Feature]:
    """The features of a product."""
    return _features.decode(data)


def decode_tiers(data: str | bytes) -> tuple[Tier, ...]:
    """The tiers of a price."""
    return _tiers.decode(data)


def decode_tax_past(data: str | bytes) -> tuple[PastBuyer, ...]:
    """What an account was for tax before."""
    return _tax_past.decode(data)


def decode_profile_past(data: str | bytes) -> tuple[PastProfile, ...]:
    """Who an account was on documents before."""
    return _profile_past.decode(data)


def decode_taxes(data: str | bytes) -> tuple[TaxShare, ...]:
    """How the tax of an invoice line comes about."""
    return _taxes.decode(data)


def optional(value: T | None) -> bytes | None:
    """JSON, or null for None."""
    return None if value is None else _encoder.encode(value)
