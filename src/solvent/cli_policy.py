"""The commands of policies: what follows when something is not paid.

Owns their names, options and help. Does not own what they do (`commands.policy`).
"""

from pathlib import Path
from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Policies in YAML, or folders of them; without any, those that come with Solvent."),
]

policy_app = typer.Typer(no_args_is_help=True, help="What follows when something is not paid.")


@policy_app.command("check")
def check(files: Files = None) -> None:
    """Prove that policies answer every case exactly once, and print their ladders as tables.

    Every kind of cause, product, amount and age has one answer, and every rung can be left again by paying. Needs
    no database. Exits 2 and names each field and rule that does not hold.
    """
    from solvent.commands import policy  # noqa: PLC0415 - what only some commands need is loaded by them

    for file in policy.files_of(files or [policy.SHIPPED]):
        for part in policy.tables(policy.read(file)):
            out.print(part)


@policy_app.command("apply")
def apply(files: Files = None) -> None:
    """Let policies hold from now on, or from the moment that a file says. Applying one again changes nothing.

    What is decided stays: an edition is never changed, and none begins in the past. Without a file, those that come
    with Solvent are applied.
    """
    from solvent.commands import policy  # noqa: PLC0415 - as above

    found = [(file, policy.read(file)) for file in policy.files_of(files or [policy.SHIPPED])]
    with built() as solvent:
        changed = policy.apply(solvent.database, found, solvent.clock())
    for line in changed or ["nothing to change"]:
        out.print(line, markup=False, soft_wrap=True)


@policy_app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="A policy in YAML.")],
    since: Annotated[
        str | None,
        typer.Option(help="From when on, e.g. 2027-01-01T00:00:00Z; left out: 90 days before the end."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before when; left out: now.")] = None,
    accounts: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many accounts that differ are named.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: amounts in minor units.")] = False,
) -> None:
    """Try a policy on recorded history: who would have been retried, restricted, suspended, given up, recovered.

    Compared with the policies in effect at the time, walked in the same way. What was paid was paid when it really
    was, and a further try would have failed as the last one did. Changes nothing.
    """
    from solvent.commands import policy, policy_trial  # noqa: PLC0415 - as above
    from solvent.commands.export import instant  # noqa: PLC0415 - as above

    found = policy.read(file)
    with built() as solvent:
        window = policy_trial.window_of(
            None if since is None else instant(since, "--since"),
            None if until is None else instant(until, "--until"),
            solvent.clock(),
        )
        compared = policy_trial.trial(solvent, found, window, accounts)
    if as_json:
        out.print(policy_trial.as_json(found, compared), markup=False, highlight=False, soft_wrap=True)
        return
    for part in policy_trial.tables(found, compared):
        out.print(part)
