"""Present a cart: the core's values as the views of a checkout.

Owns the translation, and the words about a payment that failed, in the language of the page. Decides nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartState
from solvent.core.cart_view import LineTold
from solvent.core.domain_search import Candidate
from solvent.core.ids import spell
from solvent.core.invoice import Invoice
from solvent.core.language import Language
from solvent.core.payment import CAUSE_CLASS, AttemptState
from solvent.core.phrase import spoken
from solvent.core.registration import RegistrationState
from solvent.core.way import ON_FILE, Way, WayKind
from solvent.flows.cart import Shown
from solvent.messages.composing import CATALOGS
from solvent.ports.bot_check import BotCheck
from solvent.ports.registrar import Availability
from solvent.web import checkout_views as views
from solvent.web.present import interval_view
from solvent.web.problems import FieldError
from solvent.web.way_names import WayName

SANDBOXES = frozenset({"sandbox", "sandpal"})
_TOKENS = {
    WayKind.CARD: "tok_{number}",
    WayKind.APPLE_PAY: "tok_4242424242424242",
    WayKind.GOOGLE_PAY: "tok_5555555555554444",
    WayKind.BANK_DEBIT: "tok_000123456789",
}


class Around(NamedTuple):
    """What a view says beside the cart: the merchant's name, the invoice that was issued and where its file is, and
    whether names can be registered in the cart's currency; which providers have a part in the page, by the key that it
    is told."""

    merchant: str
    invoice: Invoice | None
    pdf_url: str
    sells_domains: bool
    bot_check: BotCheck
    public_keys: Mapping[str, str]


def checkout_view(shown: Shown, around: Around) -> views.CheckoutView:
    """A cart as its customer reads it."""
    cart, told, account = shown.cart, shown.told, shown.view.account
    is_open, language = shown.state is CartState.OPEN, _catalog_of(shown)
    state = state_shown(shown)
    # The cart's sums are those that were paid: of what was given back of them nothing renews.
    renews = () if state is views.CheckoutState.PARTLY_REFUNDED else told.renews
    return views.CheckoutView(
        id=spell("crt", cart.id),
        state=state,
        version=cart.version,
        locale=language_of(shown),
        currency=account.currency,
        merchant=views.NamedView(name=around.merchant),
        account=views.NamedView(name=account.name),
        lines=[_line(line, language, editable=is_open) for line in told.lines],
        coupons=list(cart.coupons),
        discounts=[
            views.CartDiscountView(
                code=d.code, name=spoken(d.name, language), percent=d.percent, fixed=d.fixed, amount=d.amount
            )
            for d in told.discounts
        ],
        taxes=[
            views.CartTaxView(
                label=f"{spoken(t.name, language)} {t.jurisdiction}",
                rate=t.rate,
                amount=t.amount,
                included=t.included,
            )
            for t in told.taxes
        ],
        subtotal=told.subtotal,
        discount=told.discount,
        tax=told.tax,
        total=told.total,
        credit_used=told.credit_used,
        due_now=told.due_now,
        renews=[
            views.CartRenewalView(interval=interval_view(r.interval), amount=r.amount, at=r.at)
            for r in renews
        ],
        fingerprint=told.fingerprint,
        ways=[_way(way, around.public_keys) for way in shown.ways],
        attempt=_attempt(shown),
        result=_result(shown, around),
        problem=None if shown.problem is None else FieldError(shown.problem.field, shown.problem.rule),
        sells_domains=around.sells_domains,
        bot=views.BotView(kind=around.bot_check.kind, site_key=around.bot_check.site_key),
        success_url=cart.success_url,
        cancel_url=cart.cancel_url,
        expires_at=cart.expires_at,
    )


def language_of(shown: Shown) -> str:
    """The language of the page, as a browser knows it: the cart's own, or that of the account."""
    return shown.cart.locale or shown.view.account.language


def _catalog_of(shown: Shown) -> Language:
    """In which of ours the page is written."""
    return Language.DE if language_of(shown).startswith("de") else Language.EN


def cart_summary(cart: Cart) -> views.CartSummaryView:
    """A cart in short."""
    return views.CartSummaryView(
        id=spell("crt", cart.id),
        account_id=spell("acc", cart.account_id),
        version=cart.version,
        canceled=cart.canceled_at is not None,
        created_at=cart.created_at,
        expires_at=cart.expires_at,
    )


