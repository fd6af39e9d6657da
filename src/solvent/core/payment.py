"""Payment: what an attempt to move money is, how it can end, and what proves that a commit may happen.

Owns the closed vocabularies (outcome, failure cause, next action, proof) and the attempt's transition table.
Does not own any provider's words (adapters translate) nor the decision what follows an outcome (`settlement`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.phrase import Text


class Path(StrEnum):
    """The five payment paths; they differ only in who confirms."""

    PURCHASE = "purchase"
    CHANGE = "change"
    RENEWAL = "renewal"
    FINALISATION = "finalisation"
    COLLECTION = "collection"


class Outcome(StrEnum):
    """How an attempt stands, as the provider said it; whatever an adapter does not recognise is UNKNOWN."""

    SUCCEEDED = "succeeded"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Authentication(StrEnum):
    """Whether the payer of what is sold is authenticated on-session (3-D Secure, an app): the provider decides by its
    own rules and the law, it is asked to where it can, or nobody pays without. The later one is the stricter."""

    AUTOMATIC = "automatic"
    PREFERRED = "preferred"
    REQUIRED = "required"


def strictest(demands: Iterable[Authentication]) -> Authentication:
    """The strictest of some demands; AUTOMATIC where there are none."""
    order = list(Authentication)
    return max(demands, key=order.index, default=Authentication.AUTOMATIC)


class CauseClass(StrEnum):
    """What a failure means for the next step: the only thing that dunning looks at."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    ACTION_NEEDED = "action_needed"
    OUTAGE = "outage"
    ABANDONED = "abandoned"


class FailureCause(StrEnum):
    """Why money did not move."""

    CARD_EXPIRED = "card_expired"
    CARD_LOST = "card_lost"
    CARD_INVALID = "card_invalid"
    ACCOUNT_CLOSED = "account_closed"
    AGREEMENT_REVOKED = "agreement_revoked"
    FRAUD_SUSPECTED = "fraud_suspected"
    NO_METHOD = "no_method"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    DECLINED = "declined"
    AUTHENTICATION_REQUIRED = "authentication_required"
    AUTHENTICATION_FAILED = "authentication_failed"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    CANCELED = "canceled"
    EXPIRED = "expired"
    COUPON_USED_UP = "coupon_used_up"
    CHARGE_HELD = "charge_held"  # nobody was asked: support holds charges of the account


CAUSE_CLASS: Mapping[FailureCause, CauseClass] = {
    FailureCause.CARD_EXPIRED: CauseClass.PERMANENT,
    FailureCause.CARD_LOST: CauseClass.PERMANENT,
    FailureCause.CARD_INVALID: CauseClass.PERMANENT,
    FailureCause.ACCOUNT_CLOSED: CauseClass.PERMANENT,
    FailureCause.AGREEMENT_REVOKED: CauseClass.PERMANENT,
    FailureCause.FRAUD_SUSPECTED: CauseClass.PERMANENT,
    FailureCause.NO_METHOD: CauseClass.PERMANENT,
    FailureCause.INSUFFICIENT_FUNDS: CauseClass.TRANSIENT,
    FailureCause.LIMIT_EXCEEDED: CauseClass.TRANSIENT,
    FailureCause.DECLINED: CauseClass.TRANSIENT,
    FailureCause.AUTHENTICATION_REQUIRED: CauseClass.ACTION_NEEDED,
    FailureCause.AUTHENTICATION_FAILED: CauseClass.ACTION_NEEDED,
    FailureCause.PROVIDER_UNAVAILABLE: CauseClass.OUTAGE,
    FailureCause.CANCELED: CauseClass.ABANDONED,
    FailureCause.EXPIRED: CauseClass.ABANDONED,
    FailureCause.COUPON_USED_UP: CauseClass.ABANDONED,
    FailureCause.CHARGE_HELD: CauseClass.ABANDONED,
}


