"""Query strings of changes and disputes: which of them a page is of, as structs.

Owns their fields. Does not own other query strings (`params`, `document_params`) nor the reads (`store.change_pages`,
`store.dispute_reads`).
"""

from typing import Annotated

from msgspec import Meta

from solvent.core.dispute import DisputeState
from solvent.core.payment import AttemptState
from solvent.web.document_params import DocumentsQuery, From, To
from solvent.web.fields import AccountId, ChangeId, DisputeId, Limit, PaymentId, ProviderName
from solvent.web.params import PAGE, Query


class OpenedChangesQuery(Query):
    """A page of changes that somebody asked for, of one account or of all, in the order in which they were opened. Of
    all accounts, dates leave out those on a test clock."""

    account: AccountId | None = None
    state: AttemptState | None = None
    clock: Annotated[
        bool, Meta(description="Also what the billing clock tried by itself: renewals, usage, retries.")
    ] = False
    opened_from: From | None = None
    opened_to: To | None = None
    after: ChangeId | None = None
    limit: Limit = PAGE


class DisputesQuery(DocumentsQuery):
    """A page of disputes, of one account, of one payment or of all, in the order in which they were recorded."""

    payment: PaymentId | None = None
    state: DisputeState | None = None
    open: Annotated[bool, Meta(description="Only those that are not decided.")] = False
    provider: ProviderName | None = None
    recorded_from: From | None = None
    recorded_to: To | None = None
    after: DisputeId | None = None
