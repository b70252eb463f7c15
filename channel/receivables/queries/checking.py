"""The lines of a file of documents, checked in sets: whom they name, which lines make one document, what is wrong.

Works on the temporary table `incoming` of a load. `checked` has each readable line with what it resolves to,
`staged_document` each document once with its number in the ledger, `staged_item` the instalments of what is owed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from asyncpg import Record

from channel.codes import LONGEST
from channel.database import db
from channel.dealers.queries.codes import codes_of
from channel.periods import FIRST_DAY, LAST_DAY
from channel.receivables.rules.documents import LARGEST_AMOUNT, DocumentKind
from channel.receivables.rules.payers import account_key

CURRENCIES = "SELECT line_no, currency FROM checked"
"""The currency of each line: its own, else the dealer's of that day."""

_OPTIONAL: Mapping[str, str] = {
    "due_on": "date",
    "discount_rate": "numeric(9, 8)",
    "discount_until": "date",
    "matures_on": "date",
    "value_on": "date",
    "payer_account": "text",
    "stays_on_account": "boolean",
}
"""The fields that only some kinds have, with their types."""


async def resolve_dealers() -> None:
    """Make `known_dealer`: the dealers of the file that the loader may know of."""
    await db.execute(
        "CREATE TEMP TABLE known_dealer ON COMMIT DROP AS"
        f" SELECT d.id, d.code FROM dealer d WHERE d.code IN (SELECT code FROM {codes_of('dealer')})"
    )
    await db.execute("ANALYZE known_dealer")


async def dealer_ids() -> list[int]:
    """The dealers of the file that there are already, ascending."""
    return [row["id"] for row in await db.fetch("SELECT id FROM known_dealer WHERE id > 0 ORDER BY id")]


_CHECKED = """
CREATE TEMP TABLE checked ON COMMIT DROP AS
SELECT i.line_no, k.id AS dealer_id, i.number,
       CASE WHEN i.number ~ '[^\\x20-\\x7e]' THEN code_key(i.number) ELSE lower(i.number) END AS number_key,
       coalesce(i.currency, s.currency) AS currency, i.amount::numeric(18, 4) AS amount,
       i.tax::numeric(18, 4) AS tax, i.date AS effective_on, i.reference AS refs, i.remark, {optional}
FROM incoming i LEFT JOIN known_dealer k ON k.code = i.dealer
LEFT JOIN dealer_span s ON s.dealer_id = k.id AND i.date >= s.from_on AND i.date < s.to_on
WHERE i.faults IS NULL
"""
# Where every hash is another, every number stands once: then nobody needs to look for those that are alike.
_ANY_DOUBLED = """
SELECT count(hash) > count(DISTINCT hash)
FROM (SELECT hashtextextended(number_key, dealer_id) AS hash FROM checked WHERE dealer_id IS NOT NULL) AS x
"""
_DOUBLED = """
CREATE TEMP TABLE doubled ON COMMIT DROP AS
SELECT dealer_id, number_key, min(line_no) AS first_line FROM checked
WHERE dealer_id IS NOT NULL AND {any} GROUP BY dealer_id, number_key HAVING count(*) > 1
"""


async def resolve_lines(fields: Iterable[str]) -> None:
    """Make `checked` of the lines that could be read, and `doubled`: the numbers that stand on several of them."""
    present = frozenset(fields)
    optional = ", ".join(
        f'i."{name}"::{told} AS {name}' if name in present else f"NULL::{told} AS {name}"
        for name, told in _OPTIONAL.items()
    )
    await db.execute("ANALYZE dealer_span")
    await db.execute(_CHECKED.format(optional=optional))
    any_doubled = await db.fetchval(_ANY_DOUBLED)
    await db.execute(_DOUBLED.format(any="true" if any_doubled else "false"))
    await db.execute("ANALYZE doubled")


_UNKNOWN = """
INSERT INTO fault
SELECT c.line_no, 'dealer', jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', i.dealer))
FROM checked c JOIN incoming i USING (line_no) WHERE c.dealer_id IS NULL AND i.dealer IS NOT NULL
"""
_HALF_A_DISCOUNT = """
INSERT INTO fault
SELECT line_no, CASE WHEN discount_rate IS NULL THEN 'discount_rate' ELSE 'discount_until' END,
       jsonb_build_object('text', $1::text, 'params', '{}'::jsonb)
FROM checked WHERE (discount_rate IS NULL) <> (discount_until IS NULL)
"""


