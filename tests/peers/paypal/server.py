"""The peer's paths: PayPal's REST interface as far as we use it, and the page on which a payer approves.

Owns authorisation, idempotency by PayPal-Request-Id, routing, and the pages of lists. Stateful and faithful to what
the providers' documents say, by which every exchange is judged where they were supplied.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.openapi.witness import Witness
from tests.peers.http import Call, PeerServer, Reply, show
from tests.peers.paypal import acts
from tests.peers.paypal.seal import CERT_NAME, CERT_PATH, Seal
from tests.peers.paypal.state import Book, Refused, Thing, Wallet, refusal

CLIENT_ID = "the-client-id"
SECRET = "the-client-secret"
WEBHOOK_ID = "1JE4291016473214C"
OUTSIDE = ("/v1/oauth2/token", "/checkoutnow", CERT_PATH)
PARDONED = (
    # The document of the vault lists only one kind of token, while its text, and PayPal's own SDK, have this one too.
    r"request POST /v3/vault/payment-tokens: payment_source\.token\.type: 'SETUP_TOKEN' is not one of",
    # What PayPal calls read-only in an event is its own to write, and goes back to it as it came.
    r"request POST /v1/notifications/verify-webhook-signature: webhook_event",
    # How a list of events goes on is in its links, not among its parameters.
    r"request GET /v1/notifications/webhooks-events: query next_page_token: is not declared",
    # A status that no document has, for a test of what is then said.
    r": 'PONDERED' is not one of",
    # The document of the disputes does not show the part in which its text puts the evidence.
    r"request POST /v1/customer/disputes/[^/]+/(accept-claim|provide-evidence): body: its type",
)


class PayPalPeer:
    """PayPal, as it answers at `url`. `book` is its state; the payer's and the staff's hands are methods."""

    def __init__(self, clock: Callable[[], datetime], url: str, witness: Witness) -> None:
        self.book = Book(clock=clock)
        self.witness = witness
        self.seal = Seal(clock())
        self.granted: set[str] = set()
        self.url = url
        self._stumbles: list[bool] = []

    def stumble(self, *, acted: bool) -> None:
        """The next request with an id of its own ends in a 500, after it was executed or before. Under the same id it
        is carried on: what was made is given, what was not is made."""
        with self.book.lock:
            self._stumbles.append(acted)

    def approve(self, ref: str, wallet: Wallet | None = None) -> str:
        """The payer agrees to an order or setup; returns where the payer is sent."""
        with self.book.lock:
            if ref.startswith("setup:"):
                setup = self.book.setups[ref.removeprefix("setup:")]
                setup["status"] = "APPROVED"
                setup["payment_source"] = {"paypal": acts.shown(wallet or Wallet())}
                self.book.wallets[setup["id"]] = wallet or Wallet()
                return str(setup["_back"])
            return acts.approve(self.book, self.book.orders[ref], wallet or Wallet())

    def charged(self, key: str) -> list[int]:
        """What was really taken for a key of ours, in minor units."""
        return [row["amount"] for row in self.book.movements if (row["kind"], row["key"]) == ("charge", key)]

    def net(self, key: str) -> int:
        """What the merchant keeps of a key, whatever is disputed of it."""
        return sum(x["amount"] for x in self.book.movements if x["key"] == key and x["kind"] != "dispute")

    def deliveries(self, now: datetime) -> list[tuple[dict[str, str], bytes]]:
        """The notifications that were not delivered yet, signed: each once."""
        with self.book.lock:
            acts.settle_due(self.book)
            events, self.book.undelivered = self.book.undelivered, []
        return [self.seal.sign(acts.public(event), WEBHOOK_ID, self.url, now) for event in events]

    def answer(self, call: Call) -> Reply:
        """What PayPal answers."""
        reply = self._answer(call)
        show(self.witness, call, reply)
        return reply

    def _answer(self, call: Call) -> Reply:
        try:
            with self.book.lock:
                acts.settle_due(self.book)
                return self._routed(call)
        except Refused as no:
            return no.reply

    def _routed(self, call: Call) -> Reply:
        if call.path == "/v1/oauth2/token":
            return self._token(call)
        if call.path.startswith(CERT_PATH) and call.path.removeprefix(CERT_PATH) != CERT_NAME:
            return Reply(status=404)
        if call.path.startswith(CERT_PATH):
            return Reply(body=self.seal.pem, headers={"content-type": "application/x-pem-file"})
        if call.path == "/checkoutnow":
            return self._page(call)
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.granted:
            return refusal(401)
        for method, pattern, handler in _ROUTES:
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                reply: Reply = handler(self, call, *found.groups())
                return reply
        return refusal(404)

    def _token(self, call: Call) -> Reply:
        given = b64decode(call.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if given != f"{CLIENT_ID}:{SECRET}":
            return Reply(
                status=401,
                body={"error": "invalid_client", "error_description": "Client Authentication failed"},
            )
        token = f"A21AA{self.book.name()}"
        self.granted.add(token)
        return Reply(
            body={
                "scope": "openid",
                "access_token": token,
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": 32400,
                "nonce": self.book.now(),
            }
        )

    def _page(self, call: Call) -> Reply:
        """The page on which the payer approves; sending its form (POST) agrees and goes back to the shop."""
        ref = call.query["token"]
        if call.method == "GET":
            page = f'<form method="post" action="/checkoutnow?token={ref}"><button>Pay now</button></form>'
            return Reply(body=page.encode(), headers={"content-type": "text/html"})
        fields = parse_qs(call.body.decode())
        wallet = Wallet(issue=fields.get("issue", [None])[0])
        setup = ref in self.book.setups
        return Reply(status=302, headers={"location": self.approve(f"setup:{ref}" if setup else ref, wallet)})

    def _once(
        self, call: Call, made: Callable[[], Thing], kept: dict[str, Thing], repeated: int = 200
    ) -> Reply:
        """Make a thing; the same request id gives the same thing, as it now is, with status `repeated`."""
        name = call.headers.get("paypal-request-id")
        known = None if name is None else self.book.once.get((call.path, name))
        if known is not None:
            return self._shown(kept[known], repeated, call)
        stumbles = [self._stumbles.pop()] if name is not None and self._stumbles else []
        if stumbles == [False]:
            raise _failure(call)
        thing = made()
        if name is not None:
            self.book.once[call.path, name] = thing["id"]
        if stumbles:
            raise _failure(call)
        return self._shown(thing, 201, call)

    def _shown(self, thing: Thing, status: int, call: Call) -> Reply:
        whole = acts.public(thing)
        if call.path.startswith("/v3/") or call.headers.get("prefer") == "return=representation":
            return Reply(status=status, body=whole)
        return Reply(status=status, body={name: whole[name] for name in ("id", "status", "links")})

    def _create(self, call: Call) -> Reply:
        body = call.json()
        if "payment_source" in body and "paypal-request-id" not in call.headers:
            raise Refused(400, "PAYPAL_REQUEST_ID_REQUIRED")
        if self.book.refusing is not None:
            raise Refused(422, self.book.refusing)
        return self._once(call, lambda: acts.create_order(self.book, body, self.url), self.book.orders)

    def _order(self, call: Call, ref: str) -> Reply:
        return Reply(body=acts.public(_found(self.book.orders, ref)))

    def _patch(self, call: Call, ref: str) -> Reply:
        order = _found(self.book.orders, ref)
        if order["status"] == "COMPLETED":
            raise Refused(422, "ORDER_ALREADY_COMPLETED")
        if self.book.changes_no_waiting_order and order["status"] not in ("CREATED", "APPROVED"):
            raise Refused(422, "NOT_PATCHABLE")
        for change in call.json():
            if (change["op"], change["path"]) != ("replace", "/intent"):
                raise Refused(422, "NOT_PATCHABLE")
            order["intent"] = change["value"]
        return Reply(status=204)

    def _capture(self, call: Call, ref: str) -> Reply:
        order = _found(self.book.orders, ref)

        if self.book.refusing is not None:
            raise Refused(422, self.book.refusing)

        def made() -> Thing:
            acts.capture(self.book, order, call.json())
            return order

        return self._once(call, made, self.book.orders)

    def _capture_shown(self, call: Call, ref: str) -> Reply:
        made = _found(self.book.captures, ref)
        return Reply(body=acts.public(acts.linked(acts.order_of(self.book, ref), made)))

    def _refund(self, call: Call, ref: str) -> Reply:
        made = _found(self.book.captures, ref)
        return self._once(call, lambda: acts.refund(self.book, made, call.json()), self.book.refunds, 201)

    def _refund_shown(self, _: Call, ref: str) -> Reply:
        return Reply(body=acts.public(_found(self.book.refunds, ref)))

    def _setup(self, call: Call) -> Reply:
        body = call.json()

        def made() -> Thing:
            ref = self.book.name()
            setup = {
                "id": ref,
                "status": "PAYER_ACTION_REQUIRED",
                "customer": body["customer"],
                "payment_source": {"paypal": {}},
                "links": [{"href": f"{self.url}/checkoutnow?token={ref}", "rel": "approve", "method": "GET"}],
                "_back": body["payment_source"]["paypal"]["experience_context"]["return_url"],
            }
            self.book.setups[ref] = setup
            return setup

        return self._once(call, made, self.book.setups)

    def _setup_shown(self, call: Call, ref: str) -> Reply:
        return Reply(body=acts.public(_found(self.book.setups, ref)))

    def _exchange(self, call: Call) -> Reply:
        token = call.json()["payment_source"]["token"]

        def made() -> Thing:
            if token["type"] == "BILLING_AGREEMENT":
                if token["id"] not in self.book.agreements:
                    raise Refused(422, "BILLING_AGREEMENT_NOT_FOUND")
                return acts.vault(
                    self.book, Wallet(account_id="B".ljust(13, "2")), call.json()["customer"]["id"]
                )
            setup = _found(self.book.setups, token["id"])
            if setup["status"] != "APPROVED":
                raise Refused(422, "PAYER_ACTION_REQUIRED")
            setup["status"] = "VAULTED"
            return acts.vault(self.book, self.book.wallets[setup["id"]], setup["customer"]["id"])

        return self._once(call, made, self.book.tokens)

    def _tokens(self, call: Call) -> Reply:
        customer = call.query["customer_id"]
        mine = [acts.public(t) for t in self.book.tokens.values() if t["customer"]["id"] == customer]
        return Reply(body={"customer": {"id": customer}, "payment_tokens": mine})

    def _token_shown(self, call: Call, ref: str) -> Reply:
        return Reply(body=acts.public(_found(self.book.tokens, ref)))

    def _forget(self, call: Call, ref: str) -> Reply:
        self.book.tokens.pop(ref, None)
        return Reply(status=204)

    def _events(self, call: Call) -> Reply:
        first, last, rows = call.query["start_time"], call.query["end_time"], int(call.query["page_size"])
        found = [each for each in self.book.events if first <= each["create_time"] <= last]
        return Reply(body=_page_of(found, rows, call, "events", self.url) | {"count": len(found)})

    def _disputes(self, call: Call) -> Reply:
        after = call.query.get("update_time_after", "2000-01-01T00:00:00Z")
        rows, about = int(call.query.get("page_size", 10)), call.query.get("disputed_transaction_id")
        found = [
            {
                name: case[name]
                for name in (
                    "dispute_id",
                    "create_time",
                    "update_time",
                    "reason",
                    "status",
                    "dispute_amount",
                    "links",
                )
            }
            for case in self.book.disputes.values()
            if datetime.fromisoformat(case["update_time"]) >= datetime.fromisoformat(after)
            and about in (None, case["disputed_transactions"][0]["seller_transaction_id"])
        ]
        page = _page_of(found, rows, call, "items", self.url)
        return Reply(body={name: value for name, value in page.items() if value})

    def _dispute(self, call: Call, ref: str) -> Reply:
        return Reply(body=acts.public(_found(self.book.disputes, ref)))

    def _answer_dispute(self, call: Call, ref: str, how: str) -> Reply:
        case = _found(self.book.disputes, ref)
        if case["status"] != "WAITING_FOR_SELLER_RESPONSE":
            raise Refused(422, "NOT_AUTHORIZED_ON_STATUS")
        if how == "accept-claim":
            outcome = {"outcome_code": "RESOLVED_BUYER_FAVOUR", "amount_refunded": case["dispute_amount"]}
            acts.change_dispute(self.book, ref, status="RESOLVED", dispute_outcome=outcome)
        else:
            acts.change_dispute(self.book, ref, status="UNDER_REVIEW")
        link = {"href": f"{self.url}/v1/customer/disputes/{ref}", "rel": "self", "method": "GET"}
        return Reply(body={"links": [link]})

    def _verify(self, call: Call) -> Reply:
        genuine = self.seal.confirms(call.body, call.json(), WEBHOOK_ID)
        return Reply(body={"verification_status": "SUCCESS" if genuine else "FAILURE"})


class ServedPeer(PayPalPeer):
    """PayPal on the loopback interface, alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.server = PeerServer(self.answer)
        super().__init__(clock, self.server.url, Witness.of("paypal", OUTSIDE, PARDONED))

    def close(self) -> None:
        """Stop serving."""
        self.server.close()


