"""Dealers, who they are: identity, traits, lines carried, contacts, second-tier customers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from asyncpg import Record

from channel.codes import plain_code, seen
from channel.database import db
from channel.database.paging import page_of
from channel.dealers import tables
from channel.dealers.lists import CONTACTS, CUSTOMERS
from channel.dealers.rules import Traits
from channel.lists import ALL, Page, Wanted

_CARD = """
SELECT d.id, d.code, d.name, d.selling_way, d.assortment, d.margin_level, d.price_level, d.price_transparency,
       d.brands_carried, d.exclusivity_wanted, d.type, d.territory_id, d.parent_id, d.grade, d.status, d.currency,
       d.terms_days, t.code AS territory_code, t.name AS territory_name,
       (SELECT string_agg(a.name, ' / ' ORDER BY x.depth DESC) FROM territory_tree x
        JOIN territory a ON a.id = x.ancestor_id WHERE x.territory_id = d.territory_id) AS territory_path,
       parent.code AS parent_code, parent.name AS parent_name, d.responsible_id, s.code AS responsible,
       s.name AS responsible_name
FROM dealer d
LEFT JOIN territory t ON t.id = d.territory_id
LEFT JOIN dealer parent ON parent.id = d.parent_id
LEFT JOIN staff_member s ON s.id = d.responsible_id
WHERE d.code = (SELECT dealer_meant($1))
"""


async def dealer_card(code: str) -> Record | None:
    """Who a dealer is today, if the asker may know of it; a parent out of sight has an id but no code."""
    return await db.fetchrow(_CARD, code)


async def dealer_identity(code: str) -> Record | None:
    """Id, code and name of a dealer in the asker's scope."""
    return await db.fetchrow("SELECT id, code, name FROM dealer WHERE code = (SELECT dealer_meant($1))", code)


async def responsible_of(dealer_id: int) -> int | None:
    """The member of staff who is responsible for a dealer today; None where nobody is."""
    found: int | None = await db.fetchval("SELECT responsible_id FROM dealer WHERE id = $1", dealer_id)
    return found


async def code_is_taken(code: str) -> bool:
    """Whether a dealer, in scope or not, has this code already, in whatever case: codes are once for all."""
    return bool(await db.fetchval("SELECT dealer_code_is_taken($1)", code))


Cached = tuple[str, int, int | None, str | None, str, str, int, int | None]


async def record_dealer(
    code: str,
    name: str,
    traits: Traits,
    cached: Cached,
) -> int:
    """A new dealer; `cached` are type, territory, parent, grade, status, currency, terms and responsible."""
    names = ("type", "territory_id", "parent_id", "grade", "status", "currency", "terms_days", "responsible_id")
    told: dict[str, Any] = asdict(traits) | dict(zip(names, cached, strict=True))
    row = tables.Dealer(code=code, name=name, **told)
    await row.save()
    return row.id


async def change_dealer(dealer_id: int, changes: Mapping[str, object]) -> None:
    """Another name or other traits: those that are named."""
    names = [name for name in ("name", *Traits.__slots__) if name in changes]
    told = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
    await db.execute(f"UPDATE dealer SET {told} WHERE id = $1", dealer_id, *(changes[name] for name in names))


_LINEAGE = """
WITH RECURSIVE up (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM dealer WHERE id = $1
    UNION ALL SELECT d.id, d.parent_id, up.depth + 1 FROM dealer d JOIN up ON d.id = up.parent_id WHERE up.depth < 100
) SELECT id FROM up
"""


async def dealers_above(dealer_id: int) -> set[int]:
    """A dealer with all its parents, as they are cached today."""
    return {row["id"] for row in await db.fetch(_LINEAGE, dealer_id)}


async def dealer_lines(dealer_id: int) -> list[Record]:
    """The product lines that a dealer carries, each with the dealer type it wants."""
    return await db.fetch(
        "SELECT l.id, l.code, l.name, l.wanted_type FROM dealer_line c JOIN product_line l ON l.id = c.line_id"
        " WHERE c.dealer_id = $1 ORDER BY l.code",
        dealer_id,
    )


async def replace_lines(dealer_id: int, line_ids: Sequence[int]) -> None:
    """Exactly these lines are carried from now on."""
    await db.execute(
        "DELETE FROM dealer_line WHERE dealer_id = $1 AND NOT line_id = ANY ($2::bigint[])", dealer_id, line_ids
    )
    await db.execute(
        "INSERT INTO dealer_line (dealer_id, line_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING",
        dealer_id,
        line_ids,
    )


async def contacts(dealer_id: int, wanted: Wanted = ALL) -> Page[Record]:
    """The people at a dealer."""
    return await page_of(
        "SELECT id, name, role, phone, email FROM contact WHERE dealer_id = $1", [dealer_id], CONTACTS, wanted
    )


