"""The peer's paths: Stripe's interface as far as we use it, with keys, lists, searches and expansion.

Owns authorisation, idempotency, routing and rendering; the hands of the payer and of Stripe's staff are methods. Every
exchange is judged by Stripe's own document, where that was supplied.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import stripe
from tests.openapi.forms import nested
from tests.openapi.witness import Witness
from tests.peers.http import Call, PeerServer, Reply
from tests.peers.stripe import acts, billing, goods, invoices, money
from tests.peers.stripe.methods import BEHAVIOURS
from tests.peers.stripe.state import API_VERSION, Book, Refused, Thing, invalid, missing

SECRET_KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
WEBHOOK_SECRET = "whsec_a-secret-of-the-endpoint"
KEYS_KEPT = timedelta(hours=24)
OUTSIDE = ("/3ds/",)
PAYING = frozenset({"/v1/payment_intents", "/v1/setup_intents", "/v1/subscriptions"})
ROUTE = re.compile(r"/v1/([a-z_]+)(?:/([^/]+))?(?:/([a-z_]+))?")
KINDS = {
    "payment_intents": "payment_intent",
    "setup_intents": "setup_intent",
    "customers": "customer",
    "payment_methods": "payment_method",
    "refunds": "refund",
    "disputes": "dispute",
    "events": "event",
    "balance_transactions": "balance_transaction",
    "charges": "charge",
    "products": "product",
    "prices": "price",
    "subscriptions": "subscription",
    "invoices": "invoice",
}
WHOLE = {"isk": 100, "ugx": 100}  # counted in hundredths that do not exist
SIDES = {"latest_charge": "charge", "payment_method": "payment_method", "payment_intent": "payment_intent"}
SIDES |= {"balance_transaction": "balance_transaction"}
SOURCES = {"ch": "charge", "re": "refund", "dp": "dispute", "po": "payout"}


class StripeAccount:
    """One merchant's Stripe. `book` is its state, `url` where it is reached, `first_id` where it begins to count."""

    def __init__(self, clock: Callable[[], datetime], url: str = "", *, first_id: int = 1) -> None:
        self.book = Book(clock=clock, url=url, first_id=first_id)
        self.book.makes_intent = lambda form: acts.create(self.book, "payment_intent", form)
        self._kept: dict[str, tuple[datetime, Thing, Reply]] = {}
        self._stumbles: list[bool] = []

    # The payer and the staff

    def authenticate(self, ref: str, *, passed: bool) -> None:
        """The payer passes or fails 3-D Secure."""
        with self.book.lock:
            intent = self.book.of("payment_intent").get(ref) or self.book.of("setup_intent")[ref]
            acts.authenticate(self.book, intent, passed=passed)

    def behave(self, token: str, name: str) -> None:
        """From now on a vaulted method behaves like the test method of that name."""
        with self.book.lock:
            self.book.behaviours[token.partition("/")[0]] = BEHAVIOURS[name]

    def stumble(self, *, acted: bool) -> None:
        """The next request with a key of its own ends in a 500, after it was executed or before; kept under the key."""
        with self.book.lock:
            self._stumbles.append(acted)

    def capture(self, ref: str) -> None:
        """Somebody captures by hand what was held."""
        with self.book.lock:
            acts.succeed(self.book, self.book.of("payment_intent")[ref])

    def return_debit(self, ref: str, reason: str) -> str:
        """The payer's bank takes a paid debit back, which is final; returns the dispute's id."""
        with self.book.lock:
            made = money.open_dispute(self.book, money.charge_of(self.book, ref), reason=reason)
            made["evidence_details"]["due_by"] = None
            return str(money.close_dispute(self.book, made, "lost")["id"])

    def dispute(self, ref: str, *, reason: str = "fraudulent", inquiry: bool = False) -> str:
        """The payer contests a payment; returns the dispute's id."""
        with self.book.lock:
            paid = money.charge_of(self.book, ref)
            return str(money.open_dispute(self.book, paid, reason=reason, inquiry=inquiry)["id"])

    def decide(self, dispute_ref: str, status: str) -> None:
        """A dispute is decided."""
        with self.book.lock:
            money.close_dispute(self.book, self.book.of("dispute")[dispute_ref], status)

    def pay_out(self, amount: int, currency: str) -> str:
        """Stripe sends money to the merchant's bank; returns the payout's id."""
        with self.book.lock:
            return str(money.pay_out(self.book, amount, currency)["id"])

    def charged(self, key: UUID) -> list[int]:
        """What was really taken for a key of ours, in minor units."""
        with self.book.lock:
            rows = [r for r in self.book.of("charge").values() if _is_of(r, key)]
            return [row["amount"] // WHOLE.get(row["currency"], 1) for row in rows]

    def refunded(self, key: UUID) -> int:
        """What was really given back of a key of ours, in minor units."""
        with self.book.lock:
            ours = {r["id"] for r in self.book.of("charge").values() if _is_of(r, key)}
            rows = [
                r
                for r in self.book.of("refund").values()
                if r["charge"] in ours and r["status"] == "succeeded"
            ]
            return sum(row["amount"] // WHOLE.get(row["currency"], 1) for row in rows)

    def next_moment(self) -> datetime | None:
        """When something that waits ends."""
        with self.book.lock:
            return min((at for at, _ in self.book.waiting), default=None)

    def renew(self, token: str, year: int, month: int) -> None:
        """The card's bank has renewed it, as the networks tell Stripe."""
        with self.book.lock:
            method = self.book.of("payment_method")[token]
            method["card"] = {**method["card"], "exp_year": year, "exp_month": month}
            self.book.tell("payment_method.automatically_updated", method)

    def deliveries(self, now: datetime) -> list[tuple[dict[str, str], bytes]]:
        """The notifications that were not delivered yet, signed: each once."""
        with self.book.lock:
            self.book.catch_up()
            events, self.book.undelivered = self.book.undelivered, []
        return [signed(event, now) for event in events]

    def statement(self) -> list[Thing]:
        """All money that moved, as a bank would list it."""
        with self.book.lock:
            charges = self.book.of("charge")
            rows = [_row(each, each, "charge", each["amount"]) for each in charges.values()]
            given = [each for each in self.book.of("refund").values() if each["status"] == "succeeded"]
            rows += [_row(each, charges[each["charge"]], "refund", -each["amount"]) for each in given]
            for contested in self.book.of("dispute").values():
                paid = charges[contested["charge"]]
                rows += [_row(x, paid, "dispute", x["net"]) for x in contested["balance_transactions"]]
            return rows

    # Serving

    def answer(self, call: Call) -> Reply:
        """What Stripe answers to a call."""
        with self.book.lock:
            self.book.catch_up()
            try:
                return self._kept_or_done(call)
            except Refused as no:
                return no.reply

    def _kept_or_done(self, call: Call) -> Reply:
        _authorise(call)
        form = nested(call.body.decode() if call.method == "POST" else urlsplit(call.url).query)
        if self.book.refusing is not None and call.method == "POST" and call.path in PAYING:
            raise self.book.refusing
        key = call.headers.get("idempotency-key")
        if call.method != "POST" or key is None:
            return self._done(call, form)
        asked = {"path": call.path, "form": dict(form)}
        now = self.book.clock()
        self._kept = {name: kept for name, kept in self._kept.items() if now - kept[0] < KEYS_KEPT}
        if key in self._kept:
            _, before, reply = self._kept[key]
            if before != asked:
                told = "Keys for idempotent requests can only be used with the same parameters."
                raise Refused(400, {"type": "idempotency_error", "message": told})
            return Reply(status=reply.status, body=reply.body, headers={"idempotent-replayed": "true"})
        try:
            reply = self._executed(call, form)
        except Refused as no:
            if not no.stored:
                raise
            reply = no.reply
        kept = Reply(status=reply.status, body=reply.content(), headers=reply.headers)
        self._kept[key] = (now, asked, kept)
        return kept

    def _executed(self, call: Call, form: dict[str, Any]) -> Reply:
        if not self._stumbles:
            return self._done(call, form)
        if self._stumbles.pop():
            self._done(call, form)
        raise Refused(500, {"type": "api_error", "message": "An unexpected error occurred."}, stored=True)

    def _done(self, call: Call, form: dict[str, Any]) -> Reply:
        found = ROUTE.fullmatch(call.path)
        if found is None or found[1] not in KINDS:
            raise invalid(f"Unrecognized request URL ({call.method}: {call.path})", status=404)
        plural, ref, verb = found.groups()
        expand = [str(one) for one in form.pop("expand", [])]
        if ref == "search":
            return Reply(body=self._search(call.path, KINDS[plural], form, expand))
        if ref == "create_preview":
            return Reply(body=billing.preview(self.book, form))
        if call.method == "DELETE":
            return Reply(
                body=self._shown(billing.cancel(self.book, self.book.find(KINDS[plural], ref)), expand)
            )
        if ref is None and call.method == "GET":
            return Reply(body=self._list(call.path, KINDS[plural], form, expand))
        thing = (
            self._create(KINDS[plural], form) if ref is None else self._change(KINDS[plural], ref, verb, form)
        )
        return Reply(body=json.dumps(self._shown(thing, expand)).encode(), headers={"request-id": "req_1"})

    def _create(self, kind: str, form: dict[str, Any]) -> Thing:
        book = self.book
        match kind:
            case "payment_intent" | "setup_intent":
                return acts.create(book, kind, form)
            case "customer":
                made = book.add("customer", "cus", metadata=form.get("metadata", {}), email=form.get("email"))
                book.tell("customer.created", made)
                return made
            case "product":
                return goods.product(book, form)
            case "price":
                return goods.price(book, form)
            case "subscription":
                return billing.subscribe(book, form)
            case "refund":
                paid = money.charge_of(book, form.get("payment_intent"))
                return money.refund(book, form, book.behaviours[paid["payment_method"]], paid)
            case _:
                pass
        raise invalid("Unrecognized request URL", status=404)

    def _change(self, kind: str, ref: str, verb: str | None, form: dict[str, Any]) -> Thing:
        thing = self.book.find(kind, ref)
        match kind, verb:
            case (("payment_intent" | "setup_intent"), "confirm"):
                return acts.confirm(self.book, thing, form)
            case (("payment_intent" | "setup_intent"), "cancel"):
                return acts.cancel(self.book, thing, form)
            case "payment_method", "detach":
                if thing["customer"] is None:
                    raise invalid("The payment method you provided is not attached to a customer.")
                thing["customer"] = None
                self.book.tell("payment_method.detached", thing)
            case "dispute", "close":
                if thing["status"] in ("won", "lost", "warning_closed"):
                    raise invalid("This dispute is already closed.", param="id")
                return money.close_dispute(self.book, thing, "lost")
            case "dispute", None if form:
                return money.answer_dispute(self.book, thing, form)
            case _:
                return self._rewritten(kind, thing, verb, form)
        return thing

    def _rewritten(self, kind: str, thing: Thing, verb: str | None, form: dict[str, Any]) -> Thing:
        match kind, verb:
            case "payment_intent", None if form:
                return acts.rename(self.book, thing, form)
            case "customer", None if form:
                return self._called(thing, form)
            case "subscription", None if form:
                return billing.update(self.book, thing, form)
            case "invoice", "void":
                return invoices.void(self.book, thing)
            case _:
                return thing

    def _called(self, customer: Thing, form: dict[str, Any]) -> Thing:
        if "@" not in form.get("email", "@"):
            raise invalid("Invalid email address", code="email_invalid", param="email")
        customer |= {name: form[name] for name in ("name", "email") if name in form}
        self.book.tell("customer.updated", customer)
        return customer

    def _search(self, path: str, kind: str, form: dict[str, Any], expand: list[str]) -> Thing:
        found = re.fullmatch(r"metadata\['(\w+)'\]:'(\w+)'", form["query"])
        assert found is not None, form
        known_until = (self.book.clock() - self.book.search_lag).timestamp()
        rows = [r for r in self.book.of(kind).values() if r["metadata"].get(found[1]) == found[2]]
        rows = [row for row in rows if row["created"] <= known_until]
        return _page("search_result", path, rows, self._inner(expand), self, more=False)

    def _list(self, path: str, kind: str, form: dict[str, Any], expand: list[str]) -> Thing:
        if "payment_intent" in form:
            self.book.find("payment_intent", form["payment_intent"], "payment_intent")
        if form.get("customer") in self.book.unlisted:
            raise missing("customer", form["customer"], "customer")
        rows = [row for row in reversed(self.book.of(kind).values()) if _listed(row, form)]
        after = form.get("starting_after")
        if after is not None:
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        limit = int(form.get("limit", 10))
        return _page("list", path, rows[:limit], self._inner(expand), self, more=len(rows) > limit)

    @staticmethod
    def _inner(expand: Iterable[str]) -> list[str]:
        return [one.removeprefix("data.") for one in expand]

    def _shown(self, thing: Thing, expand: Iterable[str]) -> Thing:
        shown = {name: value for name, value in thing.items() if name != "settings"}
        for name in expand:
            if name == "latest_invoice.payments" and thing["latest_invoice"] is not None:
                invoice = self.book.of("invoice")[thing["latest_invoice"]]
                shown["latest_invoice"] = invoice | {"payments": invoices.payments(self.book, invoice["id"])}
            elif isinstance(thing.get(name), str):
                kind = SOURCES[thing[name].partition("_")[0]] if name == "source" else SIDES[name]
                shown[name] = self.book.of(kind)[thing[name]]
        return shown


class StripePeer(StripeAccount):
    """One merchant's Stripe on the loopback interface."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.witness = Witness.of("stripe", OUTSIDE)
        self.server = PeerServer(self.answer, self.witness)
        self.url = self.book.url = self.server.url

    def close(self) -> None:
        """Stop serving."""
        self.server.close()


def signed(event: Thing, now: datetime) -> tuple[dict[str, str], bytes]:
    """An event as it is posted."""
    body = json.dumps(event, indent=2)
    header = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, int(now.timestamp()))
    return {"stripe-signature": header, "content-type": "application/json; charset=utf-8"}, body.encode()


def _page(
    kind: str, path: str, rows: list[Thing], expand: list[str], peer: StripeAccount, *, more: bool
) -> Thing:
    data = [peer._shown(row, expand) for row in rows]
    page = {"object": kind, "url": path, "has_more": more, "data": data}
    copy: Thing = json.loads(json.dumps(page))
    return copy


def _listed(row: Thing, form: dict[str, Any]) -> bool:
    """Whether a list's filters let a row through."""
    created = form.get("created", {})
    if row["created"] < int(created.get("gte", 0)) or row["created"] > int(created.get("lte", 1 << 40)):
        return False
    if row["created"] >= int(created.get("lt", 1 << 40)):
        return False
    if "lookup_keys" in form and row["lookup_key"] not in form["lookup_keys"]:
        return False
    types = form.get("types")
    if types is not None and row["type"] not in types:
        return False
    return all(row.get(name) == form[name] for name in ("payment_intent", "customer", "type") if name in form)


def _authorise(call: Call) -> None:
    if call.headers.get("authorization") != f"Bearer {SECRET_KEY}":
        given = call.headers.get("authorization", "")
        told = f"Invalid API Key provided: {given[-4:].rjust(12, '*')}"
        raise Refused(401, {"type": "invalid_request_error", "message": told})
    if call.headers.get("stripe-version") != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {call.headers.get('stripe-version')}")


def _row(moved: Thing, paid: Thing, kind: str, amount: int) -> Thing:
    whole = WHOLE.get(paid["currency"], 1)
    return {
        "ref": paid["payment_intent"] if kind == "charge" else moved["id"],
        "intent": paid["payment_intent"],
        "key": paid["metadata"]["solvent_attempt"],
        "customer": paid["metadata"]["solvent_account"],
        "kind": kind,
        "amount": amount // whole,
        "currency": paid["currency"].upper(),
        "at": datetime.fromtimestamp(moved["created"], UTC).isoformat(),
    }


def _is_of(row: Thing, key: UUID) -> bool:
    return bool(row["metadata"].get("solvent_attempt") == key.hex)
