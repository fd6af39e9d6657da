"""Query strings of money documents: which invoices, credit notes, refunds and payments a page is of, as structs.

Owns their fields, and what of them the store is asked for. Does not own other query strings (`params`) nor the reads
(`store.document_pages`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from solvent.store.document_pages import Wanted
from solvent.store.numbers import Numbered, read_number
from solvent.web.fields import (
    AccountId,
    CreditNoteId,
    InvoiceId,
    Limit,
    Moment,
    PaymentId,
    ProviderName,
    RefundId,
    uuid_in,
)
from solvent.web.params import PAGE, Query

_Number = Annotated[str, Meta(max_length=40, description="As printed.", examples=["SUS-7F-000042"])]
_Currency = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="Only this ISO 4217 code.", examples=["USD"])
]
_Entity = Annotated[str, Meta(max_length=64, description="Only those of this legal entity.")]
From = Annotated[Moment, Meta(description="Not before this.")]
To = Annotated[Moment, Meta(description="Before this.")]


class DocumentsQuery(Query):
    """What pages of all money documents may be asked for."""

    account: AccountId | None = None
    currency: _Currency | None = None
    entity: _Entity | None = None
    limit: Limit = PAGE

    @property
    def spans(self) -> dict[str, tuple[datetime | None, datetime | None]]:
        """The pairs of fields that end in `_from` and `_to`, by what they begin with."""
        names = [f.removesuffix("_from") for f in self.__struct_fields__ if f.endswith("_from")]
        return {name: (getattr(self, f"{name}_from"), getattr(self, f"{name}_to")) for name in names}

    def broken_rules(self) -> Iterator[tuple[str, str]]:
        """The fields that contradict each other, each with its rule."""
        for name, (start, end) in self.spans.items():
            if start is not None and end is not None and end < start:
                yield f"{name}_to", f"must not be before {name}_from"
        number = getattr(self, "number", None)
        if number is not None and read_number(number) is None:
            yield "number", "must be a number as printed, e.g. SUS-7F-000042"


class InvoicesQuery(DocumentsQuery):
    """A page of invoices, of one account or of all, in the order of their issue. `overdue` is open, and due."""

    state: Literal["open", "overdue", "paid", "resolved", "uncollectible"] | None = None
    number: _Number | None = None
    issued_from: From | None = None
    issued_to: To | None = None
    due_from: From | None = None
    due_to: To | None = None
    after: InvoiceId | None = None

    def wanted(self) -> Wanted:
        """The invoices that are asked for."""
        overdue = self.state == "overdue"
        return Wanted(
            account=None if self.account is None else uuid_in(self.account),
            state=None if overdue else self.state,
            overdue=overdue,
            number=_numbered(self.number),
            currency=self.currency,
            entity=self.entity,
            start=self.issued_from,
            end=self.issued_to,
            due_start=self.due_from,
            due_end=self.due_to,
        )


class CreditNotesQuery(DocumentsQuery):
    """A page of credit notes, of one account, of one invoice or of all, in the order in which they were issued."""

    invoice: InvoiceId | None = None
    number: _Number | None = None
    issued_from: From | None = None
    issued_to: To | None = None
    after: CreditNoteId | None = None

    def wanted(self) -> Wanted:
        """The credit notes that are asked for."""
        return Wanted(
            account=None if self.account is None else uuid_in(self.account),
            invoice=None if self.invoice is None else uuid_in(self.invoice),
            number=_numbered(self.number),
            currency=self.currency,
            entity=self.entity,
            start=self.issued_from,
            end=self.issued_to,
        )


class RefundsQuery(DocumentsQuery):
    """A page of refunds, of one account, of one payment or of all, in the order in which they were recorded."""

    payment: PaymentId | None = None
    state: Literal["due", "processing", "succeeded", "failed", "returned"] | None = None
    recorded_from: From | None = None
    recorded_to: To | None = None
    after: RefundId | None = None

    def wanted(self) -> Wanted:
        """The refunds that are asked for."""
        return Wanted(
            account=None if self.account is None else uuid_in(self.account),
            payment=None if self.payment is None else uuid_in(self.payment),
            state=self.state,
            currency=self.currency,
            entity=self.entity,
            start=self.recorded_from,
            end=self.recorded_to,
        )


class PaymentsQuery(DocumentsQuery):
    """A page of payments, of one account, of one invoice or of all, in the order in which the money was received."""

    invoice: InvoiceId | None = None
    provider: ProviderName | None = None
    disposition: Literal["applied", "credited", "refunded"] | None = None
    received_from: From | None = None
    received_to: To | None = None
    after: PaymentId | None = None

    def wanted(self) -> Wanted:
        """The payments that are asked for."""
        return Wanted(
            account=None if self.account is None else uuid_in(self.account),
            invoice=None if self.invoice is None else uuid_in(self.invoice),
            provider=self.provider,
            state=self.disposition,
            currency=self.currency,
            entity=self.entity,
            start=self.received_from,
            end=self.received_to,
        )


def _numbered(number: str | None) -> Numbered | None:
    return None if number is None else read_number(number)
