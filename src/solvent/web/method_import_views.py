"""Views of imported methods: what became of each agreement, as structs."""

from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.payment import FailureCause
from solvent.flows.importing import ImportState
from solvent.web.fields import AccountId, ChangeId
from solvent.web.problems import FieldError


class ImportedView(Struct, frozen=True, kw_only=True):
    """What became of one agreement. `known`: it was imported before. `unanswered`: name it again later."""

    account_id: AccountId
    reference: str
    state: ImportState
    change_id: Annotated[ChangeId | None, Meta(description="The setup that made it a method.")]
    cause: Annotated[FailureCause | None, Meta(description="Why the provider did not have it.")]
    error: Annotated[FieldError | None, Meta(description="The rule that forbids it.")]


class MethodImportView(Struct, frozen=True, kw_only=True):
    """What became of all of them, in the order in which they were named."""

    provider: str
    results: list[ImportedView]
