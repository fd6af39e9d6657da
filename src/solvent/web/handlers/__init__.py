"""Handlers: one file per kind of thing, each with its endpoints.

Owns parsing, calling one flow or query, and presenting. Does not own decisions nor SQL.
"""