async def find_unknown(unknown_dealer: str, half_a_discount: str) -> None:
    """Add a fault for each line of a dealer who is not known, and for half of a discount."""
    await db.execute(_UNKNOWN, unknown_dealer)
    await db.execute(_HALF_A_DISCOUNT, half_a_discount)


_TWICE = """
INSERT INTO fault
SELECT c.line_no, 'number', jsonb_build_object(
    'text', $1::text, 'params', jsonb_build_object('line', d.first_line::text))
FROM doubled d JOIN checked c USING (dealer_id, number_key) WHERE c.line_no <> d.first_line
"""
_NO_INSTALMENT = """
INSERT INTO fault
SELECT line_no, 'due_on', jsonb_build_object('text', $1::text, 'params', jsonb_build_object('line', other::text))
FROM (SELECT c.line_no, c.due_on,
             CASE WHEN c.line_no = d.first_line THEN max(c.line_no) OVER (PARTITION BY dealer_id, number_key)
                  ELSE d.first_line END AS other,
             row_number() OVER (PARTITION BY dealer_id, number_key, c.due_on ORDER BY c.line_no) AS place
      FROM doubled d JOIN checked c USING (dealer_id, number_key)) AS x
WHERE due_on IS NULL OR place > 1
"""
_SAYS_OTHERWISE = """
INSERT INTO fault
SELECT c.line_no, f.field,
       jsonb_build_object('text', $1::text, 'params', jsonb_build_object('line', d.first_line::text))
FROM doubled d JOIN checked c USING (dealer_id, number_key) JOIN checked o ON o.line_no = d.first_line
CROSS JOIN LATERAL (VALUES
    ('date', c.effective_on <> o.effective_on), ('currency', c.currency IS DISTINCT FROM o.currency),
    ('discount_rate', c.discount_rate IS DISTINCT FROM o.discount_rate),
    ('discount_until', c.discount_until IS DISTINCT FROM o.discount_until)
) AS f (field, differs) WHERE f.differs
"""


async def find_numbers_twice(sentence: str) -> None:
    """Add a fault for every further line of a number that stands once."""
    await db.execute(_TWICE, sentence)


async def find_no_instalments(no_day: str, otherwise: str) -> None:
    """Add a fault for every further line of a number that is no instalment of its document, or says otherwise."""
    await db.execute(_NO_INSTALMENT, no_day)
    await db.execute(_SAYS_OTHERWISE, otherwise)


_ONE_LINE = """
SELECT c.line_no, c.dealer_id, c.number, c.number_key, c.currency, c.amount, c.tax, c.effective_on, c.refs, c.remark,
       c.discount_rate, c.discount_until, c.matures_on, c.value_on, c.payer_account, c.stays_on_account, c.due_on,
       1 AS lines
FROM checked c
WHERE c.dealer_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM doubled d WHERE d.dealer_id = c.dealer_id AND d.number_key = c.number_key)
"""
_SEVERAL_LINES = """
SELECT o.line_no, o.dealer_id, o.number, o.number_key, o.currency, sum(c.amount), sum(c.tax), o.effective_on,
       (SELECT array_agg(DISTINCT named) FROM checked r, unnest(r.refs) AS named
        WHERE r.dealer_id = o.dealer_id AND r.number_key = o.number_key),
       string_agg(DISTINCT c.remark, '; '), o.discount_rate, o.discount_until, o.matures_on, o.value_on,
       o.payer_account, o.stays_on_account, NULL::date, count(*)::integer
FROM doubled d JOIN checked o ON o.line_no = d.first_line
JOIN checked c ON c.dealer_id = d.dealer_id AND c.number_key = d.number_key
GROUP BY o.line_no, o.dealer_id, o.number, o.number_key, o.currency, o.effective_on, o.discount_rate,
         o.discount_until, o.matures_on, o.value_on, o.payer_account, o.stays_on_account
"""
# The documents lie in the order of the keys under which they will be kept, so that the indexes grow page by page.
_STAGED = f"""
CREATE TEMP TABLE staged_document ON COMMIT DROP AS
SELECT {{numbered}} AS id, s.* FROM (
    SELECT * FROM ({_ONE_LINE} {{several}}) AS every ORDER BY dealer_id, effective_on, length(number_key), number_key
) AS s
"""
_ITEMS = """
INSERT INTO staged_item SELECT id, 1, due_on, amount FROM staged_document WHERE lines = 1 AND due_on IS NOT NULL
UNION ALL
SELECT s.id, row_number() OVER (PARTITION BY s.id ORDER BY c.due_on), c.due_on, c.amount
FROM staged_document s JOIN checked c USING (dealer_id, number_key) WHERE s.lines > 1 AND c.due_on IS NOT NULL
"""


