"""Words in English. Does not own when each is used (`composing`)."""

from solvent.core.messages import Kind
from solvent.core.payment import FailureCause
from solvent.messages.words import Words

WORDS = Words(
    greeting="Hello {name},",
    subjects={
        Kind.PAYMENT_FAILED: "We could not collect invoice {number}",
        Kind.DUE: "Invoice {number} is due",
        Kind.REMINDER: "Reminder: invoice {number} is unpaid",
        Kind.RESTRICTED: "Your account is restricted until invoice {number} is paid",
        Kind.SUSPENDED: "Services billed by usage are suspended",
        Kind.DOWNGRADED: "Your paid plans now give what the free plan gives",
        Kind.GIVEN_UP: "Your subscription has ended: invoice {number} was not paid",
        Kind.FINANCE: "Unpaid: {name}, invoice {number}, {amount}",
        Kind.ISSUED: "Invoice {number} from {sender}",
        Kind.SETTLED: "Thank you: invoice {number} is paid",
        Kind.EXPIRING: "{label} expires at the end of {end}",
    },
    openings={
        Kind.PAYMENT_FAILED: ("We tried to collect {amount} for invoice {number}.",),
        Kind.DUE: ("Invoice {number} for {amount} has been due since {due}.",),
        Kind.REMINDER: (("Invoice {number} for {amount} has been due since {due} and is still unpaid."),),
        Kind.RESTRICTED: (
            (
                "Invoice {number} for {amount} has been due since {due}. "
                "Until it is paid, your account cannot buy anything new or "
                "upgrade."
            ),
            ("What you have goes on working for now. Paying lifts the restriction at once."),
        ),
        Kind.SUSPENDED: (
            (
                "Invoice {number} for {amount} has been due since {due}. "
                "Services that are billed by usage are suspended until it is "
                "paid."
            ),
            "Paying brings them back at once.",
        ),
        Kind.DOWNGRADED: (
            (
                "Invoice {number} for {amount} has been due since {due}. "
                "Until it is paid, your paid plans give what the free plan "
                "gives."
            ),
            "Paying brings everything back at once.",
        ),
        Kind.GIVEN_UP: (
            (
                "Invoice {number} was not paid, although it has been due since "
                "{due}. We have ended the subscription that it is for, and "
                "your account cannot buy anything new."
            ),
            ("{amount} of it is still owed. Once it is paid, you are welcome to start anew."),
        ),
        Kind.FINANCE: (
            ("{name} has not paid invoice {number} for {amount}, which has been due since {due}."),
            (
                "The ladder of its policy has reached the rung {rung}. Nothing "
                "is cancelled by itself: please decide what is to be done."
            ),
        ),
        Kind.ISSUED: ("Attached is invoice {number} for {amount}, due on {due}.",),
        Kind.EXPIRING: (
            (
                "The payment method {label}, with which you pay {sender}, works until the end of {end}. "
                "If your bank has sent you a new card, please add it in time, so that what you use goes on."
            ),
            "Some banks renew cards by themselves: then there is nothing to do, and you can ignore this.",
        ),
        Kind.SETTLED: (
            ("We have received the payment of invoice {number}. Nothing is owed on it any more."),
        ),
    },
    causes={
        FailureCause.CARD_EXPIRED: "The card has expired. Please pay with another one.",
        FailureCause.CARD_LOST: (
            "The bank says that the card can no longer be used. Please pay with another one."
        ),
        FailureCause.CARD_INVALID: ("The bank does not accept the card. Please pay with another one."),
        FailureCause.ACCOUNT_CLOSED: ("The bank account has been closed. Please pay with another method."),
        FailureCause.AGREEMENT_REVOKED: (
            "The agreement under which we collected has ended. Please pay with another method."
        ),
        FailureCause.FRAUD_SUSPECTED: (
            "The bank refused the payment. Please pay with another method, or ask the bank."
        ),
        FailureCause.NO_METHOD: (
            "There is no method on file that we may charge. Please pay with one of your choice."
        ),
        FailureCause.INSUFFICIENT_FUNDS: "The bank says that there was not enough money on the account.",
        FailureCause.LIMIT_EXCEEDED: "The bank says that the limit of the card was reached.",
        FailureCause.DECLINED: "The bank declined the payment without saying why.",
        FailureCause.AUTHENTICATION_REQUIRED: (
            "Your bank wants you to confirm this payment yourself, and will ask you when you pay."
        ),
        FailureCause.AUTHENTICATION_FAILED: "The payment was not confirmed with your bank.",
        FailureCause.PROVIDER_UNAVAILABLE: "The payment service could not take the payment. This is not your fault.",
        FailureCause.CANCELED: "The payment was cancelled before it was complete.",
        FailureCause.EXPIRED: "The payment was not completed in time.",
        FailureCause.COUPON_USED_UP: "The payment could not be completed.",
        FailureCause.CHARGE_HELD: "We have not charged you yet.",
    },
    confirm_subject="Please confirm the payment of invoice {number}",
    next_try="We will try again on {day}. You need not wait: you can pay now.",
    no_next_try="We will not try again by ourselves.",
    already_paid="Nothing is owed on it.",
    lifted="Everything that was restricted is yours again.",
    not_lifted=("Other invoices are still unpaid. What is restricted stays so until they are paid."),
    resolved_subject="Invoice {number} is settled",
    resolved="Nothing is owed on invoice {number} any more.",
    owed="What is owed",
    invoice="Invoice",
    due="Due",
    amount="Amount",
    total="Total",
    pay="Pay {amount}",
    pay_until=("This link works until {day}. It shows what is owed and is only for you: do not pass it on."),
    methods="Update your payment methods",
    methods_until="This link works until {day}, and lets in whoever has it: do not pass it on.",
    ignore="If you have just paid, there is nothing left to do.",
    regards="Kind regards",
    why="You get this message because {sender} bills you.",
)
