"""One notion of a code wherever one is looked up."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0004"
VERSION = "1.38.0"
DESCRIPTION = "codes that look alike"

SQL = r"""
-- A code made plain, as `channel.codes.plain_code` makes it, and what codes share that differ only in the case of their
-- letters. Nearly all codes are ASCII without spaces side by side: for them nothing is to be done.
CREATE FUNCTION code_plain(code text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(code) = char_length(code) THEN btrim(code, E' \t\n\r\f\v')
        ELSE btrim(regexp_replace(normalize(regexp_replace(code,
            '[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g'), NFKC),
            '[\u02d7\u2010-\u2015\u2043\u2212]', '-', 'g'), E' \t\n\r\f\v') END
$$;
CREATE FUNCTION code_key(code text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(public.code_plain(code), ' {2,}', ' ', 'g'))
$$;
CREATE INDEX dealer_code_key ON dealer (code_key(code));
CREATE INDEX product_code_key ON product (code_key(code));
CREATE INDEX product_line_code_key ON product_line (code_key(code));
CREATE INDEX territory_code_key ON territory (code_key(code));
CREATE INDEX second_tier_code_key ON second_tier (dealer_id, code_key(code));

-- The stored codes that differ from the asked ones only in how they are written, of those that are not stored as asked.
-- Of dealers the owner looks: codes are once for all, and an exact spelling that the asker may not see is nobody
-- else's. A code of which none may be seen is told as one that there is not.
CREATE FUNCTION dealers_alike(asked text[]) RETURNS TABLE (spelled text, code text)
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    SELECT x.spelled, x.code FROM (
        SELECT s AS spelled, d.code, bool_or((SELECT scope_is_open())
                   OR d.territory_id = ANY ((SELECT scope_territories())::bigint[])) OVER (PARTITION BY s) AS seen
        FROM unnest(asked) s JOIN dealer d ON code_key(d.code) = code_key(s)
        WHERE NOT EXISTS (SELECT FROM dealer e WHERE e.code = s)) x
    WHERE x.seen
$$;
REVOKE ALL ON FUNCTION dealers_alike(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dealers_alike(text[]) TO channel_app;
CREATE FUNCTION dealer_code_is_taken(asked text) RETURNS boolean
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM dealer d WHERE code_key(d.code) = code_key(asked))
$$;
REVOKE ALL ON FUNCTION dealer_code_is_taken(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dealer_code_is_taken(text) TO channel_app;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['product', 'product_line', 'territory'] LOOP
        EXECUTE format($make$
            CREATE FUNCTION %1$s_alike(asked text[]) RETURNS TABLE (spelled text, code text)
            LANGUAGE sql STABLE STRICT SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $body$
                SELECT s, t.code FROM unnest(asked) s JOIN %1$I t ON code_key(t.code) = code_key(s)
                WHERE NOT EXISTS (SELECT FROM %1$I e WHERE e.code = s)
            $body$ $make$, name);
    END LOOP;
    ALTER FUNCTION product_alike(text[]) RENAME TO products_alike;
    ALTER FUNCTION product_line_alike(text[]) RENAME TO product_lines_alike;
    ALTER FUNCTION territory_alike(text[]) RENAME TO territories_alike;

    -- The stored code that an asked one means: as it stands, else made plain, else the only one that differs in case;
    -- where there are several nobody guesses. A code that there is not stays as it was asked.
    FOREACH name IN ARRAY ARRAY['dealer', 'product', 'product_line', 'territory'] LOOP
        EXECUTE format($make$
            CREATE FUNCTION %1$s_meant(asked text) RETURNS text LANGUAGE plpgsql STABLE STRICT
            SET search_path = public, pg_temp AS $body$
            DECLARE found text[];
            BEGIN
                IF EXISTS (SELECT FROM %1$I t WHERE t.code = asked) THEN RETURN asked; END IF;
                SELECT array_agg(a.code ORDER BY a.code) INTO found FROM %2$s_alike(ARRAY[asked]) a;
                IF found IS NULL THEN RETURN asked; END IF;
                IF code_plain(asked) = ANY (found) THEN RETURN code_plain(asked); END IF;
                IF cardinality(found) > 1 THEN
                    RAISE EXCEPTION '%%', asked USING ERRCODE = 'CH001', DETAIL = array_to_string(found, ', ');
                END IF;
                RETURN found[1];
            END $body$ $make$, name, CASE name WHEN 'territory' THEN 'territories' ELSE name || 's' END);
    END LOOP;
END $$;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
