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

CATALOGUE = """
SELECT c.relname AS name,
       (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int[], k.attnum::int))
        FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types,
       array_agg(NOT a.attnotnull ORDER BY a.attnum) AS nulls,
       array_agg(CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN 'DEFAULT'
                      ELSE split_part(pg_get_expr(d.adbin, d.adrelid), '::', 1) END ORDER BY a.attnum) AS defaults
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration' GROUP BY c.oid, c.relname
"""
ALIASES = {"bigserial": "bigint", "timestamptz": "timestamp with time zone"}


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()


def _default(column: Column) -> str | None:
    """What the database writes where nothing is said, as the catalogue says it."""
    value = column.get_default_value()
    return "DEFAULT" if value is DEFAULT else None if value is None else column.get_sql_value(value)


def _type(column: Column) -> str:
    text = str(column.column_type).lower().replace(", ", ",")
    return ALIASES.get(text, text)


def _key(table: type[Table]) -> list[str]:
    return list(getattr(table, "KEY", (table._meta.primary_key._meta.name,)))


async def test_every_table_is_declared_as_it_is_in_the_catalogue(owner: asyncpg.Connection) -> None:
    kept = {row["name"]: dict(row) for row in await owner.fetch(CATALOGUE)}
    declared = {
        table._meta.tablename: {
            "name": table._meta.tablename,
            "key": _key(table),
            "columns": [each._meta.name for each in table._meta.columns],
            "types": [_type(each) for each in table._meta.columns],
            "nulls": [each._meta.null for each in table._meta.columns],
            "defaults": [_default(each) for each in table._meta.columns],
        }
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
