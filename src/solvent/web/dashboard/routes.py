"""Routes: every page and form of the dashboard, with the ability that each takes.

Owns their addresses. Does not own what happens behind them. They are no part of what the API's document describes.
"""

from collections.abc import Callable

from solvent.core.operator import Ability
from solvent.web.dashboard import accounts, debt, overview, papers, payments, policy, steering, trouble
from solvent.web.dashboard.desk import BASE, LEAVE
from solvent.web.dashboard.door import Door, Run
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.wiring import Solvent

FORM_BYTES_MAX = 128 * 1024

_ONE = f"{BASE}/accounts/{{account_id}}"
PAGES: tuple[tuple[str, str, Run, Ability], ...] = (
    (BASE, "Overview", overview.overview, Ability.LOOK),
    (f"{BASE}/payments", "Payments", payments.payments, Ability.LOOK),
    (f"{BASE}/debt", "Debt", debt.debt, Ability.LOOK),
    (f"{BASE}/trouble", "Trouble", trouble.trouble, Ability.LOOK),
    (f"{BASE}/accounts", "Accounts", accounts.search, Ability.LOOK),
    (_ONE, "Account", accounts.account, Ability.LOOK),
    (f"{BASE}/policy", "Policy", policy.policy, Ability.LOOK),
    (f"{BASE}/engine", "Engine", steering.engine, Ability.LOOK),
    (f"{BASE}/audit", "Audit", steering.audit, Ability.AUDIT),
    (f"{BASE}/people", "People", steering.people, Ability.PEOPLE),
)
FORMS: tuple[tuple[str, str, Run, Ability], ...] = (
    (f"{_ONE}/observe", "Observe", accounts.observe, Ability.LOOK),
    (f"{_ONE}/recompute", "Recompute", accounts.recompute_now, Ability.HELP),
    (f"{_ONE}/hold", "Hold", accounts.hold, Ability.HELP),
    (f"{_ONE}/release", "Release", accounts.release, Ability.HELP),
    (f"{_ONE}/pay-link", "PayLink", accounts.pay_link, Ability.HELP),
    (f"{_ONE}/credit", "Credit", accounts.credit, Ability.CREDIT),
    (f"{BASE}/policy", "TryPolicy", policy.try_it, Ability.STEER),
    (f"{BASE}/engine", "SetEngine", steering.set_engine, Ability.STEER),
    (f"{BASE}/people", "PutPerson", steering.put_person, Ability.PEOPLE),
    (f"{BASE}/people/remove", "RemovePerson", steering.remove_person, Ability.PEOPLE),
)


def endpoints(solvent: Solvent) -> tuple[Endpoint, ...]:
    """All of them."""
    door = Door(solvent)
    return (
        _route("GET", f"{BASE}/sign-in", "SignIn", door.sign_in),
        _route("GET", f"{BASE}/enter/{{token}}", "Enter", door.enter),
        _route("POST", f"{BASE}/enter/{{token}}", "Entered", door.entered),
        _route("GET", f"{BASE}/go", "GoToIdentity", door.go),
        _route("GET", f"{BASE}/signed-in", "SignedIn", door.signed_in),
        _route("POST", LEAVE, "Leave", door.form(door.leave, Ability.LOOK, BASE)),
        *(
            _route("GET", path, name, door.page(run, ability, _parent(path)))
            for path, name, run, ability in PAGES
        ),
        _route("GET", papers.PLACE, "Paper", door.page(papers.document, Ability.LOOK, accounts.PLACE)),
        *(
            _route("POST", path, name, door.form(run, ability, stands_on(path)))
            for path, name, run, ability in FORMS
        ),
    )


def stands_on(path: str) -> str:
    """On which page the form stands that is sent to a path: the nearest one at or above it."""
    return max((page for page, *_ in PAGES if f"{path}/".startswith(f"{page}/")), key=len)


def _parent(path: str) -> str:
    """Where a page leads back to: itself, or what it is one of."""
    return accounts.PLACE if path == _ONE else path


def _route(method: str, path: str, name: str, run: Callable[[Call], Reply]) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        name=f"dashboard{name}",
        summary=name,
        tag="pages",
        run=run,
        scope=None,
        answers={},
        raw_body=method == "POST",
        raw_query=True,
        body_bytes_max=FORM_BYTES_MAX,
        media="text/html",
    )
