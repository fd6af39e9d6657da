"""Drift kinds: every way in which two stores can contradict each other about one account, each by its name.

Owns the closed list of kinds: between which stores, what it means, the sentence that is its evidence, and what is done
about it. Does not own what was found of one account (`drift`). docs/drift.md is this list for people; a test holds the
two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations


class Store(StrEnum):
    """A place that holds an opinion about an account."""

    ACCOUNT = "account"
    CUSTOMER = "customer"
    SUBSCRIPTIONS = "subscriptions"
    INVOICES = "invoices"
    DUNNING = "dunning"
    ENTITLEMENTS = "entitlements"
    PROVIDER = "provider"


class Remedy(StrEnum):
    """What is done about a disagreement.

    REPAIRED: recomputing the account writes what the facts say. REPORTED: it is explained, and passes by itself or
    harms nobody. PERSON: two records of fact contradict each other, and no rule says which is right. IMPOSSIBLE: a
    constraint of the database refuses it.
    """

    REPAIRED = "repaired"
    REPORTED = "reported"
    PERSON = "person"
    IMPOSSIBLE = "impossible"


class DriftKind(StrEnum):
    """The names of all kinds; `KINDS` says what each means."""

    RESTRICTED_WITHOUT_DEBT = "restricted_without_debt"
    PAID_NOT_RESTORED = "paid_not_restored"
    DEBT_UNSEEN = "debt_unseen"
    DEBT_MISRECORDED = "debt_misrecorded"
    STANDING_MISRECORDED = "standing_misrecorded"
    DISPUTE_MISRECORDED = "dispute_misrecorded"
    LOOK_LOST = "look_lost"
    NOTICE_UNTOLD = "notice_untold"
    COLLECTION_STALLED = "collection_stalled"
    FLAGS_BY_HAND = "flags_by_hand"
    BAN_WITHOUT_GIVING_UP = "ban_without_giving_up"
    GIVEN_UP_WITHOUT_BAN = "given_up_without_ban"
    CLOSED_STILL_SUBSCRIBED = "closed_still_subscribed"
    GIVEN_UP_STILL_SUBSCRIBED = "given_up_still_subscribed"
    GIVEN_UP_NOT_CANCELLED = "given_up_not_cancelled"
    EXHAUSTED_NOT_GIVEN_UP = "exhausted_not_given_up"
    ENDED_STILL_DUNNED = "ended_still_dunned"
    ENTITLEMENT_MISSING = "entitlement_missing"
    ENTITLEMENT_UNFOUNDED = "entitlement_unfounded"
    ENTITLEMENT_DIFFERS = "entitlement_differs"
    ENTITLED_DESPITE_DUNNING = "entitled_despite_dunning"
    GRACE_WITHOUT_DEBT = "grace_without_debt"
    RENEWAL_STALLED = "renewal_stalled"
    PROOF_OF_ANOTHER = "proof_of_another"
    ITEM_BY_HAND = "item_by_hand"
    PERIOD_BY_HAND = "period_by_hand"
    CURRENCY_DIFFERS = "currency_differs"
    ISSUER_DIFFERS = "issuer_differs"
    MERGED_ACCOUNT = "merged_account"
    PAYER_SHARED = "payer_shared"
    METHOD_OF_ANOTHER = "method_of_another"
    PROVIDER_SAYS_PAID = "provider_says_paid"
    PROVIDER_SAYS_UNPAID = "provider_says_unpaid"
    PROVIDER_SAYS_OTHERWISE = "provider_says_otherwise"
    PROVIDER_LAST_SAID_OTHERWISE = "provider_last_said_otherwise"
    TWO_WRITERS = "two_writers"
    CHARGED_TWICE = "charged_twice"
    SUBSCRIBED_WITHOUT_PROOF = "subscribed_without_proof"
    ENTITLED_WITHOUT_PROOF = "entitled_without_proof"
    METHOD_WITHOUT_ACCOUNT = "method_without_account"
    PAYER_WITHOUT_ACCOUNT = "payer_without_account"
    DUNNED_WITHOUT_ACCOUNT = "dunned_without_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One kind: the two `stores` (one twice, where it contradicts itself), what it `means`, the `evidence` with places
    for its facts, and what is `done`."""

    stores: tuple[Store, Store]
    means: str
    evidence: str
    done: Remedy


