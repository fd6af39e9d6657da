"""The commands of signing keys, beside those of API keys.

Owns their names, options and help. Does not own what they do (`commands.signing`).
"""

from typing import Annotated

import typer

from solvent.commands.console import out
from solvent.commands.parts import built


def add_to(keys_app: typer.Typer) -> None:
    """Put the commands of signing keys below `solvent keys`."""
    keys_app.command("rotate-signing")(rotate)
    keys_app.command("signing")(listed)


def rotate(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="The key signs now and all others are withdrawn: one of them is known to others.",
        ),
    ] = False,
) -> None:
    """Make the next key that signs entitlement tokens: published at once, it signs ten minutes later.

    The one before stays published until all its tokens have expired.
    """
    from solvent.commands import signing  # noqa: PLC0415 - what only some commands need is loaded by them

    with built() as solvent:
        out.print(signing.rotate(solvent, at_once=at_once), soft_wrap=True)


def listed() -> None:
    """Print the keys that sign entitlement tokens: which signs, which is next, which is still published."""
    from solvent.commands import signing  # noqa: PLC0415 - as above

    with built() as solvent:
        out.print(signing.signing_table(solvent))
