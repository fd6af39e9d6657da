"""Bench: figures beside their ceilings, by one command (``python -m bench``).

Owns a fresh database for every figure, the fleets it starts from, the loads, and the table that is printed. Measures
the code as users run it: nothing in `solvent` knows of it. What each figure means: docs/benchmarks.md.
"""

import sys
from pathlib import Path

# The client is a package of its own, which is measured as it lies here.
sys.path.append(str(Path(__file__).parents[1] / "clients" / "python"))
