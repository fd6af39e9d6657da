"""Entity desk: declaring one legal entity by itself, and reading each with every version of what its invoices say.

Owns that it is one declaration by itself, and the order in which they are listed. Does not own versions (`entities`),
how a whole catalog is brought in (`offers`), nor the rules of an entity (`core.party`).
"""

from dataclasses import dataclass
from datetime import datetime

from solvent.core.party import Entity
from solvent.store import offers
from solvent.store.database import Database
from solvent.store.entities import entity_row

_VERSIONS = """
select e.id, coalesce(v.name, e.name), coalesce(v.country, e.country), e.series_prefix, v.profile::text, v.valid_from
from legal_entity e left join legal_entity_version v on v.entity_id = e.id
order by e.id, v.valid_from"""


@dataclass(frozen=True, slots=True)
class EntityVersion:
    """What a legal entity was from `valid_from` on, until the next version; None: it never had another."""

    entity: Entity
    valid_from: datetime | None


def everything(database: Database) -> list[EntityVersion]:
    """All versions of all legal entities, by id, the oldest first."""
    with database.transaction() as connection:
        return [
            EntityVersion(entity_row(*row[:5]), row[5]) for row in connection.execute(_VERSIONS).fetchall()
        ]


def latest(database: Database) -> list[EntityVersion]:
    """What each legal entity is now, by id."""
    return list({one.entity.id: one for one in everything(database)}.values())


def versions(database: Database, entity_id: str) -> list[EntityVersion]:
    """The versions of one legal entity, the oldest first; none if there is no such entity."""
    return [one for one in everything(database) if one.entity.id == entity_id]


def put(database: Database, entity: Entity, now: datetime) -> tuple[EntityVersion, bool]:
    """Bring a legal entity to what is declared, for invoices from now on, and whether it is new; the same again changes
    nothing. Raises `CatalogError` for a rule that it breaks."""
    changed = offers.apply(database, entities=[entity], now=now)
    return versions(database, entity.id)[-1], changed == [f"entity {entity.id}: added"]
