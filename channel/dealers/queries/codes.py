"""Codes by which several spellings mean one: of staged lines, and of what is stored."""

from collections.abc import Mapping, Sequence

from channel.database import db
from channel.database.locks import Lock

ALIKE = {
    "dealer": "dealers_alike",
    "product": "products_alike",
    "product_line": "product_lines_alike",
    "territory": "territories_alike",
    "staff_member": "staff_members_alike",
    "duty": "duties_alike",
}
"""Master -> the function of the database that finds stored codes like the asked ones."""


async def hold_new_codes() -> None:
    """Let one at a time add codes of dealers, products and product lines: held to the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.NEW_CODES)


async def alike(master: str, codes: Sequence[str]) -> dict[str, list[str]]:
    """Of those of these codes that are not stored as they stand: the stored ones that differ only in the writing."""
    rows = await db.fetch(
        f"SELECT spelled, array_agg(code ORDER BY code) AS codes FROM {ALIKE[master]}($1::text[]) GROUP BY spelled",
        codes,
    )
    return {row["spelled"]: list(row["codes"]) for row in rows}


def codes_of(column: str) -> str:
    """The temporary table with the codes that the file has in a column, as they stand after `respell`."""
    return f"codes_of_{column}"


async def find_codes(column: str, *, listed: bool) -> None:
    """Make `codes_of(column)`: each code of the column once, with the line that has it first.

    `listed`: a cell holds several codes. Of a million lines this is read once, by whoever asks for their codes.
    """
    source = f'incoming, unnest(incoming."{column}") AS one (code)' if listed else "incoming"
    spelled = "one.code" if listed else f'incoming."{column}"'
    await db.execute(f"DROP TABLE IF EXISTS pg_temp.{codes_of(column)}")
    await db.execute(
        f"CREATE TEMP TABLE {codes_of(column)} ON COMMIT DROP AS"
        f" SELECT {spelled} AS code, min(line_no) AS line_no FROM {source} WHERE {spelled} IS NOT NULL GROUP BY 1"
    )


async def spelled_otherwise(master: str, column: str) -> list[str]:
    """The found codes of a column that nobody has as they stand, by the line that has them first.

    Dealers out of sight count: their codes are theirs.
    """
    sql = (
        f"SELECT x.code FROM {codes_of(column)} x"
        f" WHERE NOT EXISTS (SELECT FROM {master} m WHERE m.code = x.code) ORDER BY x.line_no"
    )
    async with db.system_scope():
        return [row["code"] for row in await db.fetch(sql)]


_RESPELT = """
UPDATE incoming i SET "{column}" = m.code FROM unnest($1::text[], $2::text[]) AS m (spelled, code)
WHERE i."{column}" = m.spelled
"""
_RESPELT_LISTS = """
UPDATE incoming i SET "{column}" = (
    SELECT array_agg(DISTINCT coalesce(m.code, one.code)) FROM unnest(i."{column}") AS one (code)
    LEFT JOIN unnest($1::text[], $2::text[]) AS m (spelled, code) ON m.spelled = one.code)
WHERE i."{column}" && $1::text[]
"""


async def respell(column: str, meant: Mapping[str, str], *, listed: bool) -> None:
    """Give the codes of a column the spelling that is stored."""
    sql = (_RESPELT_LISTS if listed else _RESPELT).format(column=column)
    await db.execute(sql, list(meant), list(meant.values()))
    await db.execute(
        f"INSERT INTO {codes_of(column)} (code) SELECT code FROM unnest($1::text[]) AS m (code)"
        f" EXCEPT SELECT code FROM {codes_of(column)}",
        list(meant.values()),
    )


# The code is taken out of the line, so that nothing else is told of it than that it can be several.
_AMBIGUOUS = """
WITH told AS (
    UPDATE incoming i SET "{column}" = NULL, faults = coalesce(i.faults, '[]')
    FROM unnest($3::text[], $4::text[]) AS m (spelled, codes) WHERE {matches} RETURNING i.line_no, m.spelled, m.codes)
INSERT INTO fault
SELECT line_no, $1::text, jsonb_build_object('text', $2::text, 'params',
       jsonb_build_object('value', min(spelled), 'codes', min(codes))) FROM told GROUP BY line_no
"""


async def refuse_ambiguous(column: str, sentence: str, several: Mapping[str, str], *, listed: bool) -> None:
    """Add a fault for each line with a code by which several could be meant, naming them."""
    matches = f'm.spelled = ANY (i."{column}")' if listed else f'i."{column}" = m.spelled'
    sql = _AMBIGUOUS.format(matches=matches, column=column)
    await db.execute(sql, column, sentence, list(several), list(several.values()))


_SECOND_TIER = """
UPDATE incoming i SET second_tier = m.code FROM (
    SELECT x.dealer, x.second_tier, min(t.code) AS code
    FROM (SELECT DISTINCT dealer, second_tier FROM incoming WHERE second_tier IS NOT NULL) x
    JOIN dealer d ON d.code = x.dealer
    JOIN second_tier t ON t.dealer_id = d.id AND code_key(t.code) = code_key(x.second_tier)
    WHERE NOT EXISTS (SELECT FROM second_tier e WHERE e.dealer_id = d.id AND e.code = x.second_tier)
    GROUP BY x.dealer, x.second_tier HAVING count(*) = 1) m
WHERE i.dealer = m.dealer AND i.second_tier = m.second_tier
"""


async def respell_second_tier() -> None:
    """Give second-tier customers of the file the spelling under which their dealer has them, where it has one."""
    await db.execute(_SECOND_TIER)


_DOUBLED = """
SELECT string_agg(code, ' / ' ORDER BY code) AS codes FROM {table}
GROUP BY {owner} code_key(code) HAVING count(*) > 1 ORDER BY min(code)
"""


async def differing_in_writing() -> list[str]:
    """The stored codes that differ only in how they are written, those that look alike together."""
    found = []
    for table, owner in (*((name, "") for name in ALIKE), ("second_tier", "dealer_id,")):
        found += [row["codes"] for row in await db.fetch(_DOUBLED.format(table=table, owner=owner))]
    return found
