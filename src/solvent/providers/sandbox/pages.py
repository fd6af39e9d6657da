"""Pages: what the payer sees at the bank.

Owns the HTML of the challenge, the approval and their ends, and the policy under which a browser shows it. Does not own
what a button does (`server`, `controls`).
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from solvent.providers.sandbox.cards import BEHAVIOURS, SUCCEEDS

_STYLE = """
:root{color-scheme:light dark;--page:#f4f6f8;--sheet:#fff;--ink:#17202b;--soft:#535e6d;--line:#dde2e8;--edge:#7b8696;
--act:#1b5cc4;--on-act:#fff;--warn:#6b4500;--warn-page:#fdf1d8}
@media(prefers-color-scheme:dark){:root{--page:#11151a;--sheet:#1a2027;--ink:#e8ebef;--soft:#aab3c0;--line:#2f3843;
--edge:#7f8b9b;--act:#7fb0ff;--on-act:#0c1420;--warn:#f5cd7b;--warn-page:#372b10}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;background:var(--page);color:var(--ink);
display:grid;place-items:center;min-height:100vh;margin:0;padding:16px}
main{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:28px;width:min(26rem,100%);
box-shadow:0 1px 2px rgb(16 24 40/6%)}
.top{display:flex;justify-content:space-between;align-items:center;gap:12px;margin:0 0 24px;font-weight:700}
.test{padding:2px 10px;border-radius:99px;font-size:13px;font-weight:600;background:var(--warn-page);color:var(--warn)}
h1{font-size:20px;line-height:1.3;margin:0 0 4px}
p{margin:0 0 16px}
.sum{font-size:32px;line-height:1.2;font-weight:650;margin:0 0 20px;font-variant-numeric:tabular-nums}
form{display:grid;gap:10px}
label{font-size:14px;font-weight:600}
select{display:block;font:inherit;font-weight:400;width:100%;min-height:44px;padding:8px;margin:4px 0 6px;color:inherit;
background:var(--sheet);border:1px solid var(--edge);border-radius:8px}
button,a.main{font:inherit;font-weight:650;min-height:48px;padding:10px 20px;border-radius:8px;
border:1px solid var(--edge);background:transparent;color:inherit;cursor:pointer;text-align:center;text-decoration:none}
button.main,a.main{display:block;background:var(--act);border-color:var(--act);color:var(--on-act)}
.sandpal .top span:first-child{font-style:italic;font-size:20px;color:var(--act)}
.sandpal button.main{background:#ffc439;border-color:#ffc439;color:#1b1f24}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"

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


def _page(title: str, body: str, bank: str = "Sandbox bank") -> str:
    css = "sandpal" if bank == "SandPal" else "bank"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><style>{_STYLE}</style></head>'
        f'<body class="{css}"><main><div class="top"><span>{escape(bank)}</span>'
        f'<span class="test">No real money</span></div><h1>{escape(title)}</h1>{body}</main></body></html>'
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
    buttons = _buttons([("pass", "Yes, it is me", "main"), ("fail", "No, refuse", "")])
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
        "SandPal",
    )


def done(status: str, return_to: str | None) -> str:
    """The end of the payer's part; a link leads back where the shop said so."""
    link = ""
    if return_to is not None and leads_to_a_shop(return_to):
        link = f'<a class="main" href="{escape(return_to)}">Return to the shop</a>'
    return _page(
        "Thank you", f"<p>The bank says: <b>{escape(status)}</b></p>{link or '<p>You may close this.</p>'}"
    )


def leads_to_a_shop(url: str) -> bool:
    """Whether a payer may be sent there: an address of the web, and nothing that would run here."""
    return urlsplit(url).scheme in ("http", "https") and url.isascii() and url.isprintable()


def missing() -> str:
    """No such payment."""
    return _page("Not found", "<p>The bank does not know this payment.</p>")
