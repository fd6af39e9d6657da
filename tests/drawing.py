"""Drawing: how many examples a property draws.

Owns that number: each property says its own, `make soak` asks for as many times more as ``SOLVENT_DRAWS`` says.
"""

import os

TIMES = int(os.environ.get("SOLVENT_DRAWS", "1"))


def examples(each: int) -> int:
    """So many examples, and in the long job a multiple of them."""
    return each * TIMES
