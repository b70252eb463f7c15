"""Dealers from a staging table: their identity, traits, facts, lines and first contact."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from asyncpg import Record

from channel.database import db
from channel.dealers.queries.facts import hold_parents, lock_dealers, refresh_dealers
from channel.dealers.rules import ALLOWED_STATUS_CHANGES, STATUS_NAMES
from channel.errors import Message

CURRENCIES = "SELECT line_no, currency FROM incoming WHERE faults IS NULL"
"""The currency of each staged dealer."""
INCOMING = "incoming"
MISSING = "missing_dealer"

_OPEN_MISSING = """
CREATE TEMP TABLE IF NOT EXISTS missing_dealer (
    line_no bigint, code text, name text, type text, territory text, currency text, terms_days integer, parent text,
    lines text[], grade text, status text, appointed_on date, first_year_target numeric, contact_name text,
    contact_phone text, contact_email text, selling_way text, assortment text, margin_level text, price_level text,
    price_transparency text, brands_carried integer, exclusivity_wanted boolean, responsible text
) ON COMMIT DROP
"""


async def open_missing_dealers() -> None:
    """The empty table `missing_dealer`, with a column for each field of a dealer; gone with the transaction."""
    await db.execute(_OPEN_MISSING)


_FAULTS = {
    "unknown-territory": """
        SELECT s.line_no, 'territory', $1::text, jsonb_build_object('value', s.territory) FROM {staged} s
        WHERE s.territory IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM territory t WHERE t.code = s.territory
            AND ((SELECT scope_is_open()) OR t.id = ANY ((SELECT scope_territories())::bigint[])))""",
    "unknown-parent": """
        SELECT s.line_no, 'parent', $1::text, jsonb_build_object('value', s.parent) FROM {staged} s
        WHERE s.parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dealer d WHERE d.code = s.parent)
          AND NOT EXISTS (SELECT 1 FROM {staged} o WHERE o.code = s.parent)""",
    "unknown-member": """
        SELECT s.line_no, 'responsible', $1::text, jsonb_build_object('value', s.responsible) FROM {staged} s
        WHERE s.responsible IS NOT NULL AND NOT EXISTS (SELECT FROM staff_member m WHERE m.code = s.responsible)""",
    "own-parent": """
        WITH RECURSIVE told AS (
            SELECT code, parent FROM {staged} WHERE parent IS NOT NULL
            UNION ALL SELECT d.code, p.code FROM dealer d JOIN dealer p ON p.id = d.parent_id
            WHERE NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.code = d.code AND s.parent IS NOT NULL)
        ), up (code, parent, depth) AS (
            SELECT s.code, s.parent, 1 FROM {staged} s WHERE s.parent IS NOT NULL
            UNION ALL SELECT up.code, told.parent, up.depth + 1 FROM up JOIN told ON told.code = up.parent
            WHERE up.depth < 50 AND up.parent <> up.code
        )
        SELECT DISTINCT s.line_no, 'parent', $1::text, '{{}}'::jsonb FROM up JOIN {staged} s ON s.code = up.code
        WHERE up.parent = up.code""",
    "unknown-line": """
        SELECT s.line_no, 'lines', $1::text, jsonb_build_object('value', line) FROM {staged} s, unnest(s.lines) AS line
        WHERE NOT EXISTS (SELECT 1 FROM product_line l WHERE l.code = line)""",
}
_BAD_CURRENCY = """
INSERT INTO fault SELECT line_no, 'currency',
    jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', currency))
FROM {staged} WHERE NOT currency = ANY ($2::text[])
"""


async def check_dealers(sentences: dict[str, str], currencies: list[str], staged: str = INCOMING) -> None:
    """Add a fault for every territory, parent, product line and currency that cannot be meant."""
    if await db.fetchval(f"SELECT EXISTS (SELECT FROM {staged} WHERE parent IS NOT NULL)"):
        await hold_parents()
    for code, found in _FAULTS.items():
        sql = (
            "INSERT INTO fault SELECT x.line_no, x.field, jsonb_build_object('text', x.said, 'params', x.params)"
            f" FROM ({found.format(staged=staged)}) AS x (line_no, field, said, params)"
        )
        await db.execute(sql, sentences[code])
    await db.execute(_BAD_CURRENCY.format(staged=staged), sentences["bad-currency"], currencies)


_TAKEN = """
INSERT INTO fault SELECT line_no, 'code',
    jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', code))
