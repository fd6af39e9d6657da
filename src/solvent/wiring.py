"""Wiring: how the parts are put together in one process.

Owns the construction of the platform from settings. Does not own any behaviour; whoever runs a process (web, worker,
relay, CLI, simulation) asks here for what it needs.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from solvent.config import Settings
from solvent.core.card_testing import Most
from solvent.core.gate import Gates, ensure_safe
from solvent.core.gate import parse as parse_gates
from solvent.core.phrase import named
from solvent.core.routing import EVERYBODY, Routing
from solvent.documents.typesetting import Typesetter
from solvent.flows.notify import keep
from solvent.flows.platform import Platform
from solvent.flows.together import Together
from solvent.ids import SystemIds
from solvent.ports.bot_check import BotCheck
from solvent.ports.counts import Counted, Counts
from solvent.ports.payers import Payers
from solvent.ports.provider import Provider
from solvent.ports.queues import Arrival
from solvent.ports.registrar import Registrar
from solvent.ports.tax import TaxRates
from solvent.ports.telemetry import SILENCE, Telemetry
from solvent.ports.transfers import Transfers
from solvent.ports.world import Ids, Providers
from solvent.providers import paypal
from solvent.providers.adapters import Surroundings, connected
from solvent.providers.bot_check import NoCheck, SandboxCheck, Turnstile
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.manual import ManualProvider
from solvent.providers.registrar import SandboxRegistrar
from solvent.providers.registry import Registry
from solvent.providers.routing_file import parse
from solvent.providers.sandbox import (
    CARD,
    REDIRECT,
    SANDBOX,
    SANDPAL,
    Bank,
    Http,
    InProcess,
    SandboxProvider,
    Transport,
)
from solvent.store.database import OUTAGES, Database
from solvent.store.gauges import gauges
from solvent.store.sealing import SealedAddresses

if TYPE_CHECKING:
    from solvent.telemetry import Metrics
    from solvent.telemetry.watch import Watch

A = TypeVar("A")
B = TypeVar("B")
Tell = Callable[[str, str], None]

log = logging.getLogger(__name__)

PROVIDER_CALLS_MAX = 16
SANDBOX_REGISTRAR = "sandbox"
ARRIVALS_MAX = 256  # notifications that are stored by one statement
PAYPAL_READ_TIMEOUT_S = 25.0  # a capture may take it that long
STRIPE_READ_TIMEOUT_S = 30.0  # a charge waits for the payer's bank


def wall_clock() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


class ThreadSpread:
    """Several slow calls at once, in a bounded pool of threads."""

    def __init__(self, threads_max: int) -> None:
        self._pool = ThreadPoolExecutor(threads_max, thread_name_prefix="provider")

    def __call__(self, call: Callable[[A], B], items: Sequence[A]) -> list[B]:
        if len(items) < 2:
            return [call(i) for i in items]
        contexts = [copy_context() for _ in items]  # what is under way here is under way there
        return list(self._pool.map(lambda context, item: context.run(call, item), contexts, items))


class DirectSpread:
    """One call after the other, for providers that answer without waiting."""

    def __call__(self, call: Callable[[A], B], items: Sequence[A]) -> list[B]:
        return [call(item) for item in items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solvent:
    """One process's parts."""

    settings: Settings
    database: Database
    platform: Platform
    clock: Callable[[], datetime]
    banks: Mapping[str, Bank]
    typesetter: Typesetter
    intake: Together[Arrival]
    watch: "Watch | None" = None

    @property
    def metrics(self) -> "Metrics | None":
        """What this process counts."""
        return self.watch.metrics if self.watch else None

    def close(self) -> None:
        """Hand over what is still to be exported, and give the database connections back."""
        if self.watch is not None:
            self.watch.close()
        self.database.close()


