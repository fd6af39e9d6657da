"""What a payer's browser may do at Stripe: look at an intent and confirm it, with the publishable key and the intent's
client secret, and pass or fail 3-D Secure.

Owns that door of the peer alone. Does not own what a confirmation leads to (`acts`), nor the script that calls it
(`tests/peers/scripts/stripe.js`).
"""

import json
import re
from urllib.parse import urlsplit

from tests.openapi.forms import nested
from tests.peers.http import Call, Reply
from tests.peers.stripe import acts
from tests.peers.stripe.server import StripeAccount
from tests.peers.stripe.state import Refused, Thing, invalid

PUBLISHABLE_KEY = "pk_test_TYooMQauvdEDq54NiTphI7jx"
ROUTE = re.compile(r"/v1/(payment_intent|setup_intent)s/([^/]+)(/confirm)?")
SHOWN = (
    "id",
    "object",
    "amount",
    "currency",
    "status",
    "next_action",
    "payment_method_types",
    "setup_future_usage",
    "last_payment_error",
    "last_setup_error",
)


def answer(account: StripeAccount, call: Call) -> Reply:
    """What Stripe answers to a browser."""
    form = nested(call.body.decode() if call.method == "POST" else urlsplit(call.url).query)
    found = ROUTE.fullmatch(call.path)
    with account.book.lock:
        try:
            if found is None or form.get("key") != PUBLISHABLE_KEY:
                raise invalid("Invalid API Key provided", status=401)
            intent = account.book.find(found[1], found[2])
            if form.get("client_secret") != intent["client_secret"]:
                raise invalid("The client_secret provided does not match", param="client_secret")
            if found[3]:
                _confirm(account, intent, form)
            return Reply(body=_shown(intent))
        except Refused as no:
            return no.reply


def challenge(account: StripeAccount, ref: str, *, passed: bool) -> None:
    """The payer is done with 3-D Secure; a bank that then declines says so by the intent."""
    account.authenticate(ref, passed=passed)


def _confirm(account: StripeAccount, intent: Thing, form: Thing) -> None:
    """Its own script handles what is next in the page."""
    acts.confirm(
        account.book,
        intent,
        {"payment_method": form["payment_method_data"]["token"], "return_url": form["return_url"]},
    )
    action = intent["next_action"]
    if action is not None and form.get("use_stripe_sdk") == "true":
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure"}}


def _shown(intent: Thing) -> Thing:
    shown: Thing = json.loads(json.dumps({name: intent[name] for name in SHOWN if name in intent}))
    return shown
