"""Agreement: whether Solvent's books and the banks' statements tell the same story.

Owns the comparison that only a simulation can make, because only there is the bank's own statement at hand: L3, seen
from outside. Does not own the laws within the database (`audit`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from solvent.audit import Finding
from solvent.sim.banks import PlayedBank
from solvent.store import figures
from solvent.store.database import Database


def agreement(database: Database, banks: Mapping[str, PlayedBank], buckets: Sequence[int]) -> list[Finding]:
    """Every charge at a bank is recorded exactly once, nothing is recorded that no bank knows, and cash agrees.

    Charges of attempts whose end Solvent does not know yet are left out, and so is the cash of such a bank.
    """
    pool = database.pool
    waiting = figures.in_flight(pool, buckets)
    parts: Counter[tuple[str, str, str]] = Counter()  # what pays several debts is recorded in parts
    for r in figures.receipts(pool, buckets):
        parts[r.provider, r.ref, r.currency] += r.amount
    recorded = Counter(
        (provider, ref, amount, currency) for (provider, ref, currency), amount in parts.items()
    )
    charged: Counter[tuple[str, str, int, str]] = Counter()
    unsettled: Counter[tuple[str, str]] = Counter()
    moved: Counter[tuple[str, str]] = Counter()
    for name, bank in banks.items():
        for row in bank.statement():
            moved[name, row.currency] += row.amount
            if row.kind == "charge" and UUID(hex=row.key) in waiting:
                unsettled[name, row.currency] += row.amount
            elif row.kind == "charge":
                charged[name, row.ref, row.amount, row.currency] += 1
    moved.subtract(unsettled)
    cash = figures.cash(pool, buckets)
    wrong_cash = sum(moved[key] != cash.get(key, 0) for key in {*moved, *cash})
    wrong_rows = sum(charged[key] != recorded[key] for key in {*charged, *recorded})
    return [
        Finding(law="L3", says="every charge at the bank is recorded exactly once", violations=wrong_rows),
        Finding(law="L3", says="the bank's balance is the ledger's cash", violations=wrong_cash),
    ]
