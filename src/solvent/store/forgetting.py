"""Forgetting: what a crash of the database may forget, so that nobody waits for its disk.

Owns one condition. A statement that has it writes leases and ends of leases, and so does its whole transaction: losing
them means that a queue's entry is looked at once more, which changes nothing (L5, L6). It never stands in a transaction
that writes a fact, an entry of a queue, or a word to anybody outside
([decision 0073](../../../docs/decisions/0073-leases-may-be-forgotten.md)).
"""

# Asked once a statement, whatever it finds. What another transaction writes later and waits for takes it to the disk
# too: the log is written in order.
FORGETTABLE = "(select set_config('synchronous_commit', 'off', true)) is not null"
