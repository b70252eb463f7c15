"""All that stands in a database, in short: to see what an act has changed, or that nothing was."""

from collections.abc import Collection
from typing import TypeAlias

import asyncpg

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


async def everything(owner: Owner, but: Collection[str] = ()) -> dict[str, str]:
    """What stands in each of the other tables; when a token was used last is no part of an act."""
    return {
        name: await owner.fetchval(
            "SELECT md5(string_agg(each, '|' ORDER BY each))"
            f" FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS each FROM {name} t) AS told"
        )
        for (name,) in await owner.fetch(_TABLES)
        if name not in but
    }
