"""The payment-method gate: whether a change may begin without a method on file, path by path.

Owns the three settings of a gate, when one applies, and the rule that it must not be open on a path on which a provider
commits before the payment is confirmed. Does not own the settings' text (`config`) nor the counting (`flows`).

Solvent needs no gate: the method is a by-product of paying. It is for teams that migrate from a system that commits
first.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from solvent.core.payment import Path
from solvent.core.plan import Intent, Plan, Refusal

METHOD_REQUIRED = "payment_method"
WAY_OUT = "must be on file first: add one (POST /v1/accounts/{account_id}/methods), then ask again"


class Gate(StrEnum):
    """ON refuses, SOFT lets through, warns and counts, OFF does not look."""

    ON = "on"
    SOFT = "soft"
    OFF = "off"


Gates = Mapping[Path, Gate]
OPEN: Gates = dict.fromkeys(Path, Gate.OFF)


class UnsafeGate(ValueError):
    """A gate is off where a provider commits before the payment is confirmed."""


def parse(text: str) -> Gates:
    """``purchase=on,change=soft`` as gates, those that are left out being off; raises ValueError with the rule."""
    gates = dict(OPEN)
    for part in filter(None, (part.strip() for part in text.split(","))):
        path, _, gate = part.partition("=")
        if path not in set(Path) or gate not in set(Gate):
            raise ValueError(
                f"must be like purchase=on,change=soft with paths {', '.join(Path)} and gates {', '.join(Gate)}, "
                f"got {part!r}"
            )
        gates[Path(path)] = Gate(gate)
    return gates


def ensure_safe(gates: Gates, commits_first: Mapping[str, Collection[Path]]) -> None:
    """Raises `UnsafeGate` that names the first path and provider: there a change would be committed unpaid, for
    somebody who has nothing to pay with."""
    for provider, paths in commits_first.items():
        for path in Path:
            if path in paths and gates[path] is Gate.OFF:
                raise UnsafeGate(
                    f"payment_method_gate: must be on or soft for {path}, because {provider} commits there before "
                    f"the payment is confirmed; set {path}=on, or use {provider} in a mode that confirms first"
                )


def met(plan: Plan, gates: Gates, *, has_method: bool) -> Gate:
    """The gate that a plan meets: OFF where nothing has to be paid or set up, where a method is on file, and for
    whoever adds one, which is the way out."""
    if has_method or plan.intent is Intent.ADD_METHOD or not (plan.due or plan.needs_setup):
        return Gate.OFF
    return gates[plan.path]


def refusal() -> Refusal:
    """What a gate that is on answers."""
    return Refusal(field=METHOD_REQUIRED, rule=WAY_OUT)
