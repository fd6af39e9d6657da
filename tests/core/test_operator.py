"""Operators: what each role may do, and which addresses they may have."""

from __future__ import annotations

from uuid import UUID

import pytest

from solvent.core.operator import ABILITIES, Ability, Operator, Role, broken_email_rule

TABLE = """
            look  help  credit  steer  audit  people
owner       yes   yes   yes     yes    yes    yes
admin       yes   yes   no      yes    yes    no
billing     yes   yes   yes     no     no     no
support     yes   yes   no      no     no     no
read_only   yes   no    no      no     no     no
"""


def test_the_table_of_roles() -> None:
    names, *rows = (line.split() for line in TABLE.strip().splitlines())
    told = {
        (Role(role), Ability(ability)): word == "yes"
        for role, *words in rows
        for ability, word in zip(names, words, strict=True)
    }
    assert len(told) == len(Role) * len(Ability)
    for (role, ability), allowed in told.items():
        operator = Operator(id=UUID(int=1), email="eve@merchant.example", role=role)
        assert operator.may(ability) is allowed, (role, ability)
    assert set(ABILITIES) == set(Role)


@pytest.mark.parametrize("email", ["eve@merchant.example", "owner@localhost", "e+v@a.b.example"])
def test_an_address_of_an_operator(email: str) -> None:
    assert broken_email_rule(email) is None


@pytest.mark.parametrize(
    "email",
    ["", "eve", "@a.example", "eve@", "eve@host", "e v@a.example", "@localhost", f"{'e' * 200}@a.example"],
)
def test_what_is_none(email: str) -> None:
    assert broken_email_rule(email) is not None