def _failure(call: Call) -> Refused:
    """A failure of PayPal's own; of refunds its document has it without a word."""
    no = Refused(500)
    if call.path.startswith("/v2/payments/"):
        no.reply = Reply(status=500)
    return no


def _found(things: dict[str, Thing], ref: str) -> Thing:
    if ref not in things:
        raise Refused(404, "INVALID_RESOURCE_ID")
    return things[ref]


def _page_of(found: list[Thing], rows: int, call: Call, name: str, url: str) -> Thing:
    """One page of a list, with a link to the next one."""
    start = int(call.query.get("next_page_token", 0))
    links = []
    if len(found) > start + rows:
        kept = "&".join(f"{n}={v}" for n, v in call.query.items() if n != "next_page_token")
        links = [
            {
                "href": f"{url}{call.path}?{kept}&next_page_token={start + rows}",
                "rel": "next",
                "method": "GET",
            }
        ]
    return {name: [acts.public(each) for each in found[start : start + rows]], "links": links}


_ROUTES: list[tuple[str, str, Any]] = [
    ("POST", r"/v2/checkout/orders", PayPalPeer._create),
    ("GET", r"/v2/checkout/orders/([^/]+)", PayPalPeer._order),
    ("PATCH", r"/v2/checkout/orders/([^/]+)", PayPalPeer._patch),
    ("POST", r"/v2/checkout/orders/([^/]+)/capture", PayPalPeer._capture),
    ("GET", r"/v2/payments/captures/([^/]+)", PayPalPeer._capture_shown),
    ("POST", r"/v2/payments/captures/([^/]+)/refund", PayPalPeer._refund),
    ("GET", r"/v2/payments/refunds/([^/]+)", PayPalPeer._refund_shown),
    ("POST", r"/v3/vault/setup-tokens", PayPalPeer._setup),
    ("GET", r"/v3/vault/setup-tokens/([^/]+)", PayPalPeer._setup_shown),
    ("POST", r"/v3/vault/payment-tokens", PayPalPeer._exchange),
    ("GET", r"/v3/vault/payment-tokens", PayPalPeer._tokens),
    ("GET", r"/v3/vault/payment-tokens/([^/]+)", PayPalPeer._token_shown),
    ("DELETE", r"/v3/vault/payment-tokens/([^/]+)", PayPalPeer._forget),
    ("GET", r"/v1/notifications/webhooks-events", PayPalPeer._events),
    ("GET", r"/v1/customer/disputes", PayPalPeer._disputes),
    ("GET", r"/v1/customer/disputes/([^/]+)", PayPalPeer._dispute),
    ("POST", r"/v1/notifications/verify-webhook-signature", PayPalPeer._verify),
    ("POST", r"/v1/customer/disputes/([^/]+)/(accept-claim|provide-evidence)", PayPalPeer._answer_dispute),
]
