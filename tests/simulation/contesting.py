"""Contesting: what payers do about payments at their banks, and what the merchant answers, each chosen by numbers.

Owns the acts of disputes in a merchant's life: wholes and parts, inquiries, evidence, decisions, reversals. Does
not own purchases and payments (`life`), nor the order of acts (a machine draws it).
"""

from collections.abc import Callable, Mapping

from solvent.core.dispute import Dispute, Evidence
from solvent.flows.disputes import accept, submit_evidence
from solvent.providers.sandbox import Bank
from solvent.store.dispute_reads import DisputeReads, Which
from tests.simulation.crashing import Mishap
from tests.simulation.life import Life, pick

REASONS = ("fraudulent", "general", "duplicate", "not_received")
FEES = (0, 1_500)


def opens(life: Life, number: int) -> None:
    """A payer contests a charge, all of it or a part, or only asks about it."""
    bank = _bank(life, number)
    charge = pick(list(bank._book.charges.values()), number // 2)
    if charge is not None:
        part = 1 + (charge.amount - 1) * (number % 10) // 10
        bank.open_dispute(
            charge.ref,
            life.world.now,
            amount=part if number % 3 else None,
            reason=REASONS[number % len(REASONS)],
            fee=FEES[number % len(FEES)],
            inquiry=number % 5 == 0,
        )


def escalates(life: Life, number: int) -> None:
    """An inquiry becomes a dispute, or evidence is asked for once more."""
    _move(life, number, lambda bank, ref: bank.escalate_dispute(ref, life.world.now))


def wins(life: Life, number: int) -> None:
    """The bank decides for the merchant, be it that it decided otherwise before."""
    _move(life, number, lambda bank, ref: bank.close_dispute(ref, True, life.world.now))


def loses(life: Life, number: int) -> None:
    """The bank decides for the payer."""
    _move(life, number, lambda bank, ref: bank.close_dispute(ref, False, life.world.now))


def withdraws(life: Life, number: int) -> None:
    """The payer gives up."""
    _move(life, number, lambda bank, ref: bank.withdraw_dispute(ref, life.world.now))


def _move(life: Life, number: int, act: Callable[[Bank, str], object]) -> None:
    bank = _bank(life, number)
    dispute = pick(list(bank._book.disputes.values()), number // 2)
    if dispute is not None:
        act(bank, dispute.ref)


def _bank(life: Life, number: int) -> Bank:
    return life.bank("sandbox" if number % 2 else "sandpal")


BY_THE_PAYER: Mapping[str, Callable[[Life, int], None]] = {
    "opens": opens,
    "escalates": escalates,
    "wins": wins,
    "loses": loses,
    "withdraws": withdraws,
}


def answers(life: Life, number: int, mishap: Mishap | None) -> None:
    """The merchant submits evidence, or accepts what it knows of."""
    known = DisputeReads(life.world.database.pool).page(Which(undecided=True), None, 100)
    dispute: Dispute | None = pick([one.dispute for one in known], number // 2)
    if dispute is None:
        return
    with life.world.during(mishap):
        if number % 2:
            accept(life.world.platform, dispute, life.world.now)
        else:
            said = Evidence(statement="It was used.")
            submit_evidence(life.world.platform, dispute, said, life.world.now)
