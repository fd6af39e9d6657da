"""YAML files: what a merchant declares in one, read into its shape.

Owns the reading, and how a mistake names its field. Does not own what a file may say (`catalog_file`, `tax_file`).
"""

import re
from typing import TypeVar

import msgspec
import yaml

from solvent.core.product import CatalogError

_PLACE = re.compile(r"(?P<rule>.*) - at `\$\.?(?P<field>.*)`", re.DOTALL)

NESTED_MAX = 50  # thousands would overflow the library's stack, and end the process

Shape = TypeVar("Shape")


def decode(text: str | bytes, shape: type[Shape]) -> Shape:
    """The file in that shape. Raises `CatalogError` with the path of the field (``prices[3].amount``) and the rule."""
    try:
        _ensure_shallow(text)
        return msgspec.yaml.decode(text, type=shape)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        field, rule = ("file", str(error)) if found is None else (found["field"], found["rule"])
        raise CatalogError(field or "file", rule) from None
    except (msgspec.DecodeError, yaml.YAMLError) as error:
        raise CatalogError("file", f"must be YAML: {error}") from None
    except (AttributeError, LookupError, ValueError) as error:  # of a day that is none, such as 2001-99-99
        raise CatalogError("file", f"must be YAML: {error}") from None


def _ensure_shallow(text: str | bytes) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > NESTED_MAX:
            raise yaml.YAMLError("it must not be nested so deeply")