# Of what joins and groups alone: columns cost as much each, and are many.
_ANALYZE_DOCUMENTS = "ANALYZE staged_document (id, dealer_id, number_key, currency, line_no, effective_on)"


async def stage_documents(kind: DocumentKind, *, numbered: bool) -> None:
    """Make `staged_document`, with numbers in the ledger or below 0 where nothing goes in, and `staged_item`."""
    numbers = "nextval('receivable_document_id_seq')" if numbered else "-row_number() OVER ()"
    several = f"UNION ALL {_SEVERAL_LINES}" if kind.is_owed else ""
    await db.execute(_STAGED.format(numbered=numbers, several=several))
    await db.execute(_ANALYZE_DOCUMENTS)
    await db.execute(
        "CREATE TEMP TABLE staged_item (document_id bigint, instalment integer, due_on date, amount numeric(18, 4))"
        " ON COMMIT DROP"
    )
    if kind.is_owed:
        await db.execute(_ITEMS)


async def without_due_day(after_id: int, limit: int) -> list[Record]:
    """The next staged documents that name no due day of their own, after one."""
    return await db.fetch(
        "SELECT id, dealer_id, number, currency, amount, effective_on FROM staged_document"
        " WHERE lines = 1 AND due_on IS NULL AND id > $1 ORDER BY id LIMIT $2",
        after_id,
        limit,
    )


async def new_dealers_terms() -> dict[int, int]:
    """The payment terms in days of the dealers that are to be created, by their ids below 0."""
    rows = await db.fetch("SELECT k.id, m.terms_days FROM missing_dealer m JOIN known_dealer k USING (code)")
    return {row["id"]: row["terms_days"] for row in rows}


async def add_items(rows: Iterable[tuple[object, ...]]) -> None:
    """Instalments of staged documents: (document, place, due day, amount)."""
    await db.connection().copy_records_to_table("staged_item", records=rows)


_SUSPECT = """
SELECT s.*, i.instalments FROM staged_document s
LEFT JOIN unnest($1::text[], $2::integer[]) AS d (currency, digits) ON d.currency = s.currency
LEFT JOIN (
    SELECT document_id, array_agg((due_on, amount) ORDER BY instalment) AS instalments, min(due_on) AS first,
           max(due_on) AS last, sum(amount) AS amount, max(scale(trim_scale(amount))) AS digits
    FROM staged_item GROUP BY document_id) AS i ON i.document_id = s.id
WHERE s.id > $3 AND (
    d.digits IS NULL OR s.number ~ '[^\\x20-\\x7e]' OR length(s.number) > $10 OR s.amount <= 0 OR s.amount >= $4
    OR s.amount <> round(s.amount, d.digits) OR s.tax > s.amount OR s.tax <> round(s.tax, d.digits)
    OR s.effective_on > $5 OR s.effective_on < $6 OR s.effective_on > $7
    OR s.value_on > s.effective_on OR s.matures_on < s.effective_on OR s.matures_on > $7
    OR ($8 AND (i.amount IS DISTINCT FROM s.amount OR i.digits > d.digits OR i.first < s.effective_on OR i.last > $7))
    OR s.discount_rate >= 1 OR s.discount_until < s.effective_on OR s.discount_until > i.last)
ORDER BY s.id LIMIT $9
"""


