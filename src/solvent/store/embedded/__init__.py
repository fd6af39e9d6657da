"""One PostgreSQL server as our own supervised child process, so that one command runs everything.

Owns: finding server binaries, the layout and owner of the data directory, starting, stopping and taking over
after a crash. Does not own the schema, nor any server that `SOLVENT_DATABASE_URL` names: then none of this runs.
Why and how it was chosen: docs/decisions/0001-embedded-postgresql.md.
"""

from solvent.store.embedded.binaries import Binaries, find_binaries
from solvent.store.embedded.errors import DataDirectoryInUse, EmbeddedServerError
from solvent.store.embedded.places import default_home
from solvent.store.embedded.server import EmbeddedServer

__all__ = [
    "Binaries",
    "DataDirectoryInUse",
    "EmbeddedServer",
    "EmbeddedServerError",
    "default_home",
    "find_binaries",
]
