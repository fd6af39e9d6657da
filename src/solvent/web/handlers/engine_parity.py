"""Parity: what the engine decided beside what was done.

Owns how a request becomes one read. Does not own the comparison (`core.parity`).
"""

from datetime import timedelta

from solvent.core.consequence import Consequence
from solvent.core.ids import spell
from solvent.core.parity import Deed, Parity
from solvent.store import parity as reads
from solvent.store.parity import Window
from solvent.web.endpoint import Call, Reply
from solvent.web.engine_views import ParityBody, ParityReport, ParityView, UnlikeView
from solvent.web.fields import uuid_in
from solvent.web.problems import refused

DAYS = 30


def parity(call: Call) -> Reply:
    """Each consequence, decided and done."""
    body: ParityBody = call.body
    until = body.until or call.now
    window = Window(since=body.since or until - timedelta(days=DAYS), until=until)
    if window.since >= window.until:
        raise refused("since", "must be before until")
    for n, one in enumerate(body.done):
        if one.consequence is Consequence.ALL:
            raise refused(f"done[{n}].consequence", "must be a single consequence")
    done = [
        Deed(account_id=uuid_in(d.account_id), consequence=d.consequence, at=d.at, words="done elsewhere")
        for d in body.done
    ]
    found = reads.parity(call.solvent.database.pool, window, done, body.examples)
    return Reply(
        ParityReport(
            since=window.since,
            until=window.until,
            data=[parity_view(consequence, one, window) for consequence, one in found.items()],
        )
    )


def parity_view(consequence: Consequence, one: Parity, window: Window) -> ParityView:
    """One consequence, decided and done."""
    return ParityView(
        consequence=consequence,
        agreed=one.agreed,
        apart_s=int(one.apart.total_seconds()),
        only_decided=one.only_decided,
        oldest_decided=one.oldest_decided,
        only_done=one.only_done,
        oldest_done=one.oldest_done,
        examples=[
            UnlikeView(
                account_id=spell("acc", unlike.account_id),
                decided=unlike.decided,
                at=unlike.at,
                age_s=int((window.until - unlike.at).total_seconds()),
                words=unlike.words,
            )
            for unlike in one.examples
        ],
    )
