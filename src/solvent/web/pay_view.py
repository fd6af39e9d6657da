"""Pay view: what a visitor of a link to pay may see and choose, and the pages made of it.

Owns which invoices are shown, which ways to pay are offered, and which page follows from how a payment stands. Does not
own the way of a visit (`pay_pages`), looks and words (`pages`), nor what a provider can do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solvent.core.account import Account, CollectionMethod, MethodState
from solvent.core.attempt import Attempt
from solvent.core.expiry import labelled
from solvent.core.ids import spell
from solvent.core.invoice import Invoice
from solvent.core.language import Language
from solvent.core.payment import ActionKind, AttemptState, FailureCause
from solvent.core.phrase import spoken
from solvent.core.plan import Plan
from solvent.core.way import WayKind
from solvent.flows.collect import plan_of_debt
from solvent.flows.platform import Platform
from solvent.messages.composing import CATALOGS
from solvent.messages.tongue import Tongue
from solvent.ports.store import AccountView
from solvent.web.endpoint import Call
from solvent.web.page_guard import bot_of
from solvent.web.pages.pay import Bot, Form, Link, Page, Part, Row, Way
from solvent.web.pages.pay_words import PAGE_WORDS, PageWords

CARD = "card"
CARD_FORMS = frozenset({"sandbox"})  # whose card form needs no script of theirs
NUMBER_DIGITS = range(12, 20)
RELOAD_S = 5


class Choice(NamedTuple):
    """A way to pay, as the flow is asked for it."""

    value: str
    label: str
    provider: str | None = None
    method_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit of a link: whose, and what of it is owed. `invoices` are those of the link, whatever became of them."""

    token: str
    account: Account
    sender: str
    invoice_ids: Sequence[UUID]
    invoices: Sequence[Invoice]
    choices: Sequence[Choice]
    now: datetime
    bot: Bot | None = None
    credit: int = 0  # what account credit will pay of what is owed, minor units

    @classmethod
    def of(cls, call: Call, token: str, account_id: UUID, invoice_ids: Sequence[UUID]) -> "Visit | None":
        """What the link shows now; None: there is no such account."""
        with call.solvent.database.look() as tx:
            view = tx.accounts.view(account_id)
            if view is None:
                return None
            named = [tx.accounts.invoice(invoice_id) for invoice_id in invoice_ids]
        invoices = [i for i in named if i is not None and i.account_id == account_id]
        visit = cls(
            token=token,
            account=view.account,
            sender=call.queries.entity_name(view.account.entity),
            invoice_ids=invoice_ids,
            invoices=invoices if invoice_ids else view.open_invoices,
            choices=tuple(choices(call.solvent.platform, view.account, view.methods, view.account.language)),
            now=call.now,
            bot=bot_of(call),
        )
        return replace(visit, credit=credit_for(call, view, visit.owed))

    @property
    def language(self) -> Language:
        """In which the visitor reads."""
        return self.account.language

    @property
    def owed(self) -> Sequence[Invoice]:
        """What is owed of it, in the currency of the oldest: one payment is of one currency."""
        owed = sorted((i for i in self.invoices if i.debt), key=lambda i: (i.due_at, i.id.int))
        return [i for i in owed if i.currency == owed[0].currency]


def within(visit: Visit, attempt: Attempt) -> bool:
    """Whether a payment is of the link's debts alone: a link for some invoices tells nothing of others."""
    paid = {debt.invoice_id for debt in attempt.plan.settles}
    named = set(visit.invoice_ids)
    return attempt.account_id == visit.account.id and bool(paid) and (not named or paid <= named)


def seen_debt(visit: Visit) -> str:
    """What a page says of a debt: how much it is, and what is left beside credit; empty: nothing is owed."""
    total = sum(i.debt for i in visit.owed)
    return f"{visit.owed[0].currency}:{total}:{total - visit.credit}" if visit.owed else ""


def credit_for(call: Call, view: AccountView, owed: Sequence[Invoice]) -> int:
    """What credit pays, by the plan that paying makes."""
    platform = call.solvent.platform
    plan = plan_of_debt(platform, platform.store.catalog(), view, owed, call.now) if owed else None
    return plan.credit_used if isinstance(plan, Plan) else 0


