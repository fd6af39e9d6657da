"""``python -m solvent`` is the command line. Owns nothing but the call."""

from solvent.cli import app

app()