_A, _C, _S, _I, _D, _E, _P = Store

KINDS: Mapping[DriftKind, Meaning] = {
    DriftKind.RESTRICTED_WITHOUT_DEBT: Meaning(
        stores=(_D, _I),
        means="measures are in effect although nothing is owed",
        evidence="{measures} in effect, and no invoice owes anything",
        done=Remedy.REPAIRED,
    ),
    DriftKind.PAID_NOT_RESTORED: Meaning(
        stores=(_D, _I),
        means="everything is paid, and the account is still recorded as owing",
        evidence="recorded as {recorded}, and no invoice owes anything",
        done=Remedy.REPAIRED,
    ),
    DriftKind.DEBT_UNSEEN: Meaning(
        stores=(_D, _I),
        means="something is owed, and dunning has never looked at the account",
        evidence="{owed} is owed, and dunning has no record",
        done=Remedy.REPAIRED,
    ),
    DriftKind.DEBT_MISRECORDED: Meaning(
        stores=(_D, _I),
        means="dunning counts another debt than the invoices",
        evidence="dunning records {recorded}, the invoices owe {owed}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.STANDING_MISRECORDED: Meaning(
        stores=(_D, _I),
        means="the recorded standing is not the one that debts and policy give",
        evidence="recorded as {recorded}, by what is owed it is {right}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.DISPUTE_MISRECORDED: Meaning(
        stores=(_D, _P),
        means="dunning counts another contested sum than the disputes that providers told of",
        evidence="dunning records {recorded} as contested, the disputes say {right}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.LOOK_LOST: Meaning(
        stores=(_D, _I),
        means="dunning would look again at another time than it must, or never: nothing would happen any more",
        evidence="the next look is recorded for {recorded}, and must be {right}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.NOTICE_UNTOLD: Meaning(
        stores=(_C, _D),
        means="dunning decided that the customer is told of a rung, and nobody was told",
        evidence="not told of: {rungs}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.COLLECTION_STALLED: Meaning(
        stores=(_C, _I),
        means="an invoice is due, the customer has a way to pay it, and nothing tries",
        evidence="to be collected now: {invoices}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.FLAGS_BY_HAND: Meaning(
        stores=(_A, _D),
        means="flags of the account were set, changed or removed by somebody else than dunning",
        evidence="in effect: {found}; decided: {right}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.BAN_WITHOUT_GIVING_UP: Meaning(
        stores=(_A, _I),
        means="the account is banned, and none of its invoices was given up",
        evidence="banned because of an invoice that was not given up, or is owed no more",
        done=Remedy.REPAIRED,
    ),
    DriftKind.GIVEN_UP_WITHOUT_BAN: Meaning(
        stores=(_A, _I),
        means="an invoice was given up, and the account is not banned",
        evidence="given up without a ban: {invoices}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.CLOSED_STILL_SUBSCRIBED: Meaning(
        stores=(_A, _S),
        means="the account was closed, and a subscription of it goes on",
        evidence="closed on {day}, and these go on: {subscriptions}",
        done=Remedy.PERSON,
    ),
    DriftKind.GIVEN_UP_STILL_SUBSCRIBED: Meaning(
        stores=(_S, _I),
        means="an invoice was given up, and its subscription goes on: banned without being cancelled",
        evidence="{invoice} was given up, and its subscription {subscription} goes on",
        done=Remedy.PERSON,
    ),
    DriftKind.GIVEN_UP_NOT_CANCELLED: Meaning(
        stores=(_S, _I),
        means="an account was given up as a whole, and a subscription that is paid ahead does not end with its period",
        evidence="{invoice} was given up with all of the account, and {subscription} is not to end on {ends}",
        done=Remedy.PERSON,
    ),
    DriftKind.EXHAUSTED_NOT_GIVEN_UP: Meaning(
        stores=(_D, _I),
        means="the ladder is climbed to its end, and the invoice is not given up",
        evidence="at the end of the ladder, and still open: {invoices}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.ENDED_STILL_DUNNED: Meaning(
        stores=(_S, _D),
        means="a measure touches a subscription that is over, and nothing is owed for it",
        evidence="{measures} for {subscription}, which is over",
        done=Remedy.REPAIRED,
    ),
    DriftKind.ENTITLEMENT_MISSING: Meaning(
        stores=(_S, _E),
        means="a subscription gives something that is not granted: paid, but still free",
        evidence="not granted: {grants}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.ENTITLEMENT_UNFOUNDED: Meaning(
        stores=(_S, _E),
        means="something is granted that no subscription gives",
        evidence="granted by nothing: {grants}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.ENTITLEMENT_DIFFERS: Meaning(
        stores=(_S, _E),
        means="more, less, longer or shorter is granted than the subscription gives",
        evidence="granted differently: {grants}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.ENTITLED_DESPITE_DUNNING: Meaning(
        stores=(_D, _E),
        means="something is granted that a measure in effect takes away",
        evidence="granted although suspended: {grants}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.GRACE_WITHOUT_DEBT: Meaning(
        stores=(_S, _I),
        means="a subscription stands on grace for an invoice that is not open",
        evidence="{subscription} stands on grace for {invoice}, which is {state}",
        done=Remedy.PERSON,
    ),
    DriftKind.RENEWAL_STALLED: Meaning(
        stores=(_S, _I),
        means="a period is over for more than a day, and no invoice for the next one is under way",
        evidence="{subscription} was to be renewed on {due}: {why}",
        done=Remedy.REPORTED,
    ),
    DriftKind.PROOF_OF_ANOTHER: Meaning(
        stores=(_S, _I),
        means="a subscription stands on what another account proved",
        evidence="{subscription} stands on a proof of {other}",
        done=Remedy.PERSON,
    ),
    DriftKind.ITEM_BY_HAND: Meaning(
        stores=(_S, _I),
        means="the price or quantity of an item was changed by somebody; what was booked is granted and charged on",
        evidence="{item} is written as {found}, and was booked as {right}",
        done=Remedy.PERSON,
    ),
    DriftKind.PERIOD_BY_HAND: Meaning(
        stores=(_S, _I),
        means="the end of a period was moved by somebody; the end that was booked counts on",
        evidence="the period of {subscription} is written to end on {found}, and was booked to end on {right} UTC",
        done=Remedy.PERSON,
    ),
    DriftKind.CURRENCY_DIFFERS: Meaning(
        stores=(_A, _S),
        means="a subscription is in another currency than its account",
        evidence="{subscription} is in {found}, the account in {right}",
        done=Remedy.PERSON,
    ),
    DriftKind.ISSUER_DIFFERS: Meaning(
        stores=(_A, _I),
        means="an open invoice was issued by another legal entity than the one that bills the account",
        evidence="{invoice} was not issued by {entity}, which bills the account",
        done=Remedy.REPORTED,
    ),
    DriftKind.MERGED_ACCOUNT: Meaning(
        stores=(_A, _S),
        means="what hangs together belongs to two accounts: one was merged into the other by hand, in part",
        evidence="{what} belongs to this account, and what it hangs on to {other}",
        done=Remedy.PERSON,
    ),
    DriftKind.PAYER_SHARED: Meaning(
        stores=(_C, _P),
        means="two accounts are one and the same payer at a provider",
        evidence="at {provider} the account is the same payer as {other}",
        done=Remedy.PERSON,
    ),
    DriftKind.METHOD_OF_ANOTHER: Meaning(
        stores=(_C, _I),
        means="a debt was to be paid by a collection method of another account",
        evidence="attempt {attempt} charges a method of {other}",
        done=Remedy.PERSON,
    ),
    DriftKind.PROVIDER_SAYS_PAID: Meaning(
        stores=(_I, _P),
        means="the provider says paid, and we say delinquent",
        evidence="{provider} says that attempt {attempt} succeeded, here it is {state}",
        done=Remedy.REPAIRED,
    ),
    DriftKind.PROVIDER_SAYS_UNPAID: Meaning(
        stores=(_I, _P),
        means="we say paid, and the provider says that nothing was paid",
        evidence="attempt {attempt} is recorded as paid, {provider} says {outcome}",
        done=Remedy.PERSON,
    ),
    DriftKind.PROVIDER_SAYS_OTHERWISE: Meaning(
        stores=(_I, _P),
        means="we and the provider agree that it was paid, and not on how much",
        evidence="attempt {attempt}: recorded {recorded}, {provider} says {found}",
        done=Remedy.PERSON,
    ),
    DriftKind.PROVIDER_LAST_SAID_OTHERWISE: Meaning(
        stores=(_I, _P),
        means="an attempt is not as its provider last said that it is",
        evidence="attempt {attempt} is {state}, and {provider} last said {said}, on {day}",
        done=Remedy.PERSON,
    ),
    DriftKind.TWO_WRITERS: Meaning(
        stores=(_I, _I),
        means="an invoice is written by somebody who has not seen what it now is",
        evidence="refused by the trigger invoice_is_immutable: each version follows the one before",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.CHARGED_TWICE: Meaning(
        stores=(_I, _P),
        means="two payments by a provider are applied to one debt",
        evidence="refused by the unique index payment_of_debt",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.SUBSCRIBED_WITHOUT_PROOF: Meaning(
        stores=(_S, _I),
        means="a subscription is active that nothing was ever proved for",
        evidence="refused: proof_id is not null, and names a proof",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.ENTITLED_WITHOUT_PROOF: Meaning(
        stores=(_I, _E),
        means="something is granted without a payment or another proof",
        evidence="refused: proof_id is not null, and names a proof",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.METHOD_WITHOUT_ACCOUNT: Meaning(
        stores=(_A, _C),
        means="a collection method belongs to no account",
        evidence="refused: its account is a foreign key",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.PAYER_WITHOUT_ACCOUNT: Meaning(
        stores=(_A, _P),
        means="a provider knows an account that there is not",
        evidence="refused: its account is a foreign key",
        done=Remedy.IMPOSSIBLE,
    ),
    DriftKind.DUNNED_WITHOUT_ACCOUNT: Meaning(
        stores=(_A, _D),
        means="dunning has a record of an account that there is not",
        evidence="refused: its account is a foreign key",
        done=Remedy.IMPOSSIBLE,
    ),
}

APART: Mapping[tuple[Store, Store], str] = {
    (
        _A,
        _E,
    ): "an entitlement hangs on an item, and is of that item's account: `merged_account` and `entitlement_unfounded`",
    (_C, _S): "a subscription names no method: what is charged is chosen when it is collected",
    (_C, _E): "nothing is granted because of a method",
    (_S, _P): "there are no schedules at a provider, so none can differ",
    (_E, _P): "what a provider says becomes a payment first, and is compared there",
}
"""The pairs of stores that have nothing in common to contradict each other about."""


ASKED = frozenset(
    {DriftKind.PROVIDER_SAYS_PAID, DriftKind.PROVIDER_SAYS_UNPAID, DriftKind.PROVIDER_SAYS_OTHERWISE}
)
"""The kinds that only asking a provider finds."""

LOOKED_FOR = frozenset(DriftKind) - ASKED - {k for k, m in KINDS.items() if m.done is Remedy.IMPOSSIBLE}
"""The kinds that looking at the stores finds."""


def pairs() -> tuple[tuple[Store, Store], ...]:
    """Every two stores."""
    return tuple(combinations(Store, 2))
