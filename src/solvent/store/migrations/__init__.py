"""Migrations: the history of the schema, one step per file, run by Alembic through `store.schema`.

Owns the steps. A released step is never edited; a new one follows it. Does not own when they run.
"""
