"""Portal link routes: the part of the table of endpoints by which the merchant lets a customer into the portal.

Owns its public name and its handler. Does not own the portal (`portal`), nor the other routes (`routes`).
"""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.ids import spell
from solvent.core.language import Language
from solvent.portal_links import PortalLinks
from solvent.web.change_bodies import Body
from solvent.web.endpoint import Call, Endpoint, Repeat, Reply, Scope
from solvent.web.fields import AccountId, ReturnUrl
from solvent.web.handlers.shared import account_in_path

SECONDS_MIN, SECONDS_MAX = 60, 86_400
PORTAL_LINK = {"return_url": "https://shop.example.com/account", "locale": "en"}


class PortalLinkBody(Body):
    """In which language the portal is shown (left out: the account's), where it leads back to, and for how long the
    link lets somebody in (left out: as set)."""

    locale: Language | None = None
    return_url: ReturnUrl | None = None
    expires_in: Annotated[int, Meta(ge=SECONDS_MIN, le=SECONDS_MAX, description="Seconds.")] | None = None


class PortalLinkView(Struct, frozen=True, kw_only=True):
    """A link by which whoever has it enters the account's portal, until `expires_at`."""

    id: Annotated[str, Meta(pattern=r"^pvs_[0-9a-f]{32}$(?!\n)", description="Id of the visit.")]
    account_id: AccountId
    url: Annotated[str, Meta(examples=["https://billing.example.com/portal/enter/AZOlss…"])]
    expires_at: datetime


def make(call: Call) -> Reply:
    """A link into a new visit."""
    account = account_in_path(call)
    body: PortalLinkBody = call.body
    session, url = PortalLinks(call.solvent.settings, call.solvent.database).make(
        account.id,
        call.solvent.platform.ids,
        call.now,
        language=body.locale,
        return_url=body.return_url,
        lasts=None if body.expires_in is None else timedelta(seconds=body.expires_in),
    )
    view = PortalLinkView(
        id=spell("pvs", session.id),
        account_id=spell("acc", account.id),
        url=url,
        expires_at=session.enter_until,
    )
    return Reply(view, 201)


PORTAL_LINKS = (
    Endpoint(
        method="POST",
        path="/v1/accounts/{account_id}/portal-links",
        name="makePortalLink",
        tag="accounts",
        summary="Make a link by which a customer enters the portal",
        description="Whoever has the link is let in as the account, until it ends: send the customer's browser there "
        "at once, after you have made sure who that is. The visit begins when the link is opened, and ends by itself "
        "or when the customer signs out; then the link leads nowhere.",
        run=make,
        scope=Scope.WRITE,
        repeat=Repeat.ANSWER,
        body=PortalLinkBody,
        example=PORTAL_LINK,
        answers={201: (PortalLinkView, "The link.")},
        problems=("not_found", "idempotency_key_reused", "in_flight"),
    ),
)
