"""Closing routes: the part of the table of endpoints that is about closing accounts.

Owns the entries' paths, bodies, answers, problems and examples. Does not own what they do (`handlers.closing`).
"""

from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import closing
from solvent.web.views import AccountView

_EXAMPLE = {"by": "carol", "reason": "the customer asked for it by e-mail"}

CLOSING = (
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/close",
        name="closeAccount",
        tag="accounts",
        summary="Close an account",
        description="Once everything of it has ended and been paid: no live subscription, no debt, nothing that waits "
        "for an invoice, nothing under way; else 422 names what is left. Nothing new begins then; documents, credit "
        "and the portal stay, and what it comes to owe later (a lost dispute) is collected. Twice is harmless.",
        run=closing.close,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=closing.ClosingBody,
        example=_EXAMPLE,
        answers={200: (AccountView, "As it now is; the account is looked at now.")},
        problems=("not_found", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/reopen",
        name="reopenAccount",
        tag="accounts",
        summary="Open a closed account again",
        description="It can buy again; what had ended stays ended. Twice is harmless.",
        run=closing.reopen,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        body=closing.ClosingBody,
        example=_EXAMPLE,
        answers={200: (AccountView, "As it now is; the account is looked at now.")},
        problems=("not_found", "refused"),
    ),
)
