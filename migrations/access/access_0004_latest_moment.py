"""The latest moment that was ever stamped or handed out as known, before which the clock of the postings never goes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0004"
VERSION = "1.38.0"
DESCRIPTION = "the latest moment"

SQL = """
-- Microseconds since 1970. Sequences, because what they hold is seen at once by everybody, in whatever snapshot, and
-- is never rolled back. The first holds the latest moment handed out as known and is not logged, so that looking at a
-- page writes nothing; a crash empties it. The second is logged and kept up to a second ahead of the first: after a
-- crash it takes its place. What was stamped stands in the postings themselves.
CREATE UNLOGGED SEQUENCE moment_known;
CREATE SEQUENCE moment_bound;

CREATE FUNCTION latest_moment() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT greatest(
        (SELECT max(recorded_at) FROM posting),
        (SELECT timestamptz 'epoch' + interval '1 microsecond'
                * CASE WHEN k.is_called THEN k.last_value ELSE b.last_value END
         FROM moment_known k, moment_bound b))
$$;

-- The moment with which an act is stamped: the database's time, or the one after the latest where that is later. Asked
-- for while the lock of the postings is held shared. A clock that is held (`held`) says the time itself; one that is
-- moved is `ahead`.
CREATE FUNCTION stamp_moment(held timestamptz, ahead interval) RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT greatest(coalesce(held, clock_timestamp() + ahead), latest_moment() + interval '1 microsecond')
$$;

-- The moment as known at which somebody reads, which is then the latest: never before it, and not before the one that
-- he asks for. Asked for while the lock of the postings is held alone, so that of two at once none is overwritten.
CREATE FUNCTION known_moment(held timestamptz, ahead interval, asked timestamptz) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found timestamptz := greatest(coalesce(held, clock_timestamp() + ahead), latest_moment(), asked);
    at bigint := extract(epoch FROM found) * 1000000;
BEGIN
    IF at > (SELECT last_value FROM moment_bound) THEN
        PERFORM setval('moment_bound', at + 1000000);
    END IF;
    PERFORM setval('moment_known', at);
    RETURN found;
END $$;

REVOKE EXECUTE ON FUNCTION latest_moment, stamp_moment, known_moment FROM PUBLIC;
GRANT EXECUTE ON FUNCTION latest_moment, stamp_moment, known_moment TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
