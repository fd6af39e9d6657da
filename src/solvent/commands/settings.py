"""Settings: reading them with clear errors, and showing them all.

Owns the words about a setting that is wrong, the table of all settings, and which are secret. Does not own the
settings (`config`).
"""

from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError
from rich import box
from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.config import Settings

SECRET_WORDS = ("secret", "password", "token", "key")
HIDDEN = "(hidden)"


def load() -> Settings:
    """The settings from the environment; one that is wrong is named with its rule."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        if not first[
            "loc"
        ]:  # about several settings at once; what was given would show them all, secrets too
            raise CommandError(first["msg"].removeprefix("Value error, "), USAGE) from None
        name = ".".join(str(part) for part in first["loc"]).upper()
        raise CommandError(f"SOLVENT_{name}: {first['msg'].lower()}, got {first['input']!r}", USAGE) from None


def settings_table(settings: Settings) -> Table:
    """Every setting: its variable, its value, its default and what it means."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("variable", style="name", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("default", style="quiet")
    table.add_column("meaning")
    for name, field in Settings.model_fields.items():
        value, default = getattr(settings, name), field.default
        shown = shown_value(name, value)
        marked = shown if value == default else f"[good]{shown}[/]"
        table.add_row(f"SOLVENT_{name.upper()}", marked, shown_value(name, default), field.description or "")
    return table


def shown_value(name: str, value: object) -> str:
    """A value for people to see: secrets and passwords in addresses are hidden."""
    if value is None:
        return "–"
    if any(word in name for word in SECRET_WORDS):
        return HIDDEN
    return _without_password(str(value)) if name.endswith("_url") else str(value)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{HIDDEN}@{host}"))
