"""Query strings of exports, as a struct."""

from typing import Annotated

from msgspec import Meta

from solvent.web.fields import Moment
from solvent.web.params import Query


class ExportQuery(Query, rename={"from_": "from"}):
    """What a file is of: from `from` (default: the beginning) to before `to` (default: now)."""

    from_: Annotated[Moment, Meta(description="The first instant.")] | None = None
    to: Annotated[Moment, Meta(description="The first instant that is left out.")] | None = None
    entity: Annotated[str, Meta(max_length=64, description="Only the books of this legal entity.")] | None = (
        None
    )
    test_clocks: Annotated[bool, Meta(description="Also accounts that live on a test clock.")] = False