def form_page(visit: Visit, form: str, *, problem: str | None, chosen: str | None, cause: str | None) -> Page:
    """What is owed, with a form to pay it; or that nothing is."""
    words, tongue = PAGE_WORDS[visit.language], Tongue.of(visit.account)
    owed = visit.owed
    if not owed:
        return _page(visit, words.paid_title, good=words.paid)
    total = tongue.amounts((i.currency, i.debt) for i in owed)
    currency, due = owed[0].currency, sum(i.debt for i in owed) - visit.credit
    by_credit = words.credit.format(amount=tongue.amount(visit.credit, currency)) if visit.credit else None
    why = None if cause is None else CATALOGS[visit.language].causes[FailureCause(cause)]
    return _page(
        visit,
        words.title,
        problem=" ".join(filter(None, (problem, why))) or None,
        text=by_credit if visit.choices else words.nowhere,
        total=total,
        form=Form(
            action=f"/pay/{visit.token}",
            token=form,
            seen=seen_debt(visit),
            label=words.pay.format(amount=tongue.amount(due, currency)),
            ways=[Way(value=choice.value, label=choice.label) for choice in visit.choices],
            chosen=chosen or visit.choices[0].value,
            has_card=any(choice.value == CARD for choice in visit.choices),
            bot=visit.bot,
        )
        if visit.choices
        else None,
    )


def result_page(visit: Visit, attempt: Attempt, part: Part | None) -> Page | None:
    """What came of a payment, or the provider's fields for it; None: nothing, and what is owed can be paid again."""
    words, tongue = PAGE_WORDS[visit.language], Tongue.of(visit.account)
    amount = tongue.amount(attempt.plan.due, attempt.plan.currency)
    one = f"/pay/{visit.token}/{spell('att', attempt.id)}"
    match attempt.state:
        case AttemptState.COMMITTED:
            return _page(visit, words.paid_title, good=words.paid)
        case AttemptState.RETURNED:
            return _page(visit, words.paid_title, text=words.returned)
        case AttemptState.FAILED:
            return None
        case _ if attempt.action is not None and attempt.action.instructions is not None:
            heading = words.transfer_title.format(amount=amount)
            where = spoken(attempt.action.instructions, visit.language)
            return _page(visit, heading, notice=where, text=words.transfer_then, otherwise=one)
        case AttemptState.REQUIRES_ACTION if part is not None:
            heading = words.part_title if part.url is None else words.action_title
            text = None if part.url is None else words.action.format(amount=amount)
            return _page(visit, heading, text=text, part=part, otherwise=one)
        case AttemptState.REQUIRES_ACTION if attempt.action is None or not attempt.action.lacks:
            url = None if attempt.action is None else attempt.action.url
            if url is None or not url.startswith(("https://", "http://")):
                return None
            link = Link(url=url, label=words.go_on)
            text = words.action.format(amount=amount)
            return _page(visit, words.action_title, text=text, link=link, otherwise=one)
        case (
            AttemptState.OPENING
            | AttemptState.PROCESSING
            | AttemptState.UNKNOWN
            | AttemptState.REQUIRES_ACTION  # and its provider does not say how, just now
        ):
            again = Link(url=one, label=words.look_again)
            return _page(visit, words.underway_title, text=words.underway, link=again, reload_s=RELOAD_S)


def wrong_choice(visit: Visit, sent: Mapping[str, str]) -> str | None:
    """What is wrong with what was chosen, in words."""
    return wrong_way(visit.choices, visit.language, sent)


def wrong_way(offered: Sequence[Choice], language: Language, sent: Mapping[str, str]) -> str | None:
    """The same, of whichever ways are offered."""
    words = PAGE_WORDS[language]
    if sent.get("way") not in {choice.value for choice in offered}:
        return words.wrong_way
    number = "".join(sent.get("number", "").split())
    if sent["way"] == CARD and not (number.isdecimal() and number.isascii() and len(number) in NUMBER_DIGITS):
        return words.wrong_number
    return None


