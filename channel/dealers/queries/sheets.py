"""Everything this room shows of one dealer, in five queries."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from asyncpg import Record

from channel import db
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import facts_at, facts_history
from channel.dealers.rules import DealerFacts, DealerType, Traits, traits_unlike_type, type_mismatch
from channel.errors import Message

_BESIDE = """
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', l.code, 'name', l.name, 'wanted_type', l.wanted_type)
                               ORDER BY l.code), '[]')
     FROM dealer_line c JOIN product_line l ON l.id = c.line_id WHERE c.dealer_id = $1) AS lines,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'role', role, 'phone', phone, 'email', email)
                               ORDER BY name, id), '[]') FROM contact WHERE dealer_id = $1) AS contacts,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'kind', kind) ORDER BY code), '[]')
     FROM second_tier WHERE dealer_id = $1) AS second_tier,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'status', status) ORDER BY code), '[]')
     FROM dealer WHERE parent_id = $1) AS children,
    (SELECT mode() WITHIN GROUP (ORDER BY o.terms_days) FROM dealer o
     WHERE o.status = 'active' AND o.type = $2 AND o.grade IS NOT DISTINCT FROM $3 AND o.id <> $1) AS usual_terms
"""


@dataclass(frozen=True, slots=True)
class Sheets:
    """A dealer's own sheets: who it is, what marks it, its facts, lines, grants, people, customers.

    `mismatches` are product lines that want the other type of dealer; `unlike` the names of traits that differ from
    what the type leads one to expect. `usual_terms` are the days that most other active dealers of its type and grade
    in the asker's scope have (alike ones should have like terms), None where there is no other. `incomplete` names
    what of the record is not known yet.
    """

    card: Record
    held: DealerFacts | None
    history: list[Record]
    grants: list[Record]
    lines: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    second_tier: list[dict[str, Any]]
    children: list[dict[str, Any]]
    mismatches: tuple[Message, ...]
    unlike: tuple[str, ...]
    usual_terms: int | None
    incomplete: tuple[str, ...]


def traits_of(card: Record) -> Traits:
    """The traits in a dealer's row."""
    return Traits(**{name: card[name] for name in Traits.__slots__})


async def dealer_sheets(code: str, today: date) -> Sheets | None:
    """All sheets of a dealer in the asker's scope, None where there is no such dealer.

    `held` are the facts of today; None for a dealer whose first day lies ahead.
    """
    card = await dealer_card(code)
    if card is None:
        return None
    beside = await db.fetchrow(_BESIDE, card["id"], card["type"], card["grade"])
    if beside is None:  # a SELECT without FROM always gives a row
        raise RuntimeError("no row")
    type_ = DealerType(card["type"])
    told = (
        type_mismatch(type_, line["name"], DealerType(line["wanted_type"]) if line["wanted_type"] else None)
        for line in beside["lines"]
    )
    return Sheets(
        card,
        (await facts_at([card["id"]], today)).get(card["id"]),
        await facts_history(card["id"]),
        await grants(card["id"]),
        beside["lines"],
        beside["contacts"],
        beside["second_tier"],
        beside["children"],
        tuple(message for message in told if message is not None),
        traits_unlike_type(type_, traits_of(card)),
        beside["usual_terms"],
        _incomplete(card, beside),
    )


def _incomplete(card: Record, beside: Record) -> tuple[str, ...]:
    own = [name for name in ("grade", *Traits.__slots__) if card[name] is None]
    return (*own, *(name for name in ("lines", "contacts") if not beside[name]))
