"""The command line of operators: `solvent operators <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.operators`) nor others (`cli`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

operators_app = typer.Typer(no_args_is_help=True, help="People who may use the dashboard.")

_Json = Annotated[bool, typer.Option("--json", help="For programs.")]
_Email = Annotated[str, typer.Argument(help="The e-mail address by which they are known.")]
_Role = Annotated[str, typer.Option(help="owner, admin, billing, support or read_only.")]


@operators_app.command("list")
def operators_list(as_json: _Json = False) -> None:
    """Print who may sign in, and as what."""
    from solvent.commands import operators  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in operators.lines(solvent, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@operators_app.command("add")
def operators_add(email: _Email, role: _Role) -> None:
    """Let somebody sign in at the identity provider, or as something else than before."""
    from solvent.commands import operators  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(operators.add(solvent, email, role), markup=False, soft_wrap=True)


@operators_app.command("remove")
def operators_remove(email: _Email) -> None:
    """Let somebody sign in no more, and end their sessions."""
    from solvent.commands import operators  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(operators.remove(solvent, email), markup=False, soft_wrap=True)


@operators_app.command("link")
def operators_link(
    email: _Email, role: Annotated[str | None, typer.Option(help="For somebody new.")] = None
) -> None:
    """Print a link that lets somebody in once, within a quarter of an hour, without an identity provider."""
    from solvent.commands import operators  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in operators.link(solvent, email, role):
            out.print(line, markup=False, soft_wrap=True)
