"""Method bodies: what requests about collection methods carry, as structs."""

from typing import Annotated

from msgspec import Meta

from solvent.web.change_bodies import Body
from solvent.web.fields import MethodId

METHODS_MAX = 500


class MethodOrderBody(Body):
    """All of an account's methods, the one that is to be tried first in the first place."""

    method_ids: Annotated[tuple[MethodId, ...], Meta(min_length=1, max_length=METHODS_MAX)]
