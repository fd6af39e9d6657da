"""Console: one way to print, beautiful in a terminal and plain in a pipe.

Owns the two consoles and the error that ends a command with one clear line. Does not own what is printed.
"""

import sys

from rich.console import Console
from rich.theme import Theme

WIDTH_MAX = 100
PLAIN_WIDTH = 120
USAGE = 2
FAILED = 1

THEME = Theme(
    {
        "title": "bold cyan",
        "good": "bold green",
        "bad": "bold red",
        "warn": "bold yellow",
        "quiet": "dim",
        "name": "bold",
        "money": "green",
        "time": "cyan",
    }
)


class CommandError(Exception):
    """A command cannot go on; the message is one line that says what to do. `code` is the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


def make_console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal, up to 100 columns; in a pipe without colour and 120 wide."""
    console = Console(theme=THEME, stderr=stderr, highlight=False)
    stream = sys.stderr if stderr else sys.stdout
    console.width = min(console.width, WIDTH_MAX) if stream.isatty() else PLAIN_WIDTH
    return console


out = make_console()
err = make_console(stderr=True)
