"""Pages: what the payer sees at the bank.

Owns the HTML of the challenge, the approval and their ends. Does not own what a button does (`server`, `controls`).
"""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from solvent.providers.sandbox.cards import BEHAVIOURS, SUCCEEDS

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;background:#f4f5f7;color:#1c2430;display:grid;place-items:center;
min-height:100vh;margin:0}
main{background:#fff;border:1px solid #dfe3e8;border-radius:12px;padding:2rem;width:min(26rem,90vw)}
h1{font-size:1.2rem;margin:0 0 .5rem}.sum{font-size:1.8rem;font-weight:600;margin:.5rem 0 1.5rem}
button{font:inherit;padding:.6rem 1.2rem;border-radius:8px;border:1px solid #1c2430;background:#fff;cursor:pointer}
button.main{background:#1c2430;color:#fff}select{font:inherit;width:100%;padding:.4rem;margin:0 0 1rem}
small{color:#5b6675}
"""

# Currencies whose minor unit is not a hundredth; only for showing an amount to the payer.
_DECIMALS = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "VND": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "OMR": 3,
    "JOD": 3,
    "TND": 3,
}


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<main><small>Sandbox bank: no real money</small><h1>{escape(title)}</h1>{body}</main></html>"
    )


def _sum(amount: int, currency: str) -> str:
    if amount == 0:
        return "No charge today"
    digits = _DECIMALS.get(currency, 2)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}d} {currency}" if digits else f"{whole} {currency}"


def _buttons(choices: Iterable[tuple[str, str, str]]) -> str:
    return " ".join(
        f'<button class="{escape(css)}" name="choice" value="{escape(value)}">{escape(text)}</button>'
        for value, text, css in choices
    )


def challenge(amount: int, currency: str) -> str:
    """3-D Secure: pass or fail. The form posts to its own address."""
    buttons = _buttons([("pass", "Pass", "main"), ("fail", "Fail", "")])
    return _page(
        "Confirm that it is you",
        f'<p class="sum">{escape(_sum(amount, currency))}</p><form method="post">{buttons}</form>',
    )


def approval(amount: int, currency: str) -> str:
    """Redirect approval: approve with a funding source of the test table, or refuse."""
    options = "".join(
        f'<option value="{one.number}"{" selected" if one.number == SUCCEEDS else ""}>'
        f"{escape(one.label)}: {escape(one.says)}</option>"
        for one in BEHAVIOURS.values()
    )
    buttons = _buttons([("approve", "Approve", "main"), ("refuse", "Refuse", "")])
    return _page(
        "Approve this payment with SandPal",
        f'<p class="sum">{escape(_sum(amount, currency))}</p><form method="post">'
        f'<label>Pay with<select name="number">{options}</select></label>{buttons}</form>',
    )


def done(status: str, return_to: str | None) -> str:
    """The end of the payer's part; a link leads back where the shop said so."""
    link = ""
    if return_to is not None and leads_to_a_shop(return_to):
        link = f'<p><a href="{escape(return_to)}">Return to the shop</a></p>'
    return _page(
        "Thank you", f"<p>The bank says: <b>{escape(status)}</b></p>{link or '<p>You may close this.</p>'}"
    )


def leads_to_a_shop(url: str) -> bool:
    """Whether a payer may be sent there: an address of the web, and nothing that would run here."""
    return urlsplit(url).scheme in ("http", "https") and url.isascii() and url.isprintable()


def missing() -> str:
    """No such payment."""
    return _page("Not found", "<p>The bank does not know this payment.</p>")
