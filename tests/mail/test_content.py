"""What messages say: by cause, rung, language and channel; as text and as HTML, to whom and from whom."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from pypdf import PdfReader

from solvent.core.account import Segment
from solvent.core.language import Language
from solvent.core.messages import Kind
from solvent.core.payment import ExternalMethod, FailureCause
from solvent.core.receiving import Receipt
from solvent.flows.debts import record_receipt
from solvent.messages.composing import CATALOGS, text_of
from solvent.sim import Customer
from solvent.web.pages.layout_words import LAYOUT_WORDS
from solvent.web.pages.pay_words import PAGE_WORDS
from solvent.web.portal.visit import PORTAL_WORDS
from tests.flows.acts import DECLINED_LATER, zone
from tests.mail.conftest import FINANCE, FROM, Post
from tests.mail.post_office import PostOffice
from tests.simulation.fragile import FragileWorld

NEEDS_CHALLENGE = "4000002760003184"
NO_FUNDS_LATER = "4000000000019952"
EXPIRED_LATER = "4000000000010068"
DAY = timedelta(days=1)


def fails(world: FragileWorld, number: str, language: Language = Language.EN) -> Customer:
    """A customer whose renewal has just failed, with that card."""
    customer = world.customer(
        "Ada", country="DE" if language is Language.DE else "US", time_zone="Europe/Berlin"
    )
    with world.database.begin() as tx:
        tx.accounts.set_profile(customer.account, customer.account.profile, language, world.now)
    customer.buy(zone(), number)
    world.until(customer.subscription().period.end)
    return customer


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def words_of(html: str) -> str:
    """What a reader of the HTML part reads."""
    text = re.sub(r"<(style|title)>.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize(
    ("number", "subject", "says"),
    [
        (NO_FUNDS_LATER, "We could not collect", "not enough money on the account. We will try again on"),
        (
            EXPIRED_LATER,
            "We could not collect",
            "has expired. Please pay with another one. We will not try again",
        ),
        (
            NEEDS_CHALLENGE,
            "Please confirm the payment",
            "Your bank wants you to confirm this payment yourself, and will ask you when you pay.",
        ),
    ],
)
def test_the_cause_says_what_to_do(
    world: FragileWorld, post: Post, office: PostOffice, server: str, number: str, subject: str, says: str
) -> None:
    fails(world, number)
    post.send(server)
    (mail,) = office.taken
    assert str(mail["Subject"]).startswith(subject)
    assert says in " ".join(text_of(mail).split())
    assert says in words_of(html_of(mail))


def test_text_and_html_have_the_sum_and_the_link_and_nothing_foreign(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    ada = fails(world, DECLINED_LATER)
    post.send(server)
    (mail,) = office.taken
    text, html = text_of(mail), html_of(mail)
    (invoice,) = ada.open_invoices()
    for part in (text, words_of(html)):
        assert invoice.number in part
        assert "$20.00" in part
    links = re.findall(r"https?://\S+", text)
    assert len(links) == 1
    assert links[0].startswith("https://pay.example/pay/")
    assert re.findall(r'(?:href|src|background)="([^"]+)"', html) == links
    assert "<script" not in html
    assert "<img" not in html
    assert "url(" not in html
    assert html.count('lang="en"') == 1
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    assert mail["From"].addresses[0].display_name == "Solvent, Inc."
    assert mail["From"].addresses[0].addr_spec == FROM


def test_german_readers_are_written_to_in_german(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    ada = fails(world, NO_FUNDS_LATER, Language.DE)
    post.send(server)
    (mail,) = office.taken
    (invoice,) = ada.open_invoices()
    day = f"{(ada.subscription().period.start + DAY).astimezone():%d}".lstrip("0")
    assert mail["Subject"] == f"Rechnung {invoice.number} konnte nicht eingezogen werden"
    assert "20,00\xa0$" in text_of(mail)
    assert "war das Konto nicht ausreichend gedeckt" in " ".join(text_of(mail).split())
    assert re.search(rf"Wir versuchen es am {day}\. \w+ 2027 noch", " ".join(text_of(mail).split()))


def test_thanks_say_that_everything_is_back(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    ada = fails(world, DECLINED_LATER)
    world.until(world.now + 6 * DAY)
    post.send(server)
    ada.pay_debt()
    office.taken.clear()
    post.send(server)
    (mail,) = office.taken
    assert str(mail["Subject"]).startswith("Thank you: invoice")
    assert "Everything that was restricted is yours again." in text_of(mail)
    assert "/pay/" not in text_of(mail)


def test_who_was_never_asked_is_not_thanked(world: FragileWorld, post: Post) -> None:
    ada = world.customer("Ada")
    ada.buy(zone())
    world.until(ada.subscription().period.end)
    assert post.listed() == []


def test_an_invoice_on_terms_comes_as_a_file_and_finance_is_told_in_the_end(
    world: FragileWorld, post: Post, office: PostOffice, server: str
) -> None:
    corp = world.customer("Corp", segment=Segment.CONTRACT, terms_days=14)
    corp.open(zone())
    world.work()
    (invoice,) = corp.open_invoices()
    post.send(server)
    (mail,) = office.taken
    assert mail["Subject"] == f"Invoice {invoice.number} from Solvent, Inc."
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"{invoice.number}.pdf"
    content = attached.get_content()
    assert isinstance(content, bytes)
    assert invoice.number in PdfReader(BytesIO(content)).pages[0].extract_text()
    world.until(invoice.due_at + 16 * DAY)
    office.taken.clear()
    post.send(server)
    told = {str(m["To"]): str(m["Subject"]) for m in office.taken if "finance" in str(m["To"])}
    assert list(told) == [f'"Solvent, Inc." <{FINANCE}>']
    assert told[f'"Solvent, Inc." <{FINANCE}>'] == f"Unpaid: Corp, invoice {invoice.number}, $20.00"
    assert Kind.FINANCE in post.kinds("sent")
    transfer = Receipt(
        method=ExternalMethod.BANK_TRANSFER, reference="t1", amount=invoice.debt, received_at=world.now
    )
    record_receipt(world.platform, invoice.id, transfer, world.now)
    office.taken.clear()
    post.send(server)
    assert office.subjects() == [f"Thank you: invoice {invoice.number} is paid"]


def test_every_language_says_the_same_things() -> None:
    """Whatever a text of one language names, the other names too."""
    for catalogs in (CATALOGS, PAGE_WORDS, PORTAL_WORDS, LAYOUT_WORDS):
        english, german = catalogs[Language.EN], catalogs[Language.DE]
        for name in type(english).__slots__:
            for one, other in zip(_texts(getattr(english, name)), _texts(getattr(german, name)), strict=True):
                assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other)), name
    assert set(CATALOGS[Language.EN].causes) == set(FailureCause)
    assert set(CATALOGS[Language.EN].subjects) == set(CATALOGS[Language.EN].openings) == set(Kind)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    assert isinstance(value, dict)
    return [" ".join(v) if isinstance(v, tuple) else v for _, v in sorted(value.items())]
