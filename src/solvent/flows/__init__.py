"""Flows: the only code that orders input and output.

Owns the six steps as short lists of named steps over batches. Each records, calls, records: no transaction is open
while a provider is called. Does not own decisions (they are pure, in `core`) nor SQL (`store`).
"""
