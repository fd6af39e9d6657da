"""Store: the only package that speaks SQL, and the embedded PostgreSQL server.

Owns the schema, its migrations, and one module per table group. Does not own decisions (`core`) nor the order
of I/O (`flows`).
"""
