"""The rooms' tables as Piccolo sees them are those of the catalogue, whole."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from piccolo.columns import Column
from piccolo.columns.column_types import DEFAULT
from piccolo.conf.apps import Finder
from piccolo.table import Table

from channel.access import tables
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.pool import prepare

CATALOGUE = """
SELECT c.relname AS name,
       (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int[], k.attnum::int))
        FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
       jsonb_agg(jsonb_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'null', NOT a.attnotnull,
           'default', CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN 'DEFAULT'
                           ELSE split_part(pg_get_expr(d.adbin, d.adrelid), '::', 1) END)) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration' GROUP BY c.oid, c.relname
"""
ALIASES = {"bigserial": "bigint", "timestamptz": "timestamp with time zone"}


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    await prepare(connection)
    yield connection
    await connection.close()


def _told(column: Column) -> dict[str, object]:
    """A column as the catalogue says it: `default` is what the database writes where nothing is said."""
    kind, value = str(column.column_type).lower().replace(", ", ","), column.get_default_value()
    filled = "DEFAULT" if value is DEFAULT else None if value is None else column.get_sql_value(value)
    name, null = column._meta.name, column._meta.null
    return {"name": name, "type": ALIASES.get(kind, kind), "null": null, "default": filled}


def _key(table: type[Table]) -> list[str]:
    return list(getattr(table, "KEY", (table._meta.primary_key._meta.name,)))


async def test_every_table_is_declared_as_it_is_in_the_catalogue(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(CATALOGUE)
    kept = {row["name"]: (row["key"], {each["name"]: each for each in row["columns"]}) for row in rows}
    declared = {
        table._meta.tablename: (_key(table), {each._meta.name: _told(each) for each in table._meta.columns})
        for table in Finder().get_table_classes()
    }
    assert sorted(declared) == sorted(kept)
    for name, table in kept.items():
        assert declared[name] == table


async def test_piccolo_works_on_the_held_connection_alone(database: str) -> None:
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with pytest.raises(RuntimeError, match="no connection is held"):
        await tables.Setting.count()
    async with db.held(db.EVERYTHING), db.transaction():
        before = await db.fetchval(count)
        territory = tables.Territory(code="N", name="North", level="region")
        await territory.save()
        assert await db.fetchval("SELECT name FROM territory WHERE id = $1", territory.id) == "North", "kept in one act"
        assert await db.fetchval(count) == before


def test_what_is_forgotten_is_refused_and_not_made_up() -> None:
    with pytest.raises(ValueError, match="name wasn't provided"):
        tables.Territory(code="N", level="region")
    assert tables.Territory(code="N", name="North", level="region").parent_id is None
