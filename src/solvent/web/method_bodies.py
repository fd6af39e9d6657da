"""Method bodies: what requests about collection methods, and the answer about imported ones, carry, as structs."""

from typing import Annotated

from msgspec import Meta

from solvent.web.change_bodies import Body
from solvent.web.fields import AccountId, MethodId, ProviderName

METHODS_MAX = 500
AGREEMENTS_MAX = 25  # each is two or three calls to the provider, while the request waits


class MethodOrderBody(Body):
    """All of an account's methods, the one that is to be tried first in the first place."""

    method_ids: Annotated[tuple[MethodId, ...], Meta(min_length=1, max_length=METHODS_MAX)]


class AgreementBody(Body):
    """What an account's customer agreed on at the provider, by the provider's name for it."""

    account_id: AccountId
    reference: Annotated[str, Meta(min_length=1, max_length=64, examples=["B-5YM51202WL041493H"])]


class MethodImportBody(Body):
    """Agreements that become collection methods of their accounts."""

    provider: ProviderName
    agreements: Annotated[tuple[AgreementBody, ...], Meta(min_length=1, max_length=AGREEMENTS_MAX)]
