"""The stories: the five payment paths, and what can go wrong on them.

Owns the list, in the order in which the demo tells it. Does not own any story: each is a function in a module of its
kind. `tests/scenarios` plays the same stories.
"""

from collections.abc import Sequence

from solvent.sim.stories import crashes, dunning, duplicates, ordering, paths, plans, taxes
from solvent.sim.stories.story import Story

PATHS: Sequence[Story] = (
    Story(name="purchase", title="New subscription, with 3-D Secure", tell=paths.purchase),
    Story(name="upgrade", title="Upgrade in the middle of a month", tell=paths.upgrade),
    Story(name="renewal", title="Renewal, off-session", tell=paths.renewal),
    Story(name="manual-invoice", title="An invoice that the merchant writes", tell=paths.manual_invoice),
    Story(name="collection", title="A failed renewal: grace, retries, pay-now", tell=paths.collection),
)

FAILURES: Sequence[Story] = (
    Story(name="double-click", title="Double click", tell=duplicates.double_click),
    Story(name="two-tabs", title="Two tabs change the same subscription", tell=duplicates.two_tabs),
    Story(
        name="notification-thrice",
        title="Every notification three times",
        tell=duplicates.notification_thrice,
    ),
    Story(
        name="notification-first", title="Notification before the reply", tell=duplicates.notification_first
    ),
    Story(name="notification-late", title="Notification two days late", tell=duplicates.notification_late),
    Story(name="silence", title="Notifications stop arriving", tell=crashes.silence),
    Story(name="lost-reply", title="Reply lost after a successful charge", tell=crashes.lost_reply),
    Story(
        name="crash-before-commit", title="Crash between confirm and commit", tell=crashes.crash_before_commit
    ),
    Story(
        name="crash-before-publish",
        title="Crash between commit and publish",
        tell=crashes.crash_before_publish,
    ),
    Story(name="abandoned", title="Customer abandons in the middle of 3-D Secure", tell=ordering.abandoned),
    Story(name="late-but-wanted", title="Late success, plan still applies", tell=ordering.late_but_wanted),
    Story(name="late-and-stale", title="Late success, bought again meanwhile", tell=ordering.late_and_stale),
    Story(name="overtaken", title="Plan overtaken between plan and confirm", tell=ordering.overtaken),
    Story(
        name="renewal-meets-upgrade",
        title="Renewal beside an open upgrade",
        tell=ordering.renewal_meets_upgrade,
    ),
    Story(name="declined-upgrade", title="Upgrade declined", tell=ordering.declined_upgrade),
    Story(name="bank-debit", title="Bank debit, processing for days", tell=ordering.bank_debit),
    Story(name="odd-status", title="A status that nobody mapped", tell=ordering.odd_status),
    Story(
        name="pay-now-beside-retry",
        title="Pay-now beside a scheduled retry",
        tell=duplicates.pay_now_beside_retry,
    ),
    Story(
        name="pay-now-while-unknown",
        title="Pay-now while a retry is unknown",
        tell=duplicates.pay_now_while_unknown,
    ),
    Story(name="charged-twice", title="The bank charges twice", tell=duplicates.charged_twice),
    Story(
        name="expired-or-empty", title="Expired card versus insufficient funds", tell=dunning.expired_or_empty
    ),
    Story(name="outage", title="Provider down for an hour", tell=dunning.outage),
    Story(
        name="challenged-off-session", title="3-D Secure at a renewal", tell=dunning.challenged_off_session
    ),
    Story(name="unpaid-ends", title="Never paid: retries end, and so does service", tell=dunning.unpaid_ends),
    Story(name="last-method", title="Last card removed while in use", tell=dunning.last_method),
    Story(name="downgrade", title="Downgrade at the end of the period", tell=plans.downgrade),
    Story(name="credit", title="Cancel with credit, buy with credit", tell=plans.credit),
    Story(name="redirect", title="Another provider: approve and capture", tell=plans.redirect),
    Story(name="trial", title="Trial turns into a subscription", tell=plans.trial),
    Story(name="tax", title="Tax: a company abroad, and a consumer", tell=taxes.two_buyers),
)

STORIES: Sequence[Story] = (*PATHS, *FAILURES)