async def record_contact(dealer_id: int, name: str, role: str | None, phone: str | None, email: str | None) -> int:
    """A further contact."""
    row = tables.Contact(dealer_id=dealer_id, name=name, role=role, phone=phone, email=email)
    await row.save()
    return row.id


async def change_contact(dealer_id: int, contact_id: int, changes: Mapping[str, object]) -> None:
    """Other particulars of a contact: those that are named."""
    names = [name for name in ("name", "role", "phone", "email") if name in changes]
    told = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 3))
    await db.execute(
        f"UPDATE contact SET {told} WHERE dealer_id = $1 AND id = $2",
        dealer_id,
        contact_id,
        *(changes[name] for name in names),
    )


async def remove_contact(dealer_id: int, contact_id: int) -> None:
    """Somebody who is no longer there."""
    await db.execute("DELETE FROM contact WHERE dealer_id = $1 AND id = $2", dealer_id, contact_id)


async def second_tier(dealer_id: int, wanted: Wanted = ALL) -> Page[Record]:
    """The customers of a dealer."""
    return await page_of(
        "SELECT id, code, name, kind FROM second_tier WHERE dealer_id = $1", [dealer_id], CUSTOMERS, wanted
    )


_KEEP_SECOND_TIER = """
INSERT INTO second_tier (dealer_id, code, name, kind) VALUES ($1, $2, $3, $4)
ON CONFLICT (dealer_id, code) DO UPDATE SET name = excluded.name, kind = excluded.kind
"""


async def record_second_tier(dealer_id: int, code: str, name: str, kind: str) -> None:
    """A customer of a dealer, new or with another name or kind."""
    await db.execute(_KEEP_SECOND_TIER, dealer_id, code, name, kind)


async def remove_second_tier(dealer_id: int, code: str) -> None:
    """A customer that no sales line names; otherwise a foreign key refuses."""
    await db.execute("DELETE FROM second_tier WHERE dealer_id = $1 AND code = $2", dealer_id, code)


MOST_NAMED = 2_000
"""A text that more dealers have is common: then the dealers are gone through in their order until enough have it."""


async def named(text: str) -> list[int]:
    """Ids of dealers in scope with this text in code or name, in any case: of all, or of `MOST_NAMED` + 1."""
    rows = await db.fetch("SELECT dealers_named(lower($1::text), $2) AS id", f"%{like_escaped(text)}%", MOST_NAMED + 1)
    return [row["id"] for row in rows]


async def _phoned(text: str) -> list[int]:
    rows = await db.fetch("SELECT DISTINCT dealers_phoned($1, $2) AS id", f"{like_escaped(text)}%", MOST_NAMED + 1)
    return [row["id"] for row in rows]


_SHOWN = """
SELECT d.id, d.code, d.name, d.type, d.status, t.name AS territory_name FROM dealer d
LEFT JOIN territory t ON t.id = d.territory_id
WHERE d.id = ANY ($1::bigint[])
ORDER BY d.code = $2 DESC, d.code LIKE $3 DESC, d.name, d.id LIMIT $4
"""
# Of a common text the best few of each rank are enough: a code that begins with it, then any match, by name.
_COMMON = """
SELECT id FROM (
    (SELECT id FROM dealer WHERE code = $1)
    UNION (SELECT id FROM dealer WHERE code LIKE $2 ORDER BY name, id LIMIT $4)
    UNION (SELECT d.id FROM dealer d WHERE d.search LIKE lower($3::text) OR EXISTS (
               SELECT FROM contact c WHERE c.dealer_id = d.id AND c.phone LIKE $2) ORDER BY d.name, d.id LIMIT $4)
) AS best
"""


async def find_dealers(text: str, limit: int = 10) -> list[Record]:
    """Dealers by a part of code or name, or by the beginning of a contact's phone: the search in the frame.

    A dealer with exactly this code comes first, then codes that begin so, then all others by name.
    """
    text, plain = seen(text), plain_code(text)
    begins = f"{like_escaped(plain)}%"
    by_name, by_phone = await named(text), await _phoned(plain)
    if plain != text:
        by_name += await named(plain)
    ids = [*by_name, *by_phone]
    if max(len(by_name), len(by_phone)) > MOST_NAMED:
        rows = await db.fetch(_COMMON, plain, begins, f"%{begins}", limit)
        ids = [row["id"] for row in rows]
    return await db.fetch(_SHOWN, ids, plain, begins, limit)


def likes(text: str | None) -> list[str]:
    """The patterns by which a list is looked through for a text: as it stands, and made plain as a code is."""
    return [f"%{like_escaped(each)}%" for each in dict.fromkeys((seen(text), plain_code(text)))] if text else []


def like_escaped(text: str) -> str:
    """A text in which LIKE finds no wildcard."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
