"""What debt forbids beside changes: edits of the profile, by policy."""

from dataclasses import replace

from solvent.core.ladder import Unpaid
from solvent.core.policy import Policy
from solvent.core.restriction import PAY_FIRST, profile_refusals

FIELDS = ("country", "tax_id")


def test_each_field_is_refused_with_the_way_out_while_debt_restricts() -> None:
    refused = profile_refusals(FIELDS, Policy(), restricted=True)
    assert [(r.field, r.rule) for r in refused] == [("country", PAY_FIRST), ("tax_id", PAY_FIRST)]
    assert "pay-debt" in PAY_FIRST


def test_nothing_is_refused_otherwise_or_where_the_policy_allows_it() -> None:
    assert profile_refusals(FIELDS, Policy(), restricted=False) == ()
    assert profile_refusals(FIELDS, replace(Policy(), profile=Unpaid.ALLOWED), restricted=True) == ()
