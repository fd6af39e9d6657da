"""The way to a mail server: how it is named, kept secret and trusted, and what becomes of its answers."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from solvent.commands.mailing import where_mail_goes
from solvent.commands.settings import load, settings_table
from solvent.config import Settings
from solvent.messages.server import MailServer, mail_server
from solvent.messages.smtp import Conversation, Refused, ServerAway
from tests.mail.post_office import PostOffice, serving
from tests.ports import free_port


def letter(to: str = "ada@example.com") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "billing@merchant.example", to, "Hello"
    mail.set_content("Hello")
    return mail


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer(host="mail.example", port=587, tls="starttls")),
        ("smtps://mail.example", MailServer(host="mail.example", port=465, tls="implicit")),
        ("smtp://mail.example:25/?tls=none", MailServer(host="mail.example", port=25, tls="none")),
        (
            "smtp://a%40b:p%3Aw@mail.example:2525",
            MailServer(host="mail.example", port=2525, tls="starttls", user="a@b", password="p:w"),
        ),
        (
            "smtp://u:p@[::1]:25?tls=none",
            MailServer(host="::1", port=25, tls="none", user="u", password="p"),
        ),
    ],
)
def test_an_address_says_where_and_how(url: str, server: MailServer) -> None:
    assert mail_server(url) == server
    assert "p:w" not in repr(mail_server(url))


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://mail.example", "must be smtp://… or smtps://… with a host"),
        ("smtp://", "must be smtp://… or smtps://… with a host"),
        ("smtp://h:99999", "must have a port"),
        ("smtp://h/inbox", "must have nothing behind"),
        ("smtp://h?tls=maybe", "must have nothing behind"),
        ("smtps://h?tls=none", "must have nothing behind"),
        ("smtp://user@h", "must have a user and a password"),
        (
            "smtp://user:hushhush@mail.example?tls=none",
            "must not have a password where the way is not encrypted",
        ),
    ],
)
def test_a_wrong_address_is_refused_at_the_start_without_its_password(
    url: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLVENT_SMTP_URL", url)
    monkeypatch.setenv("SOLVENT_MAIL_FROM", "billing@merchant.example")
    with pytest.raises(Exception, match="SOLVENT_SMTP_URL") as refused:
        load()
    assert rule in str(refused.value)
    assert "hushhush" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["billing", "A <a@b.example>", "a@b.example\nBcc: c@d.example", "a b@c.example"]
)
def test_a_sender_is_an_address_alone(address: str) -> None:
    with pytest.raises(ValidationError, match="SOLVENT_MAIL_FROM must be an e-mail address alone"):
        Settings(smtp_url="smtp://mail.example", mail_from=address)
    with pytest.raises(ValidationError, match="SOLVENT_MAIL_FINANCE must be"):
        Settings(mail_finance=address)


def test_a_server_needs_a_sender() -> None:
    with pytest.raises(ValidationError, match="also needs SOLVENT_MAIL_FROM"):
        Settings(smtp_url="smtp://mail.example")


def test_what_is_said_at_the_start_holds_no_secret() -> None:
    settings = Settings(smtp_url="smtp://user:hushhush@mail.example", mail_from="billing@merchant.example")
    assert (
        where_mail_goes(settings)
        == "messages go to mail.example:587 (starttls) from billing@merchant.example"
    )
    assert "none is sent" in where_mail_goes(Settings())
    table = settings_table(settings)
    assert "hushhush" not in "".join(str(cell) for column in table.columns for cell in column.cells)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def encrypted(office: PostOffice, certificate: Path) -> Iterator[str]:
    """The address of a server that wants STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(office, tls=context) as url:
        yield url.removesuffix("?tls=none")


def test_an_encrypted_way_is_taken_when_it_can_be_trusted(
    office: PostOffice, encrypted: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Conversation(mail_server(encrypted)) as conversation:
        conversation.send(letter())
    assert office.subjects() == ["Hello"]


def test_a_certificate_that_nobody_trusts_is_no_fault_of_a_message(
    office: PostOffice, encrypted: str
) -> None:
    with Conversation(mail_server(encrypted)) as conversation, pytest.raises(ServerAway, match="certificate"):
        conversation.send(letter())
    assert office.taken == []


def test_a_server_without_encryption_gets_nothing(office: PostOffice, server: str) -> None:
    demanding = mail_server(server.removesuffix("?tls=none"))
    with Conversation(demanding) as conversation, pytest.raises(ServerAway, match="STARTTLS"):
        conversation.send(letter())
    assert office.taken == []


@pytest.mark.parametrize(("password", "is_right"), [("right", True), ("hushhush", False)])
def test_signing_in(office: PostOffice, password: str, is_right: bool) -> None:
    with serving(office, signed=True) as url:
        signed = mail_server(url.replace("://", f"://solvent:{password}@"))
        with Conversation(signed) as conversation:
            if is_right:
                conversation.send(letter())
            else:
                with pytest.raises(ServerAway, match="does not accept user and password") as away:
                    conversation.send(letter())
                assert password not in str(away.value)
    assert office.subjects() == (["Hello"] if is_right else [])


@pytest.mark.parametrize(("answer", "for_good"), [("450 later", False), ("550 nobody", True)])
def test_one_refused_recipient_leaves_the_conversation_open(
    office: PostOffice, server: str, answer: str, for_good: bool
) -> None:
    office.answers["ada@example.com"] = answer
    with Conversation(mail_server(server)) as conversation:
        with pytest.raises(Refused, match=answer) as refused:
            conversation.send(letter())
        assert refused.value.for_good is for_good
        conversation.send(letter("ben@example.com"))
    assert [mail["To"] for mail in office.taken] == ["ben@example.com"]


def test_nobody_there_is_told_as_that() -> None:
    nowhere = mail_server(f"smtp://127.0.0.1:{free_port()}?tls=none")
    with Conversation(nowhere) as conversation, pytest.raises(ServerAway, match="refused"):
        conversation.send(letter())


def test_what_signing_in_cannot_write_is_no_fault_of_a_message(office: PostOffice) -> None:
    with serving(office, signed=True) as url:
        for broken in (url.replace("://", "://solvent:hush%C3%BC@"), "smtp://mail..example?tls=none"):
            with Conversation(mail_server(broken)) as conversation:
                with pytest.raises(ServerAway, match="in ASCII") as away:
                    conversation.send(letter())
                assert "hush" not in str(away.value)
