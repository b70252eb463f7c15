"""The company's settings in SQL."""

from channel.database import db


async def setting(name: str) -> object:
    """A setting of the company, or None where it was never set."""
    return await db.fetchval("SELECT value FROM setting WHERE name = $1", name)


async def locked_setting(name: str) -> object:
    """The same, held against everybody else to the end of the transaction, also where it was never set."""
    await db.execute("INSERT INTO setting (name, value) VALUES ($1, 'null') ON CONFLICT DO NOTHING", name)
    return await db.fetchval("SELECT value FROM setting WHERE name = $1 FOR UPDATE", name)


async def record_setting(name: str, value: object) -> None:
    """Set or change a setting."""
    await db.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
    )


async def is_untouched() -> bool:
    """Whether nobody has come to the company yet, and nothing was recorded but what every database is made with."""
    found: bool = await db.fetchval(
        "SELECT NOT EXISTS (SELECT FROM posting WHERE recorded_at > '1900-01-01Z') AND NOT EXISTS (SELECT FROM person)"
    )
    return found