FROM {staged} WHERE code = ANY ($2::text[])
"""
_HIDDEN = """
SELECT array_agg(s.code) FROM {staged} s JOIN dealer d ON code_key(d.code) = code_key(s.code)
WHERE NOT d.id = ANY ($1::bigint[]) AND NOT EXISTS (SELECT FROM dealer e WHERE e.code = s.code AND e.id = ANY ($1))
"""


async def refuse_hidden(sentence: str, staged: str = INCOMING) -> list[str]:
    """Refuse codes of dealers that the loader may not know of, in the words for one that there is not; which."""
    seen = await db.fetchval(f"SELECT array_agg(id) FROM dealer WHERE code IN (SELECT code FROM {staged})")
    async with db.system_scope():
        hidden: list[str] | None = await db.fetchval(_HIDDEN.format(staged=staged), seen or [])
    if hidden:
        await db.execute(_TAKEN.format(staged=staged), sentence, hidden)
    return hidden or []


# The latest value on or before the day, as known now.
_VALUE_AT = """
SELECT o.value, o.territory_id, o.parent_id, o.responsible_id FROM dealer_fact o JOIN posting op ON op.id = o.posting_id
WHERE o.dealer_id = {dealer} AND o.fact = {fact} AND o.effective_on <= {day}
ORDER BY o.effective_on DESC, coalesce(op.recorded_at, 'infinity') DESC, o.posting_id DESC, o.id DESC LIMIT 1
"""
_STATUSES = """
INSERT INTO fault
SELECT s.line_no, 'status', jsonb_build_object('text', $1::text, 'params',
       jsonb_build_object('before', $5::jsonb -> h.value, 'after', $5::jsonb -> s.status))
FROM {staged} s JOIN dealer d ON d.code = s.code
JOIN LATERAL ({value_at}) h ON true
WHERE s.status IS NOT NULL AND h.value <> s.status
  AND NOT (h.value, s.status) IN (SELECT * FROM unnest($3::text[], $4::text[]))
"""


async def check_statuses(sentence: str, day: date, staged: str = INCOMING) -> None:
    """Add a fault for every status that cannot follow the one that holds on the day."""
    pairs = [(before, after) for before, all_after in ALLOWED_STATUS_CHANGES.items() for after in all_after]
    value_at = _VALUE_AT.format(dealer="d.id", fact="'status'", day="coalesce(s.appointed_on, $2::date)")
    await db.execute(
        _STATUSES.format(staged=staged, value_at=value_at),
        sentence,
        day,
        [before.value for before, _ in pairs],
        [after.value for _, after in pairs],
        {status.value: name.as_json() for status, name in STATUS_NAMES.items()},
    )


_MEMBERS = """
SELECT DISTINCT m.code, m.name, m.first_on, m.last_on FROM {staged} s JOIN staff_member m ON m.code = s.responsible
"""
_REFUSED = """
INSERT INTO fault SELECT s.line_no, 'responsible', r.said FROM {staged} s
JOIN unnest($1::text[], $2::jsonb[]) AS r (code, said) ON r.code = s.responsible
"""


async def members(staged: str = INCOMING) -> list[Record]:
    """The members of staff who are to look after staged dealers."""
    return await db.fetch(_MEMBERS.format(staged=staged))


async def refuse_members(refused: Mapping[str, Message], staged: str = INCOMING) -> None:
    """Add a fault for every line that names one of these members of staff, in these words."""
    said = [message.as_json() for message in refused.values()]
    await db.execute(_REFUSED.format(staged=staged), list(refused), said)


async def lines(staged: str = INCOMING) -> int:
    """How many lines stand there."""
    number: int = await db.fetchval(f"SELECT count(*) FROM {staged}")
    return number


async def counts(staged: str = INCOMING) -> dict[str, int]:
    """How many of the good lines are new dealers, and how many are of dealers that there are."""
    row = await db.fetchrow(
        f"SELECT count(*) FILTER (WHERE d.id IS NULL) AS new, count(d.id) AS known FROM {staged} s"
        " LEFT JOIN dealer d ON d.code = s.code WHERE s.line_no NOT IN (SELECT line_no FROM fault)"
    )
    return dict(row) if row is not None else {}


_NEW = """
INSERT INTO dealer (code, name, selling_way, assortment, margin_level, price_level, price_transparency, brands_carried,
                    exclusivity_wanted, type, territory_id, grade, status, currency, terms_days)
