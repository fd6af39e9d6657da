"""The dashboard over HTTP: who gets in, what each role sees and may do, and that each act is written down first."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

import solvent
from solvent.commands.operators import operators_of
from solvent.core.decisions import DecisionRow
from solvent.core.ids import bucket_of, parse
from solvent.core.operator import ABILITIES, SESSION, Ability, Role
from solvent.measuring import measure_now
from solvent.store import insight
from solvent.store.audit_log import AuditLog
from solvent.store.operators import LastOwner
from solvent.web.dashboard.routes import FORMS, PAGES, endpoints, stands_on
from tests.patience import PATIENCE_S
from tests.web.dashboard_table import OFFERED, OTHERS, SEEN
from tests.web.house import House, start
from tests.web.test_pay_page import owing

FORM = re.compile(r'name="form" value="([^"]+)"')


class Person:
    """Somebody's browser, without one: cookies, and the forms of the pages that were seen last."""

    def __init__(self, house: House, role: Role) -> None:
        self.house = house
        self.email = f"{role}@merchant.example"
        self.operator = operators_of(house.solvent).put(self.email, role, house.solvent.clock())
        self.client = httpx.Client(base_url=house.url, timeout=PATIENCE_S, verify=False)
        self.token = operators_of(house.solvent).let_in(self.operator, house.solvent.clock())
        entered = self.client.post(f"/dashboard/enter/{self.token}")
        assert (entered.status_code, entered.headers["location"]) == (303, "/dashboard")

    def see(self, path: str = "", status: int = 200) -> str:
        """A page."""
        answer = self.client.get(f"/dashboard{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, status: int = 303, **fields: object) -> str:
        """A form of a page of this session."""
        found = FORM.search(self.see())
        assert found is not None
        answer = self.client.post(f"/dashboard{path}", data={"form": found[1], **fields})
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def owner(house: House) -> Person:
    return Person(house, Role.OWNER)


def paths(account: str) -> dict[tuple[str, str], Ability]:
    """Every page and form, with what it takes."""
    pages = {("GET", path): ability for path, _, _, ability in PAGES}
    forms = {("POST", path): ability for path, _, _, ability in FORMS}
    return {(m, p.format(account_id=account)): a for (m, p), a in {**pages, **forms}.items()}


def test_a_link_lets_in_once(house: House, owner: Person) -> None:
    assert "owner@merchant.example, owner" in owner.see()
    again = httpx.post(f"{house.url}/dashboard/enter/{owner.token}", timeout=PATIENCE_S, verify=False)
    assert again.status_code == 410
    assert "set-cookie" not in again.headers
    looked = httpx.get(f"{house.url}/dashboard/enter/{owner.token}", timeout=PATIENCE_S, verify=False)
    assert (looked.status_code, "set-cookie" in looked.headers) == (200, False), (
        "a program that follows it uses nothing up"
    )


def test_a_link_lets_nobody_in_when_it_is_old(house: House, owner: Person) -> None:
    operators, now = operators_of(house.solvent), house.solvent.clock()
    old = operators.let_in(owner.operator, now - timedelta(minutes=15))
    assert operators.enter(old, now) is None


def test_nothing_is_seen_or_done_by_somebody_who_is_not_in(house: House, account: str) -> None:
    for method, path in paths(account):
        for cookie in ("", "dashboard=", "dashboard=forged"):
            answer = httpx.request(
                method, house.url + path, headers={"cookie": cookie}, timeout=PATIENCE_S, verify=False
            )
            assert answer.status_code == 401, path
            assert "Example Ltd" not in answer.text


def test_every_page_and_form_has_a_row_in_the_table(house: House) -> None:
    routes = endpoints(house.solvent)
    assert {r.path for r in routes if r.method == "GET"} == SEEN.keys() | OTHERS
    assert {r.path for r in routes if r.method == "POST"} - OTHERS == OFFERED.keys()
    for path, _, _, ability in PAGES:
        assert SEEN[path] == {role for role in Role if ability in ABILITIES[role]}, path
    for path, _, _, ability in FORMS:
        assert OFFERED[path] == {role for role in Role if ability in ABILITIES[role]}, path
        assert SEEN[stands_on(path)] >= OFFERED[path], f"{path}: whoever may, sees where it stands"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_and_does_what_it_may_and_no_more(house: House, account: str, role: Role) -> None:
    person = Person(house, role)
    for (method, path), ability in paths(account).items():
        inside = path.removeprefix("/dashboard")
        if method == "GET":
            text = person.see(inside, 200 if ability in ABILITIES[role] else 403)
            assert ("Not for your role" in text) == (ability not in ABILITIES[role])
        elif ability not in ABILITIES[role]:
            assert "Not for your role" in person.send(inside, 403, reason="curious")
    shown = person.see()
    assert (">Audit</a>" in shown) == (Ability.AUDIT in ABILITIES[role])
    assert (">People</a>" in shown) == (Ability.PEOPLE in ABILITIES[role])
    acts = person.see(f"/accounts/{account}")
    assert ("Recompute now" in acts) == (Ability.HELP in ABILITIES[role])
    assert ("Give it" in acts) == (Ability.CREDIT in ABILITIES[role])


def test_a_form_of_another_session_or_site_does_nothing(house: House, owner: Person, account: str) -> None:
    other = Person(house, Role.ADMIN)
    foreign = FORM.search(other.see())
    assert foreign is not None
    path = f"/dashboard/accounts/{account}/recompute"
    for fields in ({}, {"form": ""}, {"form": foreign[1]}):
        assert owner.client.post(path, data={"reason": "x", **fields}).status_code == 403
    own = FORM.search(owner.see())
    assert own is not None
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = owner.client.post(path, data={"form": own[1], "reason": "x"}, headers=elsewhere)
    assert answer.status_code == 403
    assert "Nothing was done" in answer.text


def test_who_signs_out_is_out(house: House) -> None:
    person = Person(house, Role.SUPPORT)
    token = person.client.cookies["dashboard"]
    assert "You have signed out" in person.send("/leave", 200)
    assert (
        httpx.get(
            f"{house.url}/dashboard",
            headers={"cookie": f"dashboard={token}"},
            timeout=PATIENCE_S,
            verify=False,
        ).status_code
        == 401
    )


def test_a_session_ends_by_itself_and_with_the_operator(house: House) -> None:
    person = Person(house, Role.SUPPORT)
    operators, now = operators_of(house.solvent), house.solvent.clock()
    token = person.client.cookies["dashboard"]
    assert operators.session(token, now) is not None
    assert operators.session(token, now + SESSION) is None
    assert operators.remove(person.email.upper())
    assert operators.session(token, now) is None
    assert person.client.get("/dashboard").status_code == 401
    assert not operators.remove(person.email)


def test_each_act_on_an_account_is_done_and_written_down(house: House, owner: Person) -> None:
    account, _ = owing(house)
    page = f"/accounts/{account}"
    owner.send(f"{page}/recompute", reason="customer asked")
    assert "It was assessed anew" in owner.see(f"{page}?done=recomputed")
    owner.send(f"{page}/hold", reason="waits for a letter", consequence="restrict", days="7")
    held = owner.see(page)
    assert "waits for a letter" in held
    (hold,) = house.get(f"/accounts/{account}/holds")["data"]
    assert (hold["author"], hold["consequence"]) == (owner.email, "restrict")
    owner.send(f"{page}/release", reason="the letter came", hold=hold["id"])
    assert house.get(f"/accounts/{account}/holds")["data"][0]["released_by"] == owner.email
    link = owner.send(f"{page}/pay-link", 200, reason="asked on the phone")
    assert "/pay/" in link
    owner.send(f"{page}/credit", reason="sorry", amount="2.50", once="a")
    owner.send(f"{page}/credit", reason="sorry", amount="2.50", once="a")
    assert house.get(f"/accounts/{account}/state")["credit"]["amount"] == 250, "sent twice, given once"
    log = AuditLog(house.solvent.database.pool, house.solvent.platform.ids)
    done = [(e.action, e.reason, e.email) for e in reversed(log.page(parse("acc", account), None, 50))]
    assert done == [
        ("recompute", "customer asked", owner.email),
        ("place hold", "waits for a letter", owner.email),
        ("release hold", "the letter came", owner.email),
        ("make pay link", "asked on the phone", owner.email),
        ("give credit", "sorry", owner.email),
        ("give credit", "sorry", owner.email),
    ]
    story = owner.see(page)
    for action, reason, _ in done:
        assert action in story
        assert reason in story
    assert "waits for a letter" in owner.see("/audit")


def test_what_is_wrong_with_a_form_is_named_and_nothing_is_done(house: House, owner: Person) -> None:
    account, _ = owing(house)
    page = f"/accounts/{account}"
    for path, fields, said in (
        ("recompute", {}, "reason: must not be empty"),
        ("recompute", {"reason": "x" * 501}, "reason: must have at most 500"),
        ("hold", {"reason": "x", "consequence": "ban"}, "consequence: must be one of"),
        ("hold", {"reason": "x", "consequence": "all", "days": "0"}, "days: must be a number from 1 to 366"),
        (
            "hold",
            {"reason": "x", "consequence": "all", "days": "000000001999999999"},
            "days: must be a number",
        ),
        ("hold", {"reason": "x", "consequence": "all", "days": "²"}, "days: must be a number from 1 to 366"),
        ("credit", {"reason": "x", "amount": "a lot", "once": "b"}, "amount: "),
        ("credit", {"reason": "x", "amount": "0", "once": "b"}, "amount: "),
    ):
        assert said in owner.send(f"{page}/{path}", 422, **fields)
    assert "There is no such thing" in owner.send(f"{page}/release", 404, reason="x", hold="hld_1")
    gone = "acc_" + 30 * "0" + "07"
    assert "There is no such thing" in owner.see(f"/accounts/{gone}", 404)
    assert "There is no such thing" in owner.see("/accounts/acc_x", 404)
    assert owner.send(f"/accounts/{house.account()}/pay-link", 422, reason="x").count("owes nothing") == 1


def test_observing_says_what_would_be_done_and_writes_nothing(house: House) -> None:
    account, _ = owing(house)
    person = Person(house, Role.READ_ONLY)
    before = house.get(f"/accounts/{account}/state") | {"as_of": None}
    assert "A recompute would now" in person.send(f"/accounts/{account}/observe", 200)
    assert house.get(f"/accounts/{account}/state") | {"as_of": None} == before


def test_a_story_is_told_in_words_and_names_things_as_the_api_does(house: House, owner: Person) -> None:
    account, invoice = owing(house)
    charged = DecisionRow(
        id=house.solvent.platform.ids.draw(bucket_of(parse("acc", account))),
        account_id=parse("acc", account),
        decided_at=house.solvent.clock(),
        policy="standard",
        applied=(f"give_up {parse('inv', invoice).hex}",),
        withheld=(),
    )
    with house.solvent.platform.store.single() as tx:
        tx.decisions.keep(bucket_of(charged.id), [charged])
    story = owner.see(f"/accounts/{account}")
    assert "intent: add method" in story
    assert f"applied: give up {invoice}" in story


def test_an_account_is_found_by_what_people_know_of_it(house: House, owner: Person) -> None:
    account = house.account(name="Zebra & Söhne <AG>", email="Books@Zebra.example")
    house.post("/invoices", {"account_id": account, "lines": [{"description": "Setup", "amount": 100}]})
    number = house.get(f"/invoices?account={account}")["data"][0]["number"]
    for text in ("books@zebra", "BOOKS@ZEBRA.EXAMPLE", "söhne", number, number.lower()):
        found = owner.client.get("/dashboard/accounts", params={"q": text}).text
        assert "Zebra &amp; Söhne &lt;AG&gt;" in found, text
    exact = owner.client.get("/dashboard/accounts", params={"q": account})
    assert exact.headers["location"] == f"/dashboard/accounts/{account}"
    for text in ("nobody at all", "%", "_", "100%", "X-99999999999999999999999"):
        assert "Zebra" not in owner.client.get("/dashboard/accounts", params={"q": text}).text, text


def test_figures_and_payments_are_shown_as_they_are(house: House, owner: Person) -> None:
    measure_now(house.solvent)
    shown = owner.see()
    assert "accounts whose stores disagree" in shown
    assert "All eleven laws hold" in shown
    account = house.account()
    house.confirm(house.open(account, start()))
    payments = owner.see("/payments?days=7")
    for text in ("By provider", "sandbox", "purchase, on-session", "Due within 30 days"):
        assert text in payments
    assert "days: must be a number" in owner.see("/payments?days=0", 422)
    assert "What brought late money" in owner.see("/debt")
    assert "Drift by kind and age" in owner.see("/trouble")


def test_what_is_due_is_that_of_accounts_in_our_time(house: House) -> None:
    def due() -> int:
        until = house.solvent.clock() + timedelta(days=40)
        return sum(row.items for row in insight.coming(house.solvent.database.pool, until))

    before = due()
    house.buy(house.account())
    house.buy(house.account(test_clock=house.solvent.clock().isoformat()))
    assert due() == before + 1


def test_a_policy_is_shown_and_another_tried(owner: Person) -> None:
    for segment in ("standard", "contract", "academic"):
        assert "In effect" in owner.see(f"/policy?segment={segment}")
    assert "segment: must be one of" in owner.see("/policy?segment=rich", 422)
    wrong = owner.send("/policy", 422, policy="version: 1\nsegments: {rich: {}}")
    assert 'role="alert"' in wrong
    policy = (Path(solvent.__file__).parent / "policies" / "standard.yaml").read_text()
    tried = owner.send("/policy", 200, policy=policy, days="30")
    assert "on what happened since" in tried


def test_the_engine_is_steered_with_a_reason(house: House, owner: Person) -> None:
    owner.send("/engine", reason="a rollout", mode="share", share="25")
    shown = house.get("/engine")["now"]
    assert (shown["mode"], shown["share"], shown["by"], shown["reason"]) == (
        "share",
        25,
        owner.email,
        "a rollout",
    )
    assert "share: " in owner.send("/engine", 422, reason="x", mode="share", share="7")
    assert "mode: must be one of" in owner.send("/engine", 422, reason="x", mode="fast")
    owner.send("/engine", reason="done", mode="on")
    assert "set engine" in owner.see("/audit")


def test_people_are_let_in_and_shut_out_but_an_owner_stays(house: House, owner: Person) -> None:
    owner.send("/people", reason="joins", email="Eve@Merchant.example", role="support")
    assert "eve@merchant.example" in owner.see("/people")
    owner.send("/people/remove", reason="leaves", email="eve@merchant.example")
    assert "eve@merchant.example" not in owner.see("/people")
    for path, fields in (("/people/remove", {}), ("/people", {"role": "support"})):
        assert "the last owner" in owner.send(path, 422, reason="x", email=owner.email, **fields)
    assert "email: must be an e-mail" in owner.send("/people", 422, reason="x", email="eve", role="owner")
    assert "role: must be one of" in owner.send("/people", 422, reason="x", email="e@v.example", role="god")
    del house


def test_two_owners_who_shut_out_each_other_leave_one(house: House, owner: Person) -> None:
    operators, now = operators_of(house.solvent), house.solvent.clock()
    other = operators.put("gil@merchant.example", Role.OWNER, now)
    mine, theirs = [one for one in operators.all() if one.operator.role is Role.OWNER]
    with ThreadPoolExecutor(2) as threads:
        shut_out = [
            threads.submit(operators.remove, one.operator.email, keep_an_owner=True) for one in (mine, theirs)
        ]
    assert {type(one.exception()) for one in shut_out} == {LastOwner, type(None)}
    assert [one.operator.role for one in operators.all()].count(Role.OWNER) == 1
    assert {owner.email, other.email} == {mine.operator.email, theirs.operator.email}
    operators.put(owner.email, Role.OWNER, now)
    operators.remove(other.email)


def test_there_is_no_identity_provider_until_one_is_set(house: House) -> None:
    assert httpx.get(f"{house.url}/dashboard/go", timeout=PATIENCE_S, verify=False).status_code == 404
    assert (
        httpx.get(
            f"{house.url}/dashboard/signed-in?state=x&code=y", timeout=PATIENCE_S, verify=False
        ).status_code
        == 404
    )


def test_the_last_bad_debt_comes_first(house: House, owner: Person) -> None:
    given_up = []
    for _ in range(2):
        account, invoice = owing(house)
        house.post(
            f"/invoices/{invoice}/give-up", {"reason": "gone", "by": "carol", "scope": "subscription"}, 200
        )
        given_up.append(account)
    page = owner.see("/debt?days=1")
    first, second = (page.index(account) for account in reversed(given_up))
    assert first < second


def test_documents_of_an_account_can_be_read_by_whoever_sees_it(house: House) -> None:
    account, invoice = owing(house)
    note = house.post(
        "/credit-notes", {"invoice_id": invoice, "amount": 500, "reason": "Goodwill", "issued_by": "carol"}
    )
    person = Person(house, Role.READ_ONLY)
    page = person.see(f"/accounts/{account}")
    for document in (invoice, note["id"]):
        assert f'href="/dashboard/papers/{document}.pdf"' in page
        paper = person.client.get(f"/dashboard/papers/{document}.pdf")
        assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
        assert paper.content.startswith(b"%PDF")
        assert (
            httpx.get(
                f"{house.url}/dashboard/papers/{document}.pdf", timeout=PATIENCE_S, verify=False
            ).status_code
            == 401
        )
    for unknown in (f"inv_{'0' * 32}", f"crn_{'0' * 32}", "nothing"):
        assert "There is no such thing" in person.see(f"/papers/{unknown}.pdf", 404)


def test_a_sum_that_takes_too_long_is_given_up_and_the_rest_is_shown(house: House, owner: Person) -> None:
    with house.solvent.database.transaction() as connection:
        connection.execute("lock table subscription in access exclusive mode")
        page = owner.see("/payments")
    assert "attempts that ended" in page
    assert page.index("Due within 30 days") < page.rindex("This took too long to add up")
    assert "Due within 30 days" in owner.see("/payments")


def test_a_link_that_nobody_used_is_forgotten_and_ends_with_its_operator(house: House) -> None:
    operators, now = operators_of(house.solvent), house.solvent.clock()
    operator = operators.put("fay@merchant.example", Role.SUPPORT, now)
    operators.let_in(operator, now - timedelta(hours=1))
    left = operators.let_in(operator, now)
    query = "select count(*) from operator_entrance where operator_id = %s"
    with house.solvent.database.transaction() as connection:
        assert connection.execute(query, (operator.id,)).fetchone() == (1,)
    operators.remove(operator.email)
    operators.put(operator.email, Role.SUPPORT, now)
    assert operators.enter(left, now) is None