class ActionKind(StrEnum):
    """What the customer must still do."""

    CONFIRM = "confirm"
    REDIRECT = "redirect"
    MANDATE = "mandate"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The one shape in which a customer's remaining step is told, for every provider.

    `client_secret` and `url` let whoever has them act for the customer: they are for the customer alone, are no part
    of the value's `repr`, and must not reach a log or the journal. `instructions` say in words what is to be done
    where no page does it, e.g. where to transfer the money.
    """

    provider: str
    attempt_id: UUID
    kind: ActionKind
    expires_at: datetime
    client_secret: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    instructions: Text | None = None

    @property
    def bare(self) -> "NextAction":
        """What is kept of it: that something is to be done, and not what lets somebody do it."""
        return replace(self, client_secret=None, url=None)

    @property
    def lacks(self) -> bool:
        """Whether the customer needs more than this to act."""
        return self.kind is not ActionKind.NONE and self.client_secret is None and self.url is None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultedMethod:
    """A collection method as the provider keeps it: a token, never the card itself. `expires_on` is the last day on
    which it works, where the provider says so."""

    provider: str
    token: str
    kind: str
    label: str
    off_session: bool
    fingerprint: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSeen:
    """What a provider says of a vaulted method now: how people know it, and its last day."""

    label: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    """What a provider last said of an attempt, and when we heard it (UTC)."""

    outcome: Outcome
    at: datetime
    cause: FailureCause | None = None

    def same(self, other: "ProviderView | None") -> bool:
        """Whether another says the same, whenever it was said."""
        return other is not None and (self.outcome, self.cause) == (other.outcome, other.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider says of one attempt. `amount` is what moved or would move, in minor units.

    `key` is the id of our attempt, `ref` the provider's own name for it. A setup moves nothing: amount 0. `unmapped` is
    a word of the provider that its adapter has no translation for: a status (then the outcome is UNKNOWN), or the
    reason of an explicit failure (then the cause is DECLINED, or PROVIDER_UNAVAILABLE if it is not about the payer).
    `unheard`: not the provider's word but what we make of its never having heard of the attempt, so it ends only one
    that still has no ref. `ours`: nobody was asked, it says what follows without a provider.
    Raises ValueError for money that moved without a name: nobody could tell it from the same money reported again.
    """

    outcome: Outcome
    key: UUID
    ref: str | None = None
    amount: int = 0
    currency: str | None = None
    cause: FailureCause | None = None
    action: NextAction | None = None
    method: VaultedMethod | None = None
    unmapped: str | None = None
    unheard: bool = False
    ours: bool = False

    def view(self, at: datetime) -> ProviderView | None:
        """What the provider said; None where these are not its words, or it said nothing."""
        silent = self.outcome is Outcome.UNKNOWN and self.unmapped is None
        if self.ours or self.unheard or silent:
            return None
        return ProviderView(outcome=self.outcome, cause=self.cause, at=at)

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError(f"attempt {self.key}: a report of a negative amount, {self.amount}")
        if self.outcome is Outcome.SUCCEEDED and self.amount and self.ref is None:
            raise ValueError(f"attempt {self.key}: money without a provider's reference")


class AttemptState(StrEnum):
    """Where an attempt is in the six steps. Only COMMITTED and RETURNED have touched committed state."""

    OPENING = "opening"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    FAILED = "failed"
    COMMITTED = "committed"
    RETURNED = "returned"


IN_FLIGHT = frozenset(
    {
        AttemptState.OPENING,
        AttemptState.REQUIRES_ACTION,
        AttemptState.PROCESSING,
        AttemptState.UNKNOWN,
    }
)

TRANSITIONS: Mapping[AttemptState, frozenset[AttemptState]] = {
    state: frozenset(AttemptState) - {state, AttemptState.OPENING} for state in IN_FLIGHT
} | {
    AttemptState.FAILED: frozenset({AttemptState.COMMITTED, AttemptState.RETURNED}),
    AttemptState.COMMITTED: frozenset(),
    AttemptState.RETURNED: frozenset(),
}


class ProofKind(StrEnum):
    """The recorded fact that lets a commit happen."""

    PAYMENT = "payment"
    NOTHING_DUE = "nothing_due"
    CREDIT = "credit"
    TRIAL = "trial"
    TERMS = "terms"
    GRACE = "grace"


class ExternalMethod(StrEnum):
    """How money came that no provider took; the ledger keeps each as it keeps a provider's."""

    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    OTHER = "other"


class ReturnedRefund(StrEnum):
    """What becomes of a refund that its provider said had succeeded and that came back: it is asked for once more, or
    the money is account credit at once."""

    CREDIT = "credit"
    RETRY = "retry"


class StaleMoney(StrEnum):
    """What becomes of money that arrives for a plan that no longer applies: a forward fact, by policy."""

    REPLAN = "replan"
    CREDIT = "credit"
    REFUND = "refund"
