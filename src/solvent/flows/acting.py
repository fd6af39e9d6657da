"""Acting: what a customer needs for the next step, which the journal does not keep.

Owns asking the provider anew for the client secret or the address of its page, for whoever may see them: the customer,
or the merchant who reads one change. Does not own what is remembered for a while (`actions`), nor any outcome: what the
provider says beside that is settled by return, notification or janitor.
"""

from dataclasses import replace

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.flows.platform import Platform, ask


def with_action(platform: Platform, attempt: Attempt) -> Attempt:
    """The attempt with all that its customer needs to act; as it is while its provider does not answer, or is not
    configured any more."""
    action = attempt.action
    if attempt.state is not AttemptState.REQUIRES_ACTION or action is None or not action.lacks:
        return attempt
    known = platform.actions.recall(attempt)
    if known is not None:
        return replace(attempt, action=known)
    if action.provider not in platform.providers.names():
        return attempt
    provider = platform.providers.get(action.provider)
    report = ask(attempt.id, lambda: provider.get(attempt.id, attempt.ref))
    if report is None or report.action is None:
        return attempt
    whole = replace(attempt, action=replace(report.action, expires_at=action.expires_at))
    platform.actions.remember(whole)
    return whole