def _line(told: LineTold, language: Language, *, editable: bool) -> views.CartLineView:
    line, offer = told.line, told.offer if editable else None
    return views.CartLineView(
        id=spell("cln", line.id),
        price_id=line.price_id,
        product=told.product,
        name=spoken(told.name, language),
        object=line.object,
        quantity=line.quantity,
        editable=editable,
        min=1,
        max=told.quantity_max,
        interval=None if told.interval is None else interval_view(told.interval),
        amount=told.amount,
        explanation=spoken(told.explanation, language),
        offer=None
        if offer is None
        else views.CartOfferView(
            price_id=offer.price_id,
            name=spoken(offer.name, language),
            interval=interval_view(offer.interval),
            saves=offer.saves,
        ),
    )


def _way(way: Way, public_keys: Mapping[str, str]) -> views.WayView:
    key = None if way.kind in ON_FILE else public_keys.get(way.provider or "")
    token = _TOKENS.get(way.kind) if way.provider in SANDBOXES and way.kind not in ON_FILE else None
    return views.WayView(
        kind=WayName.of(way.kind),
        provider=way.provider,
        method_id=None if way.method_id is None else spell("mth", way.method_id),
        label=way.label,
        sandbox=None if token is None else views.SandboxWayView(token=token),
        setup=None if key is None else views.WaySetupView(publishable_key=key),
    )


def _attempt(shown: Shown) -> views.CheckoutAttemptView | None:
    attempt = shown.attempt
    if attempt is None:
        return None
    words = CATALOGS[_catalog_of(shown)]
    cause = attempt.cause if attempt.state is AttemptState.FAILED else None
    return views.CheckoutAttemptView(
        id=spell("att", attempt.id),
        state=attempt.state,
        way=_name_of(attempt),
        provider=attempt.provider if attempt.needs_provider else None,
        next_action=_action(attempt, _catalog_of(shown)),
        cause=cause,
        cause_class=None if cause is None else CAUSE_CLASS[cause],
        message=None if cause is None else words.causes[cause],
    )


def _name_of(attempt: Attempt) -> WayName | None:
    """As far as the journal says: by a method on file, or by none."""
    if not attempt.needs_provider:
        return WayName.NONE
    return None if attempt.method_id is None else WayName.SAVED_CARD


def _action(attempt: Attempt, language: Language) -> views.CheckoutActionView | None:
    action = attempt.action if attempt.in_flight else None
    if action is None:
        return None
    return views.CheckoutActionView(
        kind=action.kind,
        url=action.url,
        client_secret=action.client_secret,
        instructions=None if action.instructions is None else spoken(action.instructions, language),
        expires_at=action.expires_at,
    )


def _result(shown: Shown, around: Around) -> views.ResultView | None:
    if shown.state is not CartState.PAID:
        return None
    invoice = around.invoice
    return views.ResultView(
        invoice_id=None if invoice is None else spell("inv", invoice.id),
        number=None if invoice is None else invoice.number,
        pdf_url=None if invoice is None else around.pdf_url,
        lines=_states(shown),
    )


_LINE_STATES = {
    RegistrationState.DUE: views.LineState.PENDING,
    RegistrationState.REGISTERED: views.LineState.ACTIVE,
    RegistrationState.REFUSED: views.LineState.FAILED,
    RegistrationState.RETURNED: views.LineState.REFUNDED,
}


def _states(shown: Shown) -> list[views.ResultLineView]:
    """What became of each line; of a name that was bought, what the registrar said."""
    names = {f"domain:{r.name}": r for r in shown.registrations}
    found = []
    for told in shown.told.lines:
        name = names.get(told.line.object)
        state = views.LineState.ACTIVE if name is None else _LINE_STATES[name.state]
        reason = None if name is None else name.reason
        found.append(views.ResultLineView(id=spell("cln", told.line.id), state=state, reason=reason))
    return found


def state_shown(shown: Shown) -> views.CheckoutState:
    """How the cart stands; one that is paid may have lost a line since."""
    back = any(r.state is RegistrationState.RETURNED for r in shown.registrations)
    return views.CheckoutState.PARTLY_REFUNDED if back else views.CheckoutState(shown.state.value)


def domain_view(candidate: Candidate, seen: Availability) -> views.DomainView:
    """A name as the search shows it; one that costs the registry more is not sold."""
    price = candidate.price
    assert price.interval is not None, "names are registered for a period"
    return views.DomainView(
        name=candidate.name,
        available=seen.available and not seen.premium,
        price_id=price.id,
        product=price.product_id,
        interval=interval_view(price.interval),
        amount=candidate.amount,
    )
