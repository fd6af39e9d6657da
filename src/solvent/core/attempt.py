"""Attempt: one try to move money for one plan, as the journal holds it.

Owns the journal's value. Does not own the vocabulary of outcomes (`payment`) nor what follows one (`settlement`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from solvent.core.change import Change
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause, NextAction, ProviderView
from solvent.core.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One row of the journal.

    `key` is the caller's idempotency key (`input_hash` what came with it), the provider's is `id`. `look_at` is a
    lease while a caller works on the attempt, then the janitor's next look; None once the attempt has finished.
    `method_kind` is the kind of method that the customer chose to bring, if any; `charged_kind` that of the method on
    file that is charged, or that the provider has told of. `provider_view` is what the provider last said of it.
    `return_url` is where a provider sends
    the customer back to after a redirect. `issued` is the invoice that its commit issued, for whoever has just made
    that commit: who reads the journal has to look it up.
    """

    id: UUID
    account_id: UUID
    plan: Plan
    state: AttemptState
    off_session: bool
    created_at: datetime
    expires_at: datetime
    look_at: datetime | None
    key: str | None = None
    input_hash: bytes | None = None
    request: Change | None = None
    provider: str | None = None
    method_id: UUID | None = None
    method_token: str | None = None
    method_kind: str | None = None
    return_url: str | None = None
    ref: str | None = None
    action: NextAction | None = None
    cause: FailureCause | None = None
    tries: int = 0
    charged_kind: str | None = field(default=None, compare=False)
    provider_view: ProviderView | None = field(default=None, compare=False)
    issued: UUID | None = field(default=None, compare=False)

    @property
    def in_flight(self) -> bool:
        """Whether the attempt may still succeed as far as we know."""
        return self.state in IN_FLIGHT

    @property
    def paid_by(self) -> str | None:
        """The kind of method that moves the money, as far as it is known."""
        return self.charged_kind or self.method_kind

    @property
    def needs_provider(self) -> bool:
        """Whether a provider has a part in it: money is due, or a mandate must be confirmed."""
        return self.plan.due > 0 or self.plan.needs_setup
