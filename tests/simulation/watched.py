"""Watched: databases that refuse to commit a changed grant of which no event tells.

Owns the trigger that stands for every reader of the change feed: whoever follows the events that say that entitlements
may have changed must hear of every change.
"""

import psycopg

from solvent.core.entitlement_events import ENTITLING

_WATCH = """
create function refuse_untold() returns trigger language plpgsql as $$
declare
    row constant entitlement := case when tg_op = 'DELETE' then old else new end;
begin
    if not exists (select from event e where e.bucket = row.bucket and e.account_id = row.account_id
                     and e.type = any('{types}') and e.xmin = pg_current_xact_id()::xid) then
        raise exception 'a grant of % changed, and nobody was told', row.account_id;
    end if;
    return null;
end $$;
create constraint trigger grants_are_told after insert or update or delete on entitlement
    deferrable initially deferred for each row execute function refuse_untold()"""


def watched(url: str) -> str:
    """The same database, from now on watched."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_WATCH.replace("{types}", "{" + ",".join(sorted(ENTITLING)) + "}"))
    return url
