"""Examples: one request body per endpoint, as the documentation shows it. A test checks that each one decodes."""

_ID = "0193a5b2c4d87e6fa1b2c3d4e5f60718"

ACCOUNT = {
    "name": "Example Ltd",
    "email": "billing@example.com",
    "currency": "USD",
    "country": "US",
    "time_zone": "America/New_York",
    "address": {
        "lines": ["548 Market Street"],
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94104",
    },
}
ACCOUNT_CHANGE = {"email": "invoices@example.com", "country": "DE", "tax_id": "DE136695976"}
_START = {
    "type": "start",
    "items": [{"price_id": "zone-pro-usd-month", "quantity": 1, "object": "zone:example.com"}],
}
QUOTE = {"account_id": f"acc_{_ID}", "change": _START}
CHANGE = {
    "account_id": f"acc_{_ID}",
    "change": _START,
    "provider": "sandbox",
    "return_url": "https://shop.example.com/paid?order=17",
}
CART = {
    "account_id": f"acc_{_ID}",
    "lines": [
        {"price_id": "zone-pro-usd-month", "object": "zone:example.com"},
        {"price_id": "seats-usd-month", "quantity": 5},
    ],
    "coupons": ["WELCOME20"],
    "success_url": "https://shop.example.com/paid?order=17",
}
CART_LINE = {"price_id": "onboarding-usd", "quantity": 1}
CART_LINE_CHANGE = {"quantity": 3, "version": 2}
CART_CODES = {"codes": ["WELCOME20"]}
CART_PAY = {
    "way": "card",
    "provider": "sandbox",
    "seen_total": 7500,
    "seen_fingerprint": "19c0b5a3f10-3f0a1c2b4d5e6f708192a3b4",
    "return_url": "https://shop.example.com/checkout",
}
CONFIRM = {"method": "tok_4242424242424242"}
PAY_DEBT = {"invoice_ids": [f"inv_{_ID}"]}
INVOICE = {
    "account_id": f"acc_{_ID}",
    "lines": [{"description": "Onboarding, 2 hours", "amount": 18000, "quantity": 2}],
}
INVOICE_DRAFT = INVOICE | {
    "lines": [
        {
            "description": "Support, second quarter",
            "unit_amount": 9000,
            "quantity": 2,
            "period": {"start": "2026-04-01T00:00:00Z", "end": "2026-07-01T00:00:00Z"},
        }
    ],
    "reference": "PO-2026-0117",
    "notes": "Thank you for the workshop.",
    "terms_days": 30,
}
DRAFT_CHANGE = {"lines": [{"description": "Onboarding", "amount": 9000}], "reference": None}
INVOICE_ITEM = {
    "account_id": f"acc_{_ID}",
    "description": "Migration, per zone",
    "unit_amount": 1500,
    "quantity": 12,
    "product_id": "zone-pro",
}
INVOICE_ITEM_ANEW = {"description": "Migration, per zone", "unit_amount": 1500, "quantity": 10}
USAGE = {
    "events": [
        {
            "id": "req-2026-01-31-eu-000017",
            "account": f"acc_{_ID}",
            "meter": "requests",
            "at": "2026-01-31T12:00:00Z",
            "value": 125000,
        }
    ]
}
_WHO = {"reason": "Agreed with the customer", "issued_by": "carol@example.com"}
CREDIT_NOTE = {"invoice_id": f"inv_{_ID}", "amount": 500, **_WHO}
REFUND = {"payment_id": f"pay_{_ID}", "amount": 500, **_WHO}
REFUND_RETRY = {"reason": "The customer has a new card"}
RECEIPT = {
    "method": "bank_transfer",
    "reference": "TR-2026-0042",
    "amount": 18000,
    "received_at": "2026-03-01T00:00:00Z",
}
TRANSFER = {name: RECEIPT[name] for name in ("reference", "amount", "received_at")}
RECEIPTS = {**RECEIPT, "invoices": [f"inv_{_ID}"]}
EVIDENCE = {
    "statement": "The customer signed in on 20 days after the payment; the log is attached to our ticket 42."
}
GIFT = {
    "kind": "goodwill",
    "amount": 500,
    "reason": "The outage of 3 March",
    "granted_by": "carol@example.com",
}
VOID = {"reason": "Given twice", "by": "carol@example.com"}
GIVE_UP = {"reason": "The company was dissolved", "by": "carol@example.com"}
CLOCK = {"account_id": f"acc_{_ID}", "now": "2026-03-01T00:00:00Z"}
ENTITLEMENTS = {
    "accounts": [f"acc_{_ID}"],
    "known": {f"acc_{_ID}": '"5d41402abc4b2a76b9719d91d0e1f2a3.1767225600000000"'},
    "object": "zone:example.com",
}
ENTITLEMENT_TOKEN = {"audience": "edge-proxy", "objects": ["zone:example.com"], "ttl_s": 300}