def build(
    settings: Settings,
    database_url: str,
    *,
    clock: Callable[[], datetime] = wall_clock,
    providers: Providers | None = None,
    ids: Ids | None = None,
    tax_rates: TaxRates | None = None,
    watched: bool = False,
) -> Solvent:
    """The parts of one process on one database. `providers` replaces the sandbox, `ids` the system's source of
    ids (as a test or simulation does), `tax_rates` the stored rates. A process that is `watched` counts what it does.
    """
    ids = ids or SystemIds()
    database = Database(database_url, ids=ids, pool_max=settings.pool_max, tax_rates=tax_rates)
    banks: Mapping[str, Bank] = {}
    watch = _watch(settings, database, clock) if watched else None
    ears = Ears(watch.telemetry if watch else SILENCE, _teller(database.counts, clock))
    real = real_providers(settings, clock, database.payers, ears)
    manual = _manual(settings, clock, database.transfers, ears)
    slow = bool(real or manual) or settings.sandbox_url is not None
    if providers is None:
        banks = {} if slow else _banks(settings)
        # Beside a real provider the sandbox would give away what is sold: it is there only where it is asked for.
        alone = (real or manual) and settings.sandbox_url is None
        play = {} if alone else _sandbox(settings, banks, clock, ears)
        providers = Registry(real | play | manual)  # the first is the default
    platform = Platform(
        store=database,
        settlements=database.settlements,
        providers=providers,
        ids=ids,
        spread=ThreadSpread(PROVIDER_CALLS_MAX) if slow else DirectSpread(),
        policy=settings.policy(),
        convention=settings.convention(),
        registrar=_registrar(settings),
        bot_check=_bot_check(settings),
        most_tries=Most(
            of_cart=settings.declines_max_cart,
            of_account=settings.declines_max_account,
            of_address=settings.orders_max_address,
            of_searches=settings.domain_searches_max,
        ),
        routing=_routing(settings, providers),
        gates=_gates(settings, providers),
        outages=OUTAGES,
        telemetry=ears.telemetry,
        addresses=SealedAddresses(settings.secret_text),
    )
    return Solvent(
        settings=settings,
        database=database,
        platform=platform,
        clock=clock,
        banks=banks,
        typesetter=Typesetter(settings.document_fonts),
        intake=Together(partial(keep, platform), batch_max=ARRIVALS_MAX, at_once_max=2),
        watch=watch,
    )


def _watch(settings: Settings, database: Database, clock: Callable[[], datetime]) -> "Watch":
    """What this process counts, beside the states of the database, and exports."""
    from solvent.telemetry.watch import watch  # noqa: PLC0415 - its library is for those who are watched

    return watch(
        lambda: gauges(database.pool, clock()),
        traces=settings.otlp in ("traces", "all"),
        metrics=settings.otlp in ("metrics", "all"),
    )


def _gates(settings: Settings, providers: Providers) -> Gates:
    """The merchant's gates; raises `UnsafeGate` where one is off on a path that a provider commits first."""
    gates = parse_gates(settings.payment_method_gate)
    ensure_safe(gates, {name: providers.get(name).capabilities.commits_first for name in providers.names()})
    return gates


def _routing(settings: Settings, providers: Providers) -> Routing:
    """The merchant's routes; without a file, every provider serves everybody."""
    if not settings.routing:
        return EVERYBODY
    kinds = {name: providers.get(name).capabilities.kinds for name in providers.names()}
    return parse(settings.routing.read_bytes(), kinds)


def _banks(settings: Settings) -> Mapping[str, Bank]:
    """Both sandbox banks inside this process; what they know ends with it."""
    return {p.name: Bank(p, secret=settings.sandbox_secret) for p in (CARD, REDIRECT)}


def _teller(counts: Counts, clock: Callable[[], datetime]) -> Tell:
    """Counts words that no adapter could translate. A count that is lost is not worth a payment."""

    def tell(provider: str, word: str) -> None:
        try:
            counts.add(Counted.UNMAPPED, provider, word, clock())
        except Exception:  # whatever it is, the payment that is being made goes on
            log.exception("%s said %r, which was not counted", provider, word)

    return tell


@dataclass(frozen=True, slots=True)
class Ears:
    """Who listens at the boundaries of a process: to calls, and to words that nobody could translate."""

    telemetry: Telemetry = SILENCE
    tell: Tell | None = None

    def at(self, adapter: Provider, limits: Limits, secrets: Iterable[str] = ()) -> Boundary:
        """The boundary around an adapter."""
        tell = None if self.tell is None else partial(self.tell, adapter.name)
        return Boundary(adapter, limits, secrets=secrets, tell=tell, telemetry=self.telemetry)


DEAF = Ears()


