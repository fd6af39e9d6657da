"""Customers: a provider that keeps who our accounts are, and is told when that changes.

Owns what telling it must do. Does not own when it is told (`solvent.customers`).
"""

from uuid import UUID, uuid4

import pytest

from solvent.ports.customers import Customer, CustomerKeeper
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.conformance.stage import Fault, Stage, pay


class Customers:
    """What every adapter must do whose table says `keeps_customers`."""

    def test_a_name_and_an_email_are_kept_once_and_what_is_on_file_stays(self, stage: Stage) -> None:
        ada = _came(stage)
        paid = pay(stage, customer=ada)
        for _ in range(2):
            _keeper(stage).keep_customer(_called("Ada", ada))
        assert list(stage.known(ada)) == [("Ada", "ada@example.com")]
        assert paid.method is None or stage.provider.get_method(paid.method.token) is not None

    def test_what_is_told_last_counts_and_is_of_that_account_alone(self, stage: Stage) -> None:
        ada, ben = _came(stage), _came(stage)
        for name, who in (("Ada", ada), ("Ben", ben), ("Ada Ltd", ada)):
            _keeper(stage).keep_customer(_called(name, who))
        assert list(stage.known(ada)) == [("Ada Ltd", "ada.ltd@example.com")]
        assert list(stage.known(ben)) == [("Ben", "ben@example.com")]

    def test_who_never_came_is_not_made_a_customer(self, stage: Stage) -> None:
        nobody = uuid4()
        _keeper(stage).keep_customer(_called("Nobody", nobody))
        assert list(stage.known(nobody)) == []

    @pytest.mark.parametrize("fault", Fault)
    def test_telling_meets_a_fault_and_is_done_once_it_is_over(self, stage: Stage, fault: Fault) -> None:
        ada = _came(stage)
        with stage.failing(fault), pytest.raises((ProviderDown, ProviderSilent)):
            _keeper(stage).keep_customer(_called("Ada", ada))
        _keeper(stage).keep_customer(_called("Ada", ada))
        assert list(stage.known(ada)) == [("Ada", "ada@example.com")]


def _came(stage: Stage) -> UUID:
    """An account that has paid there."""
    who = uuid4()
    pay(stage, customer=who)
    return who


def _called(name: str, account_id: UUID) -> Customer:
    email = f"{name.lower().replace(' ', '.')}@example.com"
    return Customer(account_id=account_id, name=name, email=email)


def _keeper(stage: Stage) -> CustomerKeeper:
    keeper = stage.provider
    assert isinstance(keeper, CustomerKeeper), "its table says that it keeps customers"
    return keeper
