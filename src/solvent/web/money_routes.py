"""Money routes: the part of the table of endpoints that is about credit notes, refunds and debts settled otherwise.

Owns their public names. Does not own what happens behind them (`handlers.money`), nor the other routes (`routes`).
"""

from solvent.web import document_params, examples, money_bodies, money_views
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import document_lists, money, refunding, transfers
from solvent.web.handlers.change_view import ChangeView
from solvent.web.views import InvoiceView

_PROBLEMS = ("not_found", "idempotency_key_reused", "refused")

MONEY = (
    Endpoint(
        method="POST",
        path="/v1/credit-notes",
        name="issueCreditNote",
        tag="credit notes",
        summary="Credit an invoice, wholly or in part",
        description="A numbered document of its own; the invoice stays as it was issued. All of an invoice's credit "
        "notes together are never more than it.",
        run=money.issue_credit_note,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=money_bodies.CreditNoteBody,
        example=examples.CREDIT_NOTE,
        answers={
            201: (money_views.FullCreditNoteView, "Issued."),
            200: (money_views.FullCreditNoteView, "The same key again."),
        },
        problems=_PROBLEMS,
    ),
    Endpoint(
        method="GET",
        path="/v1/credit-notes",
        name="listCreditNotes",
        tag="credit notes",
        summary="List credit notes, of one account, of one invoice or of all",
        run=document_lists.credit_notes,
        query=document_params.CreditNotesQuery,
        answers={200: (money_views.CreditNotePage, "A page.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/credit-notes/{credit_note_id}",
        name="getCreditNote",
        tag="credit notes",
        summary="Read a credit note with its lines",
        run=money.credit_note,
        answers={200: (money_views.FullCreditNoteView, "The credit note.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/refunds",
        name="issueRefund",
        tag="refunds",
        summary="Give back a payment, wholly or in part",
        description="By a credit note of the invoice that it paid, to its method or (`to`) as account credit; or "
        "(`source`) out of the account credit that it became. Recorded first, then asked of the provider; how it "
        "ended is told by `refund.settled`. One that the provider refuses becomes account credit; of one that comes "
        "back after it had succeeded `refund.returned` tells.",
        run=refunding.issue_refund,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=money_bodies.RefundBody,
        example=examples.REFUND,
        answers={
            201: (money_views.GivenBackView, "Recorded: it will be asked for, or is credit."),
            200: (money_views.GivenBackView, "The same key again: as it stands now."),
        },
        problems=_PROBLEMS,
    ),
    Endpoint(
        method="GET",
        path="/v1/refunds",
        name="listRefunds",
        tag="refunds",
        summary="List refunds, of one account, of one payment or of all",
        run=document_lists.refunds,
        query=document_params.RefundsQuery,
        answers={200: (money_views.RefundPage, "A page.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/refunds/{refund_id}",
        name="getRefund",
        tag="refunds",
        summary="Read a refund",
        run=money.refund,
        answers={200: (money_views.RefundView, "As it stands now.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/refunds/{refund_id}/retry",
        name="retryRefund",
        tag="refunds",
        summary="Send a refund again that was refused, or came back",
        description="It became account credit, and goes to its method once more: whole, out of money that the account "
        "has as credit, as a refund of its own in the place of the first. Each is sent again once; one that fails as "
        "well is credit again, and can be sent again in its turn. Not while the payment is disputed.",
        run=refunding.retry_refund,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=money_bodies.RefundRetryBody,
        example=examples.REFUND_RETRY,
        answers={
            201: (money_views.GivenBackView, "Recorded: it will be asked for."),
            200: (money_views.GivenBackView, "The same key again: as it stands now."),
        },
        problems=_PROBLEMS,
    ),
    Endpoint(
        method="GET",
        path="/v1/payments",
        name="listPayments",
        tag="payments",
        summary="List payments, of one account, of one invoice or of all",
        run=document_lists.payments,
        query=document_params.PaymentsQuery,
        answers={200: (money_views.PaymentPage, "A page.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/payments/{payment_id}",
        name="getPayment",
        tag="payments",
        summary="Read a payment",
        run=money.payment,
        answers={200: (money_views.PaymentView, "As it stands now.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/changes/{change_id}/payments",
        name="recordTransfer",
        tag="changes",
        summary="Record the transfer that a change waits for",
        description="Of a change whose provider is one whose payments are recorded: the money is settled as that of "
        "any other payment. Another amount than was asked for, or money for what no longer applies, becomes account "
        "credit.",
        run=transfers.receive_transfer,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=money_bodies.TransferBody,
        example=examples.TRANSFER,
        answers={200: (ChangeView, "The change as it now stands.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoices/{invoice_id}/payments",
        name="recordPayment",
        tag="invoices",
        summary="Record a payment that no provider took",
        description="A bank transfer, a cheque and the like. It may pay a part; what is beyond the debt becomes "
        "account credit. The same method and reference are the same payment.",
        run=money.receive,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=money_bodies.ReceiptBody,
        example=examples.RECEIPT,
        answers={
            201: (money_views.ReceiptView, "Recorded."),
            200: (money_views.ReceiptView, "It was recorded before."),
        },
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/payments",
        name="recordPaymentOfAccount",
        tag="invoices",
        summary="Record a payment that no provider took, for several invoices",
        description="For the named invoices, or for all that the account owes: the one that fell due first is paid "
        "first, and the last may be paid in part. What is beyond them becomes account credit. The same method and "
        "reference are the same payment.",
        run=money.receive_for_account,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=money_bodies.ReceiptsBody,
        example=examples.RECEIPTS,
        answers={
            201: (money_views.ReceiptsView, "Recorded."),
            200: (money_views.ReceiptsView, "It was recorded before."),
        },
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/invoices/{invoice_id}/give-up",
        name="giveUpInvoice",
        tag="invoices",
        summary="Give an open invoice up as uncollectible",
        description="As one unit: a credit note for the time in advance that is not used, the rest as bad debt, the "
        "subscription's end, and the account's standing. A later payment resolves it. Refused while a payment is under "
        "way.",
        run=money.surrender,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=money_bodies.GiveUpBody,
        example=examples.GIVE_UP,
        answers={200: (InvoiceView, "The invoice as it now stands.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
)
