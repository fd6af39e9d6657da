"""Free: the products that paid plans drop to, where a policy names none.

Owns which products of a catalog cost nothing. Does not own when a plan drops (`dunning`), nor what is then left of it
(`entitlement`).
"""

from dataclasses import replace

from solvent.core.catalog import Catalog
from solvent.core.policy_book import PolicyBook


def free_products(catalog: Catalog) -> tuple[str, ...]:
    """One product of each family that has one: it is on sale by the period, and none of its prices costs anything. Of
    several the first by id."""
    by_family: dict[str, str] = {}
    for product in sorted(catalog.products.values(), key=lambda p: p.id):
        prices = [
            p
            for p in catalog.prices.values()
            if p.product_id == product.id and p.active and p.interval is not None
        ]
        if prices and not any(p.meter or p.unit_amount or p.tiers for p in prices):
            by_family.setdefault(product.family, product.id)
    return tuple(by_family.values())


def with_free(policies: PolicyBook, catalog: Catalog) -> PolicyBook:
    """The editions with the products of the catalog, where they leave that to it."""
    free = free_products(catalog) if policies.editions else ()
    return PolicyBook(
        editions={
            segment: tuple(
                e if e.policy.free is not None else replace(e, policy=replace(e.policy, free=free))
                for e in editions
            )
            for segment, editions in policies.editions.items()
        }
    )
