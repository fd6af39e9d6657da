"""The catalog of metrics and spans: every name, unit, label and meaning.

Owns the words; `docs/observability.md` has the same table, and a test holds the two together. Labels come from closed
sets (states, causes, providers, endpoints) and never name a customer, so that the number of series stays bounded.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric, by its name in OpenTelemetry; Prometheus says it with underscores, and a unit or `_total` behind."""

    name: str
    means: str
    labels: tuple[str, ...] = ()
    unit: str = "1"


ATTEMPTS = Metric(
    name="solvent.attempts.ended",
    means="attempts that came to an end",
    labels=("provider", "method", "path", "session", "state", "cause"),
)
WAITED = Metric(
    name="solvent.attempts.duration",
    means="how long attempts took from their recording to their end, of those that took a second or longer",
    labels=("path", "state"),
    unit="s",
)
CALLS = Metric(
    name="solvent.provider.call.duration",
    means="calls to a provider, by how they ended",
    labels=("provider", "ended"),
    unit="s",
)
WORK = Metric(
    name="solvent.work.duration", means="batches of a queue that a worker took", labels=("work",), unit="s"
)
DONE = Metric(name="solvent.work.done", means="entries of a queue that a worker dealt with", labels=("work",))
FAILURES = Metric(
    name="solvent.work.failures",
    means="batches of a queue that raised, and are tried again",
    labels=("work",),
)
REQUESTS = Metric(
    name="solvent.http.request.duration", means="requests answered", labels=("endpoint", "status"), unit="s"
)

COUNTERS = (ATTEMPTS, DONE, FAILURES)
HISTOGRAMS = (WAITED, CALLS, WORK, REQUESTS)

GAUGES = (
    Metric(name="solvent.attempts.open", means="attempts whose end is not known yet", labels=("state",)),
    Metric(name="solvent.attempts.oldest", means="age of the oldest of them", labels=("state",), unit="s"),
    Metric(name="solvent.refunds.open", means="refunds that have not ended", labels=("state",)),
    Metric(name="solvent.refunds.oldest", means="age of the oldest of them", labels=("state",), unit="s"),
    Metric(name="solvent.disputes.open", means="disputes that are not decided", labels=("state",)),
    Metric(name="solvent.disputes.oldest", means="age of the oldest of them", labels=("state",), unit="s"),
    Metric(
        name="solvent.registrations.open",
        means="names that were paid for and are not registered",
        labels=("state",),
    ),
    Metric(
        name="solvent.registrations.oldest", means="age of the oldest of them", labels=("state",), unit="s"
    ),
    Metric(
        name="solvent.stuck", means="what has been in an intermediate state for too long", labels=("kind",)
    ),
    Metric(name="solvent.queue.depth", means="entries of a queue that are due", labels=("queue",)),
    Metric(
        name="solvent.queue.lag",
        means="how long the oldest of them has been due",
        labels=("queue",),
        unit="s",
    ),
    Metric(name="solvent.put_off", means="entries that could not be worked on", labels=("queue",)),
    Metric(name="solvent.notifications.parked", means="notifications put aside", labels=("provider",)),
    Metric(
        name="solvent.provider.unmapped",
        means="words of a provider that its adapter could not translate, so far",
        labels=("provider",),
    ),
    Metric(
        name="solvent.gate.passed",
        means="changes without a method on file that a soft gate let through, so far",
        labels=("path",),
    ),
    Metric(name="solvent.webhooks.waiting", means="events that endpoints have not taken yet"),
    Metric(
        name="solvent.webhooks.oldest",
        means="how long the oldest of them has waited; what is replayed waits since then",
        unit="s",
    ),
    Metric(name="solvent.webhooks.endpoints", means="webhook endpoints", labels=("state",)),
    Metric(name="solvent.events.behind", means="events that a sink has not been given", labels=("sink",)),
    Metric(name="solvent.poll.age", means="since a provider was last polled", labels=("provider",), unit="s"),
    Metric(
        name="solvent.poll.failures",
        means="how often a provider's poll or statement failed since it last answered",
        labels=("provider", "what"),
    ),
    Metric(name="solvent.workers.alive", means="workers that hold buckets"),
    Metric(
        name="solvent.invoices.owed",
        means="invoices on which something is owed",
        labels=("state", "currency"),
    ),
    Metric(
        name="solvent.invoices.debt",
        means="what is owed on them, in minor units",
        labels=("state", "currency"),
        unit="{minor_unit}",
    ),
    Metric(
        name="solvent.bad_debt.moved",
        means="movements into bad debt and out of it, so far",
        labels=("direction", "reason", "currency"),
    ),
    Metric(
        name="solvent.bad_debt.amount",
        means="what they came to, in minor units",
        labels=("direction", "reason", "currency"),
        unit="{minor_unit}",
    ),
    Metric(
        name="solvent.drift.accounts",
        means="accounts in which stores contradict each other, by kind and by how long it has been seen",
        labels=("kind", "age"),
    ),
    Metric(
        name="solvent.drift.oldest",
        means="how long the oldest of it has been seen",
        labels=("kind",),
        unit="s",
    ),
    Metric(
        name="solvent.engine.left",
        means="for how many more accounts a consequence that has a cap may begin in the present window",
        labels=("consequence",),
    ),
    Metric(
        name="solvent.engine.waiting",
        means="accounts for which such a consequence waits for its turn",
        labels=("consequence",),
    ),
    Metric(name="solvent.law.violations", means="violations when last measured", labels=("law",)),
    Metric(name="solvent.kpi", means="figures of `GET /v1/kpis` when last measured", labels=("figure",)),
    Metric(name="solvent.kpi.age", means="since they were measured", unit="s"),
)

# A request is a span of its own, named by its method and route.
FLOWS = (
    "accept_dispute",
    "advance_clock",
    "ask_providers",
    "assess",
    "cart_edit",
    "cart_show",
    "charge",
    "checkout_complete",
    "checkout_pay",
    "collect_debts",
    "confirm",
    "detach_method",
    "examine",
    "finalise",
    "forgive",
    "give_credit",
    "give_up",
    "import_method",
    "ingest_usage",
    "issue_credit_note",
    "issue_draft",
    "learn_dispute",
    "look_across",
    "notify",
    "notify_keep",
    "open_attempt",
    "open_change",
    "open_quoted",
    "quote",
    "read_whole",
    "reconcile",
    "recompute",
    "record_assessments",
    "record_look",
    "record_receipt",
    "record_receipts",
    "refund_credit",
    "refund_payment",
    "settle",
    "settle_refunds",
    "stop_attempt",
    "submit_evidence",
    "sweep_bucket",
    "try_policies",
    "upcoming_invoice",
    "void_credit",
)
CALLED = (
    "open",
    "charge",
    "confirm",
    "get",
    "payments_of",
    "cancel",
    "refund",
    "get_refund",
    "detach",
    "get_method",
    "refunds_since",
    "reports_since",
    "disputes_since",
    "movements_since",
    "get_dispute",
    "submit_evidence",
    "accept_dispute",
    "keep",
    "keep_customer",
)
WORKED = (
    "process",
    "resolve",
    "renew",
    "bill_usage",
    "refund",
    "register",
    "look_at_methods",
    "recompute",
    "look",
    "poll",
    "statement",
)
STEPS = ("recompute.read", "recompute.assess")
HANDED_ON = ("mail.send", "relay.hand_over", "webhook.tell")
SPANS = (
    *(f"work.{name}" for name in WORKED),
    *(f"flow.{name}" for name in FLOWS),
    *STEPS,
    *HANDED_ON,
    *(f"provider.{name}" for name in CALLED),
)
