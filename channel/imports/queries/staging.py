"""The staging tables of one load: temporary, on the worker's own connection, gone with its transaction.

`incoming` holds the lines with every field of the kind as a column (null where the file gives nothing) and, by field,
the currency that stands `beside` its number; `fault` what is wrong with which line. Loaders add their own
checks as rows of `fault`.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from channel.database import db
from channel.database.locks import Lock
from channel.imports.rules.reasons import REASONS


async def open_staging(columns: Iterable[tuple[str, str]]) -> None:
    """Make the staging tables; `columns` are the fields with their types. The kind's fields are names of ours."""
    await db.execute("SET LOCAL work_mem = '128MB'")
    await db.execute("SET LOCAL maintenance_work_mem = '128MB'")
    told = ", ".join(f'"{name}" {column_type}' for name, column_type in columns)
    await db.execute(
        f"CREATE TEMP TABLE incoming (line_no bigint NOT NULL, {told}, beside jsonb, faults jsonb) ON COMMIT DROP"
    )
    await db.execute(
        "CREATE TEMP TABLE fault (line_no bigint NOT NULL, field text NOT NULL, reason jsonb NOT NULL) ON COMMIT DROP"
    )


async def lock_kind(kind: str) -> None:
    """Wait until no other load of this kind is writing; let go at the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.LOADS, kind)


async def copy_in(columns: Iterable[str], text: AsyncIterator[bytes]) -> None:
    """Take the lines in, as COPY text with these columns."""
    await db.connection().copy_to_table("incoming", source=text, columns=list(columns), format="text")
    await db.execute("ANALYZE incoming")


async def empty() -> None:
    """Take the lines out again, because they are to be read in another way."""
    await db.execute("TRUNCATE incoming")


async def record_reading_faults() -> None:
    """What the reading found wrong, from beside the lines to where all faults are."""
    await db.execute(
        "INSERT INTO fault SELECT i.line_no, f ->> 'field', f - 'field'"
        " FROM incoming i, jsonb_array_elements(i.faults) f WHERE i.faults IS NOT NULL"
    )


_MERGED = """
UPDATE fault f SET reason = jsonb_build_object('text', $6::text, 'params', jsonb_build_object('cells', g.cells))
FROM (SELECT generate_series(first_line, last_line) AS line_no, field, cells
      FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS t (first_line, last_line, field, cells)) g
WHERE f.line_no = g.line_no AND f.field = g.field AND f.reason ->> 'text' = $5
"""


async def tell_merged(places: Sequence[tuple[int, int, str, str]], missing: str, merged: str) -> None:
    """Say of a missing value that its cell is merged; places are (first line, last line, field, cells)."""
    if places:
        await db.execute(_MERGED, *map(list, zip(*places, strict=True)), missing, merged)


_OTHER_CURRENCY = """
INSERT INTO fault
SELECT i.line_no, n.key, jsonb_build_object(
    'text', $1::text, 'params', jsonb_build_object('value', n.value, 'currency', l.currency))
FROM incoming i JOIN ({lines}) AS l USING (line_no) CROSS JOIN LATERAL jsonb_each_text(i.beside) AS n
JOIN unnest($2::text[], $3::text[]) AS b (beside, meant) ON b.beside = n.value
WHERE i.beside IS NOT NULL AND NOT l.currency = ANY (string_to_array(b.meant, ' '))
"""


async def record_other_currencies(beside: Mapping[str, Sequence[str]], lines: str, *values: object) -> None:
    """A fault of every number beside which another currency stands than that of its line.

    `beside`: what stands beside numbers -> the currencies that it may mean. `lines` is a query of ours that gives
    `line_no` and `currency`, with its own `values` from $4 on.
    """
    if beside:
        meant = [" ".join(codes) for codes in beside.values()]
        sentence = REASONS["other-currency"].text
        await db.execute(_OTHER_CURRENCY.format(lines=lines), sentence, list(beside), meant, *values)


_DOUBLED = """
INSERT INTO fault
SELECT line_no, $1, jsonb_build_object('text', $2::text, 'params', jsonb_build_object('line', first_line::text))
FROM (SELECT line_no, first_value(line_no) OVER (PARTITION BY {key} ORDER BY line_no) AS first_line
      FROM incoming WHERE faults IS NULL) x
WHERE line_no <> first_line
"""


async def record_doubled_keys(key: tuple[str, ...], sentence: str) -> None:
    """Every line whose key stands in the file already, with the line of the first one."""
    told = ", ".join(f'"{name}"' for name in key)
    await db.execute(_DOUBLED.format(key=told), key[0], sentence)


async def counts() -> tuple[int, int]:
    """(lines, rejected lines)."""
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM incoming) AS lines, (SELECT count(DISTINCT line_no) FROM fault) AS rejected"
    )
    return (0, 0) if row is None else (row["lines"], row["rejected"])


async def dealers_named(fields: Iterable[str]) -> list[int]:
    """The ids of the dealers in scope whose codes stand in these fields."""
    codes = " UNION ".join(f'SELECT "{name}" FROM incoming' for name in fields)
    if not codes:
        return []
    return [row["id"] for row in await db.fetch(f"SELECT id FROM dealer WHERE code IN ({codes})")]


async def order_faults() -> None:
    """Make ready for `reasons_of`, once all faults are there."""
    await db.execute("CREATE INDEX ON fault (line_no)")
    await db.execute("ANALYZE fault")


async def reasons_of(lines: Sequence[int]) -> dict[int, object]:
    """What is wrong with the rejected ones of some lines."""
    rows = await db.fetch(
        "SELECT line_no, jsonb_agg(jsonb_build_object('field', field) || reason) AS reasons"
        " FROM fault WHERE line_no = ANY ($1::bigint[]) GROUP BY line_no",
        lines,
    )
    return {row["line_no"]: row["reasons"] for row in rows}


async def drop_faulty_lines() -> None:
    """Leave only the good lines, for a load that goes on without the others."""
    await db.execute("DELETE FROM incoming WHERE line_no IN (SELECT line_no FROM fault)")
