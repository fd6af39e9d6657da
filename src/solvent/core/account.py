"""Account: one customer of the merchant, and the ways to collect from it.

Owns the account's profile and its collection methods as values. Does not own standing (`health`) nor what an
account has bought (`subscription`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.language import Language
from solvent.core.party import Address, PastProfile, Profile
from solvent.core.tax import Buyer, PastBuyer
from solvent.core.terms import Together


class Segment(StrEnum):
    """The account's type; policy differs by segment and never skips one."""

    STANDARD = "standard"
    CONTRACT = "contract"
    PARTNER = "partner"
    SPONSORED = "sponsored"
    ACADEMIC = "academic"
    REGIONAL = "regional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One customer, who is written to in `language`. `terms_days` and `together` are its own terms (`terms.Terms`);
    None: those of its segment.

    `test_now` is the account's own frozen clock (UTC) when it is a test account, else None. `address` (in `country`)
    and `tax_id` are printed on invoices. `region`, `tax_id` (checked) and `tax_exempt` decide with `country` about tax;
    `tax_past` holds what these four were before, in order, and `profile_past` what name, e-mail and address were.
    `closed_at` is when the account was closed (UTC), None while it is open.
    """

    id: UUID
    segment: Segment
    currency: str
    country: str
    time_zone: str
    email: str
    name: str
    entity: str
    terms_days: int | None = None
    test_now: datetime | None = None
    address: Address | None = None
    region: str | None = None
    tax_id: str | None = None
    tax_exempt: bool = False
    tax_past: tuple[PastBuyer, ...] = ()
    together: Together | None = None
    language: Language = Language.EN
    profile_past: tuple[PastProfile, ...] = ()
    closed_at: datetime | None = None

    @property
    def profile(self) -> Profile:
        """Who the customer is on documents now."""
        return Profile(name=self.name, email=self.email, address=self.address)

    def profile_at(self, known: datetime) -> Profile:
        """Who the customer was on documents at an instant (UTC)."""
        return next((past.profile for past in self.profile_past if known < past.until), self.profile)

    def now_called(self, profile: Profile, now: datetime) -> "Account":
        """The account as it is named on documents from `now` (UTC) on."""
        if profile == self.profile:
            return self
        past = PastProfile(until=now, profile=self.profile)
        return replace(
            self,
            name=profile.name,
            email=profile.email,
            address=profile.address,
            profile_past=(*self.profile_past, past),
        )

    @property
    def buyer(self) -> Buyer:
        """What the customer is for tax now."""
        return Buyer(country=self.country, region=self.region, tax_id=self.tax_id, exempt=self.tax_exempt)

    def buyer_at(self, known: datetime) -> Buyer:
        """What the customer was known to be for tax at an instant (UTC)."""
        return next((past.buyer for past in self.tax_past if known < past.until), self.buyer)

    def now_buying_as(self, buyer: Buyer, now: datetime) -> "Account":
        """The account as another buyer for tax from `now` (UTC) on."""
        if buyer == self.buyer:
            return self
        past = PastBuyer(until=now, buyer=self.buyer)
        return replace(
            self,
            country=buyer.country,
            region=buyer.region,
            tax_id=buyer.tax_id,
            tax_exempt=buyer.exempt,
            tax_past=(*self.tax_past, past),
        )

    def moment(self, wall: datetime) -> datetime:
        """The account's present: its test clock where it has one, else `wall`."""
        return wall if self.test_now is None else self.test_now


class MethodState(StrEnum):
    """Whether a method may be tried; INVALID after a permanent failure, DETACHED when the customer removed it."""

    ACTIVE = "active"
    INVALID = "invalid"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionMethod:
    """A vaulted reference and its mandate. Lower `priority` is tried first; `expires_on` is the last day on which it
    works, where its provider says so."""

    id: UUID
    account_id: UUID
    provider: str
    token: str
    kind: str
    label: str
    off_session: bool
    priority: int
    state: MethodState = MethodState.ACTIVE
    fingerprint: str | None = None
    expires_on: date | None = None


def usable(methods: tuple[CollectionMethod, ...]) -> tuple[CollectionMethod, ...]:
    """The methods that may be charged off-session, in the order in which they are tried."""
    active = [m for m in methods if m.state is MethodState.ACTIVE and m.off_session]
    return tuple(sorted(active, key=lambda m: (m.priority, m.id)))
