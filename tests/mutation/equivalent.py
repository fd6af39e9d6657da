"""Equivalent: rules without which nothing that can be seen would differ, each with the reason.

Owns the list. A rule that is named here and that some test misses after all, or that is no longer there, fails
``make mutate``, so that the list stays true.
"""

SHORTCUT = "a shortcut for nearly everybody: without it the same is found the long way"
TOGETHER = "a failure has a cause and a time, or there was none: either question answers both"

# The function, and the rule in the words of `mutants`; why it may be turned off.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("solvent.core.dunning.decide", "if not assessment.owed → never"): SHORTCUT,
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
        "solvent.core.settlement._judge_finished",
        "if past.issued is None → never",
    ): "no invoice has no id: looking for it finds none either",
    ("solvent.core.health._chances", "if not owed → never"): SHORTCUT,
    ("solvent.core.health._chances", "if grants → always"): SHORTCUT,
    ("solvent.core.health._charge_with", "if not owed → never"): SHORTCUT,
    ("solvent.core.health._compared", "if verdict.drifted → always"): SHORTCUT,
    (
        "solvent.core.health.assess",
        "if not (verdict.drifted or snapshot.in_effect or snapshot.witness is not None) → never",
    ): SHORTCUT,
    ("solvent.core.health._next_charge", "or tries.last_cause is None → left out"): TOGETHER,
    ("solvent.core.health._next_charge", "or tries.last_at is None → left out"): TOGETHER,
    ("solvent.core.valves.restrained", "if flying is None and restraint.free → never"): SHORTCUT,
}
