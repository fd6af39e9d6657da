"""Provider parts: which providers have a part of their own in our pages (fields for cards, wallets, buttons).

Owns the answer, out of what the providers say that are configured. Does not own what a browser may load for it
(`pages.browser_policy`), nor the parts (`frontend/src/providers`).
"""

from collections.abc import Mapping, Sequence

from solvent.flows.platform import Platform


def public_keys(platform: Platform) -> Mapping[str, str]:
    """What each provider's own part of a page is told, of those that have one."""
    keys = {name: platform.providers.get(name).capabilities.public_key for name in platform.providers.names()}
    return {name: key for name, key in keys.items() if key is not None}


def parts_of_checkout(platform: Platform) -> Sequence[str]:
    """Whose parts may stand in the checkout: the providers', and the bot check's."""
    return [*public_keys(platform), platform.bot_check.kind]
