"""The table of the dashboard: which role sees which page, and which form is offered to whom.

Owns what the tests of the dashboard expect, cell by cell, written down apart from the rules in the code. A page or a
form of the route table that has no row here fails `tests/web/test_dashboard.py`. Does not own the tests.
"""

from __future__ import annotations

from collections.abc import Mapping

from solvent.core.operator import Role

ALL = frozenset(Role)
STEERERS = frozenset({Role.OWNER, Role.ADMIN})
HELPERS = ALL - {Role.READ_ONLY}
GIVERS = frozenset({Role.OWNER, Role.BILLING})

ACCOUNT = "/dashboard/accounts/{account_id}"
SEEN: Mapping[str, frozenset[Role]] = {
    "/dashboard": ALL,
    "/dashboard/payments": ALL,
    "/dashboard/debt": ALL,
    "/dashboard/trouble": ALL,
    "/dashboard/accounts": ALL,
    ACCOUNT: ALL,
    "/dashboard/policy": ALL,
    "/dashboard/engine": ALL,
    "/dashboard/audit": STEERERS,
    "/dashboard/people": frozenset({Role.OWNER}),
}
OFFERED: Mapping[str, frozenset[Role]] = {
    f"{ACCOUNT}/observe": ALL,
    f"{ACCOUNT}/recompute": HELPERS,
    f"{ACCOUNT}/hold": HELPERS,
    f"{ACCOUNT}/release": HELPERS,
    f"{ACCOUNT}/pay-link": HELPERS,
    f"{ACCOUNT}/credit": GIVERS,
    "/dashboard/policy": STEERERS,
    "/dashboard/engine": STEERERS,
    "/dashboard/people": frozenset({Role.OWNER}),
    "/dashboard/people/remove": frozenset({Role.OWNER}),
    "/dashboard/leave": ALL,
}
# Ways in, which have no session and so no role, and files.
OTHERS = frozenset(
    {
        "/dashboard/sign-in",
        "/dashboard/enter/{token}",
        "/dashboard/go",
        "/dashboard/signed-in",
        "/dashboard/papers/{document_id}.pdf",
    }
)