SELECT s.code, coalesce(s.name, s.code), s.selling_way, s.assortment, s.margin_level, s.price_level,
       s.price_transparency, s.brands_carried, s.exclusivity_wanted, s.type, t.id, s.grade,
       coalesce(s.status, 'active'), s.currency, s.terms_days
FROM {staged} s JOIN territory t ON t.code = s.territory
WHERE NOT EXISTS (SELECT 1 FROM dealer d WHERE d.code = s.code)
ORDER BY s.line_no
RETURNING id
"""
_CHANGED = """
UPDATE dealer d SET
    name = coalesce(s.name, d.name), selling_way = coalesce(s.selling_way, d.selling_way),
    assortment = coalesce(s.assortment, d.assortment), margin_level = coalesce(s.margin_level, d.margin_level),
    price_level = coalesce(s.price_level, d.price_level),
    price_transparency = coalesce(s.price_transparency, d.price_transparency),
    brands_carried = coalesce(s.brands_carried, d.brands_carried),
    exclusivity_wanted = coalesce(s.exclusivity_wanted, d.exclusivity_wanted)
FROM {staged} s WHERE s.code = d.code AND NOT d.id = ANY ($1::bigint[])
  AND (d.name, d.selling_way, d.assortment, d.margin_level, d.price_level, d.price_transparency, d.brands_carried,
       d.exclusivity_wanted) IS DISTINCT FROM
      (coalesce(s.name, d.name), coalesce(s.selling_way, d.selling_way), coalesce(s.assortment, d.assortment),
       coalesce(s.margin_level, d.margin_level), coalesce(s.price_level, d.price_level),
       coalesce(s.price_transparency, d.price_transparency), coalesce(s.brands_carried, d.brands_carried),
       coalesce(s.exclusivity_wanted, d.exclusivity_wanted))
RETURNING d.id
"""
# An empty cell says nothing; a first status is active. $1 is the day, $2 the posting, $3 the dealers just made.
_FACTS = """
INSERT INTO dealer_fact (dealer_id, fact, value, territory_id, parent_id, responsible_id, effective_on, posting_id)
SELECT d.id, f.fact, f.value, f.territory_id, f.parent_id, f.responsible_id, f.day, $2::bigint
FROM {staged} s
JOIN dealer d ON d.code = s.code
LEFT JOIN territory t ON t.code = s.territory
LEFT JOIN dealer p ON p.code = s.parent
LEFT JOIN staff_member m ON m.code = s.responsible
CROSS JOIN LATERAL (VALUES
    ('type', s.type, NULL::bigint, NULL::bigint, NULL::bigint, $1::date),
    ('territory', NULL, t.id, NULL, NULL, $1),
    ('parent', NULL, NULL, p.id, NULL, $1),
    ('responsible', NULL, NULL, NULL, m.id, $1),
    ('grade', s.grade, NULL, NULL, NULL, $1),
    ('status', CASE WHEN s.status IS NOT NULL OR d.id = ANY ($3::bigint[]) OR s.appointed_on IS NOT NULL
                    THEN coalesce(s.status, 'active') END, NULL, NULL, NULL, coalesce(s.appointed_on, $1)),
    ('currency', s.currency, NULL, NULL, NULL, $1),
    ('terms_days', s.terms_days::text, NULL, NULL, NULL, $1),
    ('first_year_target', trim_scale(s.first_year_target)::text, NULL, NULL, NULL, $1)
) AS f (fact, value, territory_id, parent_id, responsible_id, day)
LEFT JOIN LATERAL ({value_at}) h ON true
WHERE (f.value IS NOT NULL OR f.territory_id IS NOT NULL OR f.parent_id IS NOT NULL OR f.responsible_id IS NOT NULL)
  AND (f.value, f.territory_id, f.parent_id, f.responsible_id)
      IS DISTINCT FROM (h.value, h.territory_id, h.parent_id, h.responsible_id)
