"""Equivalent: rules without which nothing that can be seen would differ, each with the reason.

Owns the list. A rule that is named here and that some test misses after all, or that is no longer there, fails
``make mutate``, so that the list stays true.
"""

SHORTCUT = "a shortcut for nearly everybody: without it the same is found the long way"
TURN = "who has a turn comes with a new window or another cap, hence with another next look or another reason"
METHOD = "an attempt has a method with its token and its provider, or none: either question answers both"
TOGETHER = "a failure has a cause and a time, or there was none: either question answers both"

# The function, and the rule in the words of `mutants`; why it may be turned off.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("solvent.core.dunning.decide", "if not assessment.owed → never"): SHORTCUT,
    (
        "solvent.core.expiry.look",
        "and first is not None → left out",
    ): "what ends has a first look: the question is for the types",
    (
        "solvent.core.replay._moments",
        "filter moment < trial.window.until → all",
    ): "bounds the walk: what comes after the window is counted nowhere",
    (
        "solvent.core.replay._moments",
        "moment < trial.window.until → LtE",
    ): "the window's end is outside the window, whether or not the walk looks at it",
    (
        "solvent.core.replay._tries",
        "CAUSE_CLASS[last.cause] is CauseClass.OUTAGE → IsNot",
    ): "only tells two counts apart: exchanging their names changes neither",
    (
        "solvent.core.policy.longest",
        "if not (schedule.weekdays or schedule.paydays) → never",
    ): SHORTCUT,
    ("solvent.core.policy.longest", "or schedule.weekdays → left out"): SHORTCUT,
    ("solvent.flows.recompute.judged", "if not accounts → never"): SHORTCUT,
    ("solvent.flows.collect.with_holds", "if paying → always"): SHORTCUT,
    ("solvent.flows.collect.with_holds", "filter attempt.needs_provider → all"): SHORTCUT,
    ("solvent.flows.recompute._recomputed", "if drifting → always"): SHORTCUT,
    ("solvent.flows.recompute._recomputed", "if busy → always"): SHORTCUT,
    ("solvent.flows.recompute._recomputed", "if accounts → always"): SHORTCUT,
    ("solvent.flows.recompute._recomputed", "filter restless(a) or a.capped → all"): SHORTCUT,
    ("solvent.flows.recompute._look_again", "if drifting → always"): SHORTCUT,
    ("solvent.flows.recompute._permits", "filter a.capped → all"): "who waits for nothing draws nothing",
    ("solvent.flows.recompute._recomputed", "or a.account_id in permits → left out"): TURN,
    ("solvent.flows.recompute._recomputed", "or a.capped → left out"): TURN,
    (
        "solvent.flows.collect.charge_one",
        "or attempt.method_token is None → left out",
    ): METHOD,
    ("solvent.flows.collect.charge_one", "or attempt.provider is None → left out"): METHOD,
    (
        "solvent.core.settlement._judge_finished",
        "if past.issued is None → never",
    ): "no invoice has no id: looking for it finds none either",
    (
        "solvent.core.settlement._judge_success",
        "and only is not None → left out",
    ): "no invoice has no id: looking for it finds none either",
    ("solvent.core.valves.restrained", "if not flying and restraint.free → never"): SHORTCUT,
    ("solvent.core.valves.restrained", "filter o.in_flight or o.paying → all"): SHORTCUT,
    ("solvent.core.entitlement._left", "if not own → never"): SHORTCUT,
    ("solvent.core.comparing._of_entitlements", "if stored == wanted → never"): SHORTCUT,
    ("solvent.core.collecting.chances_of", "if grants → always"): SHORTCUT,
    ("solvent.core.collecting.charge_with", "if not owed → never"): SHORTCUT,
    ("solvent.core.health.assess", "if owed or grace → always"): SHORTCUT,
    ("solvent.core.health.assess", "if drifted → always"): SHORTCUT,
    (
        "solvent.core.health.assess",
        "if _suspect(snapshot, drifted or changed, owed) → always",
    ): SHORTCUT,
    ("solvent.core.collecting._next_charge", "or tries.last_cause is None → left out"): TOGETHER,
    ("solvent.core.collecting._next_charge", "or tries.last_at is None → left out"): TOGETHER,
    ("solvent.core.health._suspect", "and snapshot.witness.found != () → left out"): SHORTCUT,
}
