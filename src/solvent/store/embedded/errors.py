"""What can be wrong with the embedded server, in words an operator can act on.

Owns the exception tree only.

    EmbeddedServerError            the server cannot be found, prepared, started or stopped
    └── DataDirectoryInUse         another live process holds this data directory
"""


class EmbeddedServerError(RuntimeError):
    """The server cannot be found, prepared, started or stopped; the message says what to do."""


class DataDirectoryInUse(EmbeddedServerError):
    """Another live process holds this data directory; the message names both."""
