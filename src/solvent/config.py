"""Configuration: every setting of Solvent, read from the environment (``SOLVENT_…``).

Owns names, defaults and their meaning. Does not own what is built from them (`wiring`).
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import DirectoryPath, Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from solvent.core.gate import parse as parse_gates
from solvent.core.language import Language
from solvent.core.money import Rounding
from solvent.core.payment import ReturnedRefund, StaleMoney
from solvent.core.policy import Policy
from solvent.core.proration import ChangeDay, Convention, Denominator, Granularity, TaxRounding
from solvent.messages.server import mail_server

_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Settings(BaseSettings):
    """All settings; each can be given as an environment variable with the prefix ``SOLVENT_``."""

    model_config = SettingsConfigDict(env_prefix="SOLVENT_", extra="ignore", frozen=True)

    home: Path | None = Field(None, description="Folder for the embedded database and the sandbox bank.")
    database_url: str | None = Field(
        None, description="PostgreSQL 15 or later; when set, no embedded server is started."
    )
    postgres_bin: Path | None = Field(
        None, description="Folder of the programs of the embedded server; without it they are looked for."
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8080, description="Port the web server listens on.", ge=0, le=65535)
    web_threads: int = Field(8, description="Threads that handle requests in one web process.", ge=1, le=256)
    web_processes: int = Field(
        1,
        description="Web processes on one port; more than one needs a sandbox bank of its own.",
        ge=1,
        le=64,
    )
    pool_max: int = Field(20, description="Database connections of one process.", ge=2, le=200)
    worker_batch: int = Field(
        1000, description="Accounts that a worker takes in one transaction.", ge=1, le=10_000
    )
    worker_pause_s: float = Field(0.5, description="Seconds a worker waits when nothing is due.", gt=0, le=60)
    answers_kept_hours: int = Field(
        72, description="Hours for which the answer to an Idempotency-Key is remembered.", ge=24, le=8760
    )
    notifications_kept_days: int = Field(
        90, description="Days for which a notification is kept after it was dealt with.", ge=7, le=3650
    )
    history_kept_days: int = Field(
        400, description="Days for which decisions, and drift that is gone, are kept.", ge=7, le=3650
    )
    kpi_minutes: int = Field(
        60,
        description="Minutes between measurements of the figures and the laws of everything.",
        ge=1,
        le=1440,
    )
    metrics_port: int | None = Field(
        None,
        description="Port on which a worker shows its metrics to Prometheus; without it, it does not.",
        ge=1,
        le=65535,
    )
    otlp: Literal["off", "traces", "metrics", "all"] = Field(
        "off", description="What is exported by OTLP over HTTP; where to, OTEL_EXPORTER_OTLP_ENDPOINT says."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines for people, or one JSON object a line."
    )
    sandbox_url: str | None = Field(
        None, description="Address of a sandbox bank; without it the bank runs inside the process."
    )
    sandbox_secret: str = Field(
        "sandbox-secret", description="Secret with which the sandbox bank signs its notifications."
    )
    brand: str = Field(
        "Solvent", description="The merchant's name as payers see it.", min_length=1, max_length=127
    )
    paypal_client_id: str | None = Field(
        None, description="Client id of the merchant's app at PayPal; with it PayPal takes payments."
    )
    paypal_secret: SecretStr | None = Field(None, description="Secret of the merchant's app at PayPal.")
    paypal_webhook_id: str | None = Field(
        None, description="Id of the webhook at PayPal that posts to /v1/notifications/paypal."
    )
    paypal_url: str = Field("https://api-m.paypal.com", description="Address of PayPal's API.")
    paypal_calls_per_s: float = Field(
        25, description="Requests to PayPal that one process makes in a second at most.", gt=0, le=1000
    )
    paypal_proof: Literal["certificate", "api"] = Field(
        "certificate",
        description="How PayPal's notifications are proved: by certificate, or by asking PayPal.",
    )
    stripe_secret_key: SecretStr | None = Field(
        None,
        description="Secret or restricted key of the merchant's Stripe account; with it Stripe takes payments.",
    )
    stripe_webhook_secret: SecretStr | None = Field(
        None, description="Signing secret of the endpoint at Stripe that posts to /v1/notifications/stripe."
    )
    stripe_publishable_key: str | None = Field(
        None,
        description="Publishable key of the same account; with it our pages show Stripe's own fields and wallets.",
    )
    stripe_url: str = Field("https://api.stripe.com", description="Address of Stripe's API.")
    stripe_calls_per_s: float = Field(
        25, description="Requests to Stripe that one process makes in a second at most.", gt=0, le=1000
    )
    stripe_subscriptions: Literal["none", "copied"] = Field(
        "none", description="Whether Stripe's own subscriptions are kept as copies of ours."
    )
    payment_method_gate: str = Field(
        "",
        description="Paths on which a method must be on file first, e.g. purchase=on,change=soft.",
    )
    manual_instructions: str | None = Field(
        None,
        description="What customers who pay by transfer are told, e.g. the bank account; with it they can.",
        min_length=1,
        max_length=2000,
    )
    manual_translations: dict[Language, str] = Field(
        {},
        description='The same in other languages, as JSON: {"de": "Bitte überweisen Sie …"}.',
    )
    manual_days: int = Field(
        30, description="Days for which a transfer is waited for before its change is given up.", ge=1, le=365
    )
    adapters: str | None = Field(
        None, description="Adapters of other providers, as module:function, separated by commas."
    )
    bot_check: Literal["none", "sandbox", "turnstile"] = Field(
        "none", description="Who is asked whether a customer at the checkout is a person."
    )
    bot_check_silent: Literal["allow", "refuse"] = Field(
        "allow", description="What it means when the bot check does not answer; limits hold either way."
    )
    turnstile_site_key: str | None = Field(None, description="Turnstile's site key, for the page.")
    turnstile_secret: SecretStr | None = Field(None, description="Turnstile's secret, to verify tokens.")
    turnstile_url: str = Field(
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        description="Where Turnstile verifies tokens.",
    )
    proxies: int = Field(
        0,
        description="Proxies of ours in front of the web server, which each add to X-Forwarded-For.",
        ge=0,
        le=10,
    )
    checkout_origins: str = Field(
        "",
        description="Origins whose pages may embed the checkout, such as https://shop.example, by commas.",
        pattern=r"(https?://[A-Za-z0-9.:\[\]-]+(,\s*https?://[A-Za-z0-9.:\[\]-]+)*)?",
    )
    declines_max_cart: int = Field(
        10, description="Declined payments of one cart within an hour, after which it waits.", ge=1, le=1000
    )
    declines_max_account: int = Field(
        20,
        description="Declined payments of one account within an hour, by whichever page, after which it waits.",
        ge=1,
        le=1000,
    )
    orders_max_address: int = Field(
        60,
        description="Orders to pay from one address (of IPv6: one /64) within ten minutes, after which it waits.",
        ge=1,
        le=1_000_000,
    )
    domain_searches_max: int = Field(
        60,
        description="Searches for names of one cart in a minute.",
        ge=1,
        le=100_000,
    )
    carts_kept_days: int = Field(
        90, description="Days for which a cart that nobody paid is kept after its end.", ge=7, le=3650
    )
    registrar: str = Field(
        "sandbox",
        description="Who registers names that are bought: sandbox, or a registrar's class as module:function.",
        pattern=r"sandbox|[\w.]+:\w+",
    )
    routing: FilePath | None = Field(
        None, description="File that says which provider serves which currency, segment and legal entity."
    )
    events_url: str | None = Field(
        None, description="Where the relay posts events, or file:///… to append them to."
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server, smtp://user:password@host:587 or smtps://…; without it messages are kept.",
    )
    mail_from: str | None = Field(
        None, description="Address from which customers are written to.", max_length=254
    )
    mail_finance: str | None = Field(
        None, description="Address of finance; without it that of the legal entity.", max_length=254
    )
    oidc_issuer: str | None = Field(
        None,
        description="Identity provider (OpenID Connect) at which operators sign in to the dashboard.",
        pattern=r"https?://\S+",
    )
    oidc_client_id: str | None = Field(None, description="What Solvent is called there.")
    oidc_client_secret: SecretStr | None = Field(None, description="What proves it there.")
    public_url: str | None = Field(
        None,
        description="Address at which customers reach the web server; by default its own.",
        pattern=r"https?://\S+",
    )
    pay_link_days: int = Field(14, description="Days for which a link to pay is good.", ge=1, le=90)
    portal_link_minutes: int = Field(
        15, description="Minutes for which a link into the customer portal lets somebody in.", ge=1, le=1440
    )
    portal_session_minutes: int = Field(
        60, description="Minutes that a visit of the customer portal lasts.", ge=5, le=1440
    )
    portal_cancel: Literal["period_end", "now", "now_with_credit"] = Field(
        "period_end",
        description="What customers may end by themselves in the portal: at the period's end alone, or also at once, "
        "with or without credit for the unused time.",
    )
    document_fonts: DirectoryPath | None = Field(
        None, description="Folder with fonts for scripts that the fonts of our documents lack, such as CJK."
    )
    grace_days: int = Field(
        5, description="Days of service after a period's end while its renewal is unpaid.", ge=0, le=90
    )
    attempt_minutes: int = Field(
        30, description="Minutes a customer may take to confirm a payment.", ge=1, le=1440
    )
    stale_money: StaleMoney = Field(
        StaleMoney.CREDIT, description="Money for a plan that no longer applies: credit, refund or replan."
    )
    returned_refund: ReturnedRefund = Field(
        ReturnedRefund.CREDIT, description="A refund that came back after it had succeeded: credit or retry."
    )
    usage_delay_minutes: int = Field(
        60, description="Minutes after a period's end at which its usage is billed.", ge=0, le=10_080
    )
    prepaid_credit_days: int | None = Field(
        None, description="Days after which bought account credit expires; without it, never.", ge=1, le=3660
    )
    entitlement_fresh_s: int = Field(
        30,
        description="Seconds for which a product service may use what it read of entitlements.",
        ge=1,
        le=3600,
    )
    entitlements_kept: int = Field(
        20_000,
        description="Accounts whose entitlements one web process keeps at hand; 0: it asks the database every time.",
        ge=0,
        le=1_000_000,
    )
    entitlement_token_s: int = Field(
        300, description="Seconds for which a signed entitlement token lives at most.", ge=1, le=3600
    )
    token_issuer: str = Field(
        "solvent", description="Who signs entitlement tokens, as they say.", min_length=1, max_length=200
    )
    secret: SecretStr | None = Field(
        None,
        description="Secret under which what must be read again is encrypted: signing and link keys, the secrets of "
        "webhooks, and addresses to which customers come back.",
        min_length=16,
    )
    proration: Literal["second", "day"] = Field("second", description="Granularity of proration.")
    proration_denominator: Literal["actual", "fixed_30"] = Field(
        "actual", description="Proration by the period's actual length, or by months of 30 days."
    )
    proration_change_day: Literal["old", "new"] = Field(
        "new", description="With granularity day: which price owns the day of the change."
    )

    proration_rounding: Literal["half_up", "half_even", "truncate"] = Field(
        "half_up", description="How a prorated amount, and tax, is rounded to the minor unit."
    )

    tax_rounding: Literal["line", "invoice"] = Field(
        "line", description="Whether tax is rounded on every line, or once for the invoice."
    )

    @field_validator("payment_method_gate")
    @classmethod
    def _gate_is_known(cls, text: str) -> str:
        parse_gates(text)
        return text

    @model_validator(mode="after")
    def _paypal_is_whole(self) -> Self:
        """Half of a merchant's credentials would fail at the first payment: say so at the start."""
        parts = {
            "SOLVENT_PAYPAL_CLIENT_ID": self.paypal_client_id,
            "SOLVENT_PAYPAL_SECRET": self.paypal_secret,
            "SOLVENT_PAYPAL_WEBHOOK_ID": self.paypal_webhook_id,
        }
        missing = [name for name, value in parts.items() if not value]
        if 0 < len(missing) < len(parts):
            raise ValueError(f"PayPal also needs {' and '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _stripe_is_whole(self) -> Self:
        """As above; and a publishable key in the place of the secret one is refused before Stripe refuses it."""
        parts = {
            "SOLVENT_STRIPE_SECRET_KEY": self.stripe_secret_key,
            "SOLVENT_STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
        }
        missing = [name for name, value in parts.items() if not value or not value.get_secret_value()]
        if len(missing) == 1:
            raise ValueError(f"Stripe also needs {missing[0]}")
        key = self.stripe_secret_key
        if key is not None and not key.get_secret_value().startswith(("sk_", "rk_")):
            raise ValueError("SOLVENT_STRIPE_SECRET_KEY must be a secret or restricted key: sk_… or rk_…")
        shown = self.stripe_publishable_key
        if shown is not None and not shown.startswith("pk_"):
            raise ValueError("SOLVENT_STRIPE_PUBLISHABLE_KEY must be a publishable key: pk_…")
        if shown is not None and key is not None and _mode(shown) != _mode(key.get_secret_value()):
            raise ValueError(
                "SOLVENT_STRIPE_PUBLISHABLE_KEY must be of the mode of the secret key: test or live"
            )
        return self

    @model_validator(mode="after")
    def _turnstile_is_whole(self) -> Self:
        """Without both keys nobody could pay, or everybody."""
        if self.bot_check == "turnstile" and not (self.turnstile_site_key and self.turnstile_secret):
            raise ValueError("Turnstile needs SOLVENT_TURNSTILE_SITE_KEY and SOLVENT_TURNSTILE_SECRET")
        return self

    @model_validator(mode="after")
    def _identity_is_whole(self) -> Self:
        """As above."""
        parts = {
            "SOLVENT_OIDC_ISSUER": self.oidc_issuer,
            "SOLVENT_OIDC_CLIENT_ID": self.oidc_client_id,
            "SOLVENT_OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in parts.items() if not value]
        if 0 < len(missing) < len(parts):
            raise ValueError(f"signing in by OpenID Connect also needs {' and '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        """What is wrong with the way out is said at the start, and never with the password."""
        for name, address in (("FROM", self.mail_from), ("FINANCE", self.mail_finance)):
            if address is not None and not _MAIL_ADDRESS.fullmatch(address):
                raise ValueError(
                    f"SOLVENT_MAIL_{name} must be an e-mail address alone, such as billing@example.com"
                )
        if self.smtp_url is not None:
            try:
                mail_server(self.smtp_url.get_secret_value())
            except ValueError as broken:
                raise ValueError(f"SOLVENT_SMTP_URL {broken}") from None
            if self.mail_from is None:
                raise ValueError("a mail server also needs SOLVENT_MAIL_FROM")
        return self

    @property
    def secret_text(self) -> str | None:
        """The secret under which others are sealed, if there is one."""
        return None if self.secret is None else self.secret.get_secret_value()

    @property
    def base_url(self) -> str:
        """The address at which people reach the web server, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def policy(self) -> Policy:
        """The merchant's policy as these settings say it."""
        return Policy(
            grace=timedelta(days=self.grace_days),
            attempt_lifetime=timedelta(minutes=self.attempt_minutes),
            stale_money=self.stale_money,
            returned_refund=self.returned_refund,
            usage_delay=timedelta(minutes=self.usage_delay_minutes),
            prepaid_validity=None
            if self.prepaid_credit_days is None
            else timedelta(days=self.prepaid_credit_days),
        )

    def convention(self) -> Convention:
        """The proration convention as these settings say it."""
        return Convention(
            granularity=Granularity(self.proration),
            denominator=Denominator(self.proration_denominator),
            change_day=ChangeDay(self.proration_change_day),
            rounding=Rounding(self.proration_rounding),
            tax_rounding=TaxRounding(self.tax_rounding),
        )


def _mode(key: str) -> str:
    """Whether a key of Stripe's moves money."""
    return "live" if key.partition("_")[2].startswith("live_") else "test"
