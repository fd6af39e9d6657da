"""System: whether this process and its database are well, and a page for people who find this address."""

from functools import cache
from html import escape

from solvent.web.endpoint import Call, Reply
from solvent.web.problems import Problem

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Solvent</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}}
code{{background:#8882;padding:.1em .3em;border-radius:.2em}}</style></head><body>
<h1>Solvent</h1>
<p>A billing platform that confirms payment before it commits state: if a payment fails, nothing was committed, so
there is nothing to undo.</p>
<ul>
<li><a href="/v1/openapi.json">The API</a> (OpenAPI 3.1): send <code>Authorization: Bearer sk_…</code></li>
<li><a href="/v1/readyz">Whether it is ready</a></li>
</ul>
<p>{note}</p></body></html>
"""


def home(_call: Call) -> Reply:
    """What this is, with links."""
    note = escape("Start with a quote: POST /v1/quotes writes nothing and says what a change would cost.")
    return Reply(_PAGE.format(note=note).encode(), 200, (), "text/html; charset=utf-8")


def healthz(_call: Call) -> Reply:
    """This process answers."""
    return Reply({"status": "ok"})


def readyz(call: Call) -> Reply:
    """The database answers and has the schema that this code expects."""
    present = call.queries.revision()
    if present != _expected():
        raise Problem(
            "unavailable", f"the database's schema is {present or 'missing'}: run `solvent migrate`"
        )
    return Reply({"status": "ready"})


@cache
def _expected() -> str | None:
    from solvent.store.schema import newest  # noqa: PLC0415 -- alembic would double the time of a start

    return newest()
