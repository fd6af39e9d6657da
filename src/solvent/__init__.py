"""Solvent: a billing platform that confirms payment before it commits state.

Owns the version only. The map of the packages is in docs/architecture.md.
"""

__version__ = "0.1.0"
