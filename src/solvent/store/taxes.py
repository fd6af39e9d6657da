"""Taxes: reading the stored rates and the sellers' registrations.

Owns `StoredRates`, the default source of rates, and what each legal entity is for tax. Does not own their writing
(`tax_declaration`) nor what follows from them (`core.tax`).
"""

from collections.abc import Sequence

from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from solvent.core.tax import Registration, Seller, TaxRate
from solvent.ports.tax import TaxRatesSilent
from solvent.store import codec

CONNECTION_WAIT_S = 5.0

_RATES = """
select id, country, region, category, name, ppm, valid_from, known_from, replaces_wider, names::text
from tax_rate order by id"""

_SELLERS = """
select e.id, e.country, r.country, nullif(r.region, ''), r.number, r.known_from, r.known_until
from legal_entity e left join tax_registration r on r.entity_id = e.id
order by e.id, r.country, r.region, r.known_from"""


class StoredRates:
    """`ports.tax.TaxRates` on the table of this database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def rates(self) -> Sequence[TaxRate]:
        """Every stored rate."""
        try:
            with self._pool.connection(timeout=CONNECTION_WAIT_S) as connection:
                return read_rates(connection)
        except PoolTimeout as error:
            raise TaxRatesSilent(str(error)) from error


def read_rates(connection: Connection) -> tuple[TaxRate, ...]:
    """Every stored rate, by id."""
    return tuple(
        TaxRate(
            id=row[0],
            country=row[1],
            region=row[2],
            category=row[3],
            name=row[4],
            ppm=row[5],
            valid_from=row[6],
            known_from=row[7],
            replaces_wider=row[8],
            names=codec.decode_names(row[9]),
        )
        for row in connection.execute(_RATES)
    )


def read_sellers(connection: Connection) -> dict[str, Seller]:
    """Every legal entity as tax sees it, by id."""
    countries: dict[str, str] = {}
    registrations: dict[str, list[Registration]] = {}
    for entity, home, country, region, number, known_from, known_until in connection.execute(_SELLERS):
        countries[entity] = home
        of_entity = registrations.setdefault(entity, [])
        if country is not None:
            of_entity.append(
                Registration(
                    country=country,
                    region=region,
                    number=number,
                    known_from=known_from,
                    known_until=known_until,
                )
            )
    return {
        entity: Seller(id=entity, country=home, registrations=tuple(registrations[entity]))
        for entity, home in countries.items()
    }