RETURNING dealer_id, fact = 'status' AND value = 'ended' AS ends,
    fact = 'status' AND value = 'on hold' AS holds, effective_on
"""
_LINES_GONE = """
DELETE FROM dealer_line c USING dealer d, {staged} s, product_line l
WHERE c.dealer_id = d.id AND d.code = s.code AND s.lines IS NOT NULL AND l.id = c.line_id AND NOT l.code = ANY (s.lines)
RETURNING c.dealer_id
"""
_LINES = """
INSERT INTO dealer_line (dealer_id, line_id)
SELECT d.id, l.id FROM {staged} s JOIN dealer d ON d.code = s.code JOIN product_line l ON l.code = ANY (s.lines)
ON CONFLICT DO NOTHING RETURNING dealer_id
"""
_CONTACTS_KNOWN = """
UPDATE contact c SET phone = coalesce(s.contact_phone, c.phone), email = coalesce(s.contact_email, c.email)
FROM {staged} s JOIN dealer d ON d.code = s.code
WHERE c.dealer_id = d.id AND c.name = s.contact_name
  AND (c.phone, c.email) IS DISTINCT FROM (coalesce(s.contact_phone, c.phone), coalesce(s.contact_email, c.email))
RETURNING c.dealer_id
"""
_CONTACTS_NEW = """
INSERT INTO contact (dealer_id, name, phone, email)
SELECT d.id, s.contact_name, s.contact_phone, s.contact_email FROM {staged} s JOIN dealer d ON d.code = s.code
WHERE s.contact_name IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.dealer_id = d.id AND c.name = s.contact_name)
RETURNING dealer_id
"""


class Written(NamedTuple):
    """What a file of dealers came to: ids made and changed, facts added, and the known dealers who end, by day.

    `responsible` are the known dealers whom another looks after from today on.
    """

    made: list[int]
    changed: list[int]
    facts: int
    ended: list[tuple[int, date]]
    held: list[date]
    responsible: list[tuple[int, int | None, int | None]]


async def write_dealers(posting_id: int, day: date, today: date, staged: str = INCOMING) -> Written:
    """Add new dealers and what is new of known ones. Faulty lines are gone.

    What a file leaves empty stays as it is; a value that holds on the day already adds nothing.
    """
    known = await db.fetch(f"SELECT d.id FROM dealer d WHERE d.code IN (SELECT code FROM {staged})")
    await lock_dealers([row["id"] for row in known])
    made = [row["id"] for row in await db.fetch(_NEW.format(staged=staged))]
    changed = {row["id"] for row in await db.fetch(_CHANGED.format(staged=staged), made)}
    value_at = _VALUE_AT.format(dealer="d.id", fact="f.fact", day="f.day")
    facts = await db.fetch(_FACTS.format(staged=staged, value_at=value_at), day, posting_id, made)
    changed |= {row["dealer_id"] for row in facts}
    for sql in (_LINES_GONE, _LINES, _CONTACTS_KNOWN, _CONTACTS_NEW):
        changed |= {row["dealer_id"] for row in await db.fetch(sql.format(staged=staged))}
    refreshed = await refresh_dealers(sorted(changed), today)
    new = set(made)
    others = [each for each in refreshed.responsible if each[0] not in new]
    ended = [(row["dealer_id"], row["effective_on"]) for row in facts if row["ends"] and row["dealer_id"] not in new]
    held = [row["effective_on"] for row in facts if row["holds"] and row["dealer_id"] not in new]
    return Written(made, sorted(changed - new), len(facts), ended, held, others)


async def nothing_recorded_since(posting_id: int) -> bool:
    """Whether no fact of any dealer in scope was recorded after this posting."""
    found: bool = await db.fetchval("SELECT NOT EXISTS (SELECT 1 FROM dealer_fact WHERE posting_id > $1)", posting_id)
    return found
