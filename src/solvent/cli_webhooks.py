"""The command line of webhooks: `solvent webhooks <command>`.

Owns the names, options and help of these commands. Does not own what they do (`commands.webhooks`) nor others (`cli`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built

webhooks_app = typer.Typer(no_args_is_help=True, help="Endpoints of yours that are told of events.")

_Json = Annotated[bool, typer.Option("--json", help="For programs: as the API shows it.")]
_Endpoint = Annotated[str, typer.Argument(help="The endpoint's id, whe_…")]


@webhooks_app.command("list")
def webhooks_list(as_json: _Json = False) -> None:
    """Print all endpoints, with what waits for each and what was left failed."""
    from solvent.commands import webhooks  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        for line in webhooks.lines(solvent, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@webhooks_app.command("add")
def webhooks_add(
    url: Annotated[str, typer.Argument(help="Where events are posted to.")],
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Only events of this type; may be repeated.")
    ] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    as_json: _Json = False,
) -> None:
    """Tell an address of what happens from now on, and print the secret that signs."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in webhooks.add(solvent, url, type_ or [], description, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@webhooks_app.command("show")
def webhooks_show(
    endpoint: _Endpoint,
    state: Annotated[str | None, typer.Option(help="Only what is waiting, delivered or failed.")] = None,
    limit: Annotated[int, typer.Option(help="Show so many at most.", min=1, max=10_000)] = 50,
    as_json: _Json = False,
) -> None:
    """Print an endpoint and what it was told, the newest first, with what came of each."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in webhooks.show(solvent, endpoint, state=state, limit=limit, for_programs=as_json):
            out.print(line, markup=False, soft_wrap=True)


@webhooks_app.command("secret")
def webhooks_secret(endpoint: _Endpoint) -> None:
    """Print the secret that signs, and below it the one before while that is still valid."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        for line in webhooks.secret(solvent, endpoint):
            out.print(line, markup=False, soft_wrap=True)


@webhooks_app.command("rotate")
def webhooks_rotate(endpoint: _Endpoint) -> None:
    """Sign with another secret from now on, and print it; for 24 hours the one before signs too."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(webhooks.rotate(solvent, endpoint), markup=False, soft_wrap=True)


@webhooks_app.command("enable")
def webhooks_enable(endpoint: _Endpoint) -> None:
    """Tell it again, from where it stopped."""
    _move(endpoint, "enabled")


@webhooks_app.command("disable")
def webhooks_disable(endpoint: _Endpoint) -> None:
    """Tell it nothing until it is enabled again; what happens meanwhile waits."""
    _move(endpoint, "disabled")


@webhooks_app.command("delete")
def webhooks_delete(endpoint: _Endpoint) -> None:
    """Tell it nothing more, for good."""
    _move(endpoint, "deleted")


@webhooks_app.command("test")
def webhooks_test(endpoint: _Endpoint) -> None:
    """Post an event that did not happen, now, and print what came of it."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(webhooks.test(solvent, endpoint), markup=False, soft_wrap=True)


@webhooks_app.command("replay")
def webhooks_replay(
    endpoint: _Endpoint,
    hours: Annotated[int, typer.Option(help="What happened within so many hours.", min=1, max=87_600)] = 24,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what was left failed after all tries.")
    ] = False,
) -> None:
    """Tell it once more of what happened, under the same ids."""
    from solvent.commands import webhooks  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(webhooks.replay(solvent, endpoint, hours, failed_only=failed), markup=False)


def _move(endpoint: str, state: str) -> None:
    from solvent.commands import webhooks  # noqa: PLC0415 - as above
    from solvent.core.webhook import EndpointState  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(webhooks.move(solvent, endpoint, EndpointState(state)), markup=False)
