"""Sent: what a browser sends with a page's links and forms.

Owns reading fields and cookies, whatever stands in them. Does not own what a field means, nor who is in (`door`).
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from solvent.web.endpoint import Call

FIELDS_MAX = 40  # of one form


def query_of(call: Call) -> Mapping[str, str]:
    """The fields of the address."""
    return _fields(call.environ.get("QUERY_STRING", ""))


def form_of(call: Call) -> Mapping[str, str]:
    """The fields of a form."""
    return _fields(call.raw.decode("latin-1"))


def cookies_of(call: Call) -> Mapping[str, str]:
    """The cookies by name; of one that is sent twice the first counts."""
    parts = (part.strip().partition("=") for part in (call.header("cookie") or "").split(";"))
    return dict(reversed([(name, value) for name, _, value in parts]))


def _fields(text: str) -> Mapping[str, str]:
    """What cannot be read is not there, and what is named twice counts once."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        return {}
    return {name: value for name, value in reversed(pairs) if "\x00" not in value}