async def suspects(
    kind: DocumentKind, digits: Mapping[str, int], today: date, after_id: int, limit: int
) -> list[Record]:
    """The next staged documents after one of which the rules may refuse something; all that they do are among them."""
    return await db.fetch(
        _SUSPECT,
        list(digits),
        list(digits.values()),
        after_id,
        LARGEST_AMOUNT,
        today,
        FIRST_DAY,
        LAST_DAY,
        kind.is_owed,
        limit,
        LONGEST,
    )


async def add_faults(faults: Sequence[tuple[int, str, object]]) -> None:
    """Faults as (line, field, message)."""
    if faults:
        await db.execute(
            "INSERT INTO fault SELECT * FROM unnest($1::bigint[], $2::text[], $3::jsonb[])",
            *map(list, zip(*faults, strict=True)),
        )


_CLOSED = """
INSERT INTO fault
SELECT s.line_no, 'date', jsonb_build_object('text', $2::text, 'params', jsonb_build_object(
    'months', (SELECT string_agg(to_char(m, 'YYYY-MM'), ', ' ORDER BY m) FROM unnest($1::date[]) AS m
               WHERE m >= date_trunc('month', s.effective_on))))
FROM staged_document s
WHERE s.effective_on < (SELECT max(m) + interval '1 month' FROM unnest($1::date[]) AS m)
"""


async def find_closed(months: Sequence[date], sentence: str) -> None:
    """Add a fault for every document that would change figures of closed months, given by their first days."""
    if months:
        await db.execute(_CLOSED, months, sentence)


async def first_staged_day() -> date | None:
    """The first day of what is staged; None where nothing is."""
    found: date | None = await db.fetchval("SELECT min(effective_on) FROM staged_document")
    return found


_TAKEN = """
INSERT INTO fault
SELECT s.line_no, 'number', jsonb_build_object('text', $2::text, 'params', jsonb_build_object('number', s.number))
FROM staged_document s JOIN receivable_document d
    ON d.dealer_id = s.dealer_id AND d.kind = $1 AND d.number_key = s.number_key AND d.live
"""
# Of a document no line goes in without the others: neither those that were read, nor with one that could not be.
_SPREAD = """
WITH wrong AS (
    SELECT i.dealer, code_key(i.number) AS number_key, min(i.line_no) AS line_no FROM incoming i
    WHERE i.line_no IN (SELECT line_no FROM fault) AND i.dealer IS NOT NULL AND i.number IS NOT NULL GROUP BY 1, 2)
INSERT INTO fault
SELECT i.line_no, 'number', jsonb_build_object('text', $1::text, 'params', jsonb_build_object('line', w.line_no::text))
FROM wrong w JOIN incoming i ON i.dealer = w.dealer AND code_key(i.number) = w.number_key
WHERE i.line_no NOT IN (SELECT line_no FROM fault)
"""


async def find_taken(kind: DocumentKind, sentence: str) -> None:
    """Add a fault for every document whose number a live one of its kind and dealer has."""
    await db.execute(_TAKEN, kind.value, sentence)


async def spread_faults(sentence: str) -> None:
    """Where a line of a document is wrong, add a fault to its others."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM fault)"):
        await db.execute(_SPREAD, sentence)


async def leave_out_faulty() -> None:
    """Take the documents with a fault out of what is staged."""
    if await db.fetchval("SELECT EXISTS (SELECT FROM fault)"):
        await db.execute("DELETE FROM staged_document WHERE line_no IN (SELECT line_no FROM fault)")
        await db.execute("DELETE FROM staged_item WHERE document_id NOT IN (SELECT id FROM staged_document)")
        await db.execute(_ANALYZE_DOCUMENTS)
    await db.execute("ANALYZE staged_item (document_id, instalment)")


_PLAIN_ACCOUNTS = """
UPDATE staged_document AS s SET payer_account = nullif(n.plain, '')
FROM unnest($1::text[], $2::text[]) AS n (told, plain) WHERE s.payer_account = n.told
"""


async def plain_accounts() -> None:
    """Write each payer's account as accounts are compared (`rules.payers.account_key`)."""
    rows = await db.fetch("SELECT DISTINCT payer_account FROM staged_document WHERE payer_account IS NOT NULL")
    changed = {told: plain for (told,) in rows if (plain := account_key(told)) != told}
    if changed:
        await db.execute(_PLAIN_ACCOUNTS, list(changed), list(changed.values()))