def card_token(sent: Mapping[str, str]) -> str | None:
    """What a card form of ours gives instead of a provider's part in the page; None: another way was chosen."""
    return f"tok_{''.join(sent.get('number', '').split())}" if sent.get("way") == CARD else None


def chosen_way(visit: Visit, value: str) -> Choice:
    """The way of that name, which is offered."""
    return next(choice for choice in visit.choices if choice.value == value)


def _page(  # noqa: PLR0913 -- the parts of a page, by keyword
    visit: Visit,
    heading: str,
    *,
    problem: str | None = None,
    good: str | None = None,
    notice: str | None = None,
    text: str | None = None,
    total: str | None = None,
    form: Form | None = None,
    link: Link | None = None,
    part: Part | None = None,
    reload_s: int | None = None,
    otherwise: str | None = None,
) -> Page:
    words, tongue = PAGE_WORDS[visit.language], Tongue.of(visit.account)
    rows = [
        Row(
            number=i.number,
            due=tongue.day(i.due_at),
            amount=tongue.amount(i.debt, i.currency) if i.debt else None,
        )
        for i in visit.invoices
    ]
    return Page(
        heading=heading,
        sender=visit.sender,
        for_whom=words.for_whom.format(name=visit.account.name),
        problem=problem,
        good=good,
        notice=notice,
        text=text,
        rows=rows,
        total=total,
        form=form,
        link=link,
        part=part,
        reload_s=reload_s,
        otherwise=otherwise,
    )


def choices(
    platform: Platform, account: Account, methods: Sequence[CollectionMethod], language: Language
) -> Iterator[Choice]:
    """Methods on file first, then what needs no script of a provider in our page: a card form of ours, or a page of the
    provider's."""
    words, there = PAGE_WORDS[language], platform.providers.names()
    able = [
        name
        for name in platform.routing.candidates(account, account.currency, there)
        if name in there and platform.providers.get(name).capabilities.takes(account.currency)
    ]
    kept = [m for m in methods if m.state is MethodState.ACTIVE and m.provider in there]
    for method in kept:
        spelled = spell("mth", method.id)
        yield Choice(spelled, words.stored.format(label=labelled(method)), method_id=method.id)
    for name in able:
        if name in CARD_FORMS:
            yield Choice(CARD, words.card if kept else words.first_card, provider=name)
        elif _in_page(platform, name):
            yield Choice(name, words.anew if kept else words.first, provider=name)
        elif ActionKind.NONE in platform.providers.get(name).capabilities.actions:
            yield Choice(name, _name_of(platform, name, words), provider=name)


def _in_page(platform: Platform, provider: str) -> bool:
    """Whether the provider has fields of its own for our pages."""
    can = platform.providers.get(provider).capabilities
    return can.public_key is not None and ActionKind.CONFIRM in can.actions


def part_of(platform: Platform, attempt: Attempt, back: str, label: str) -> Part | None:
    """The provider's own part for an attempt that waits for it; None: it does not, or its provider has none."""
    action = attempt.action
    if attempt.state is not AttemptState.REQUIRES_ACTION or action is None:
        return None
    can = platform.providers.get(action.provider).capabilities
    if can.public_key is None:
        return None
    part = Part(
        provider=action.provider,
        key=can.public_key,
        secret=action.client_secret or "",
        back=back,
        label=label,
        currency=attempt.plan.currency,
        setup=attempt.plan.due == 0,
    )
    if action.kind is ActionKind.CONFIRM and action.client_secret and ActionKind.CONFIRM in can.actions:
        return part
    is_approved = action.kind is ActionKind.REDIRECT and WayKind.AGREEMENT in can.ways
    has_page = action.url is not None and action.url.startswith(("https://", "http://"))
    return replace(part, url=action.url) if is_approved and has_page else None


def _name_of(platform: Platform, provider: str, words: PageWords) -> str:
    """What customers call a way that is not in our page: they do not know our names of providers."""
    can = platform.providers.get(provider).capabilities
    if can.recorded:
        return words.transfer
    return words.elsewhere.format(
        provider="PayPal" if WayKind.AGREEMENT in can.ways else provider.capitalize()
    )