def real_providers(
    settings: Settings, clock: Callable[[], datetime], payers: Payers, ears: Ears = DEAF
) -> dict[str, Provider]:
    """The providers that the merchant has keys of; the first is the default."""
    found: dict[str, Provider] = {}
    if settings.stripe_secret_key and settings.stripe_webhook_secret:
        card = _stripe(settings, clock, payers, ears)
        found[card.name] = card
    if settings.paypal_client_id and settings.paypal_secret and settings.paypal_webhook_id:
        secret = settings.paypal_secret.get_secret_value()
        limits = Limits(read_timeout_s=PAYPAL_READ_TIMEOUT_S, calls_per_s=settings.paypal_calls_per_s)
        merchant = paypal.Merchant(
            url=settings.paypal_url,
            client_id=settings.paypal_client_id,
            secret=secret,
            webhook_id=settings.paypal_webhook_id,
            brand=settings.brand,
            proof=settings.paypal_proof,
        )
        adapter = paypal.connect(
            merchant,
            clock,
            connect_timeout_s=limits.connect_timeout_s,
            read_timeout_s=limits.read_timeout_s,
        )
        found[adapter.name] = ears.at(adapter, limits, [secret])
    surroundings = Surroundings(clock=clock, payers=payers)
    for each in connected(settings.adapters or "", surroundings):
        found[each.provider.name] = ears.at(each.provider, each.limits, each.secrets)
    return found


def _bot_check(settings: Settings) -> BotCheck:
    """As the merchant chose."""
    if settings.bot_check == "turnstile":
        assert settings.turnstile_site_key, "settings are whole"
        assert settings.turnstile_secret, "settings are whole"
        return Turnstile(
            settings.turnstile_site_key,
            settings.turnstile_secret.get_secret_value(),
            lets_silence_pass=settings.bot_check_silent == "allow",
            url=settings.turnstile_url,
        )
    return SandboxCheck() if settings.bot_check == "sandbox" else NoCheck()


def _registrar(settings: Settings) -> Registrar:
    """The sandbox's, or the one at the address that the settings name."""
    if settings.registrar == SANDBOX_REGISTRAR:
        return SandboxRegistrar()
    module, _, name = settings.registrar.partition(":")
    registrar: Registrar = getattr(import_module(module), name)()
    return registrar


def _manual(
    settings: Settings, clock: Callable[[], datetime], transfers: Transfers, ears: Ears
) -> dict[str, Provider]:
    """Transfers that the merchant records, where customers are told how to pay so; never the default beside another."""
    if settings.manual_instructions is None:
        return {}
    adapter = ManualProvider(
        transfers,
        clock,
        instructions=named(settings.manual_instructions, settings.manual_translations),
        lasts=timedelta(days=settings.manual_days),
    )
    return {adapter.name: ears.at(adapter, Limits())}


def _stripe(settings: Settings, clock: Callable[[], datetime], payers: Payers, ears: Ears) -> Provider:
    """Stripe, as the merchant's key opens it."""
    from solvent.providers import stripe  # noqa: PLC0415 - its library doubles the time of a start

    assert settings.stripe_secret_key, "asked for without a key"
    assert settings.stripe_webhook_secret, "settings are whole"
    key = settings.stripe_secret_key.get_secret_value()
    webhook_secret = settings.stripe_webhook_secret.get_secret_value()
    limits = Limits(read_timeout_s=STRIPE_READ_TIMEOUT_S, calls_per_s=settings.stripe_calls_per_s)
    adapter = stripe.StripeProvider(
        stripe.connect(key, stripe.Line(limits), settings.stripe_url),
        payers,
        clock,
        webhook_secret=webhook_secret,
        livemode=key.startswith(("sk_live_", "rk_live_")),
        publishable_key=settings.stripe_publishable_key,
        copies_subscriptions=settings.stripe_subscriptions == "copied",
    )
    return ears.at(adapter, limits, [key, webhook_secret])


def _sandbox(
    settings: Settings, banks: Mapping[str, Bank], clock: Callable[[], datetime], ears: Ears
) -> dict[str, Provider]:
    """The sandbox's two providers, over HTTP where an address is set, else on the banks of this process: to call those
    is no call, and is not measured."""
    adapters: dict[str, Provider] = {}
    for words in (SANDBOX, SANDPAL):
        transport: Transport
        if settings.sandbox_url is not None:
            transport = Http(f"{settings.sandbox_url.rstrip('/')}/{words.name}", settings.sandbox_secret)
        else:
            transport, ears = InProcess(banks[words.name], clock), replace(ears, telemetry=SILENCE)
        adapter = SandboxProvider(transport, clock, settings.sandbox_secret, words)
        adapters[words.name] = ears.at(adapter, Limits(), [settings.sandbox_secret])
    return adapters
