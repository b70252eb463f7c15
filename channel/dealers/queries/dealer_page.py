"""Everything this room shows of one dealer, in four queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from channel import clock
from channel.database import db
from channel.dealers.queries.dealers import dealer_card, dealer_lines
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import facts_history
from channel.dealers.rules import (
    DatedFact,
    DealerFacts,
    DealerType,
    Fact,
    Traits,
    facts_as_of,
    traits_unlike_type,
    type_mismatch,
)
from channel.dealers.rules.terms import read_terms, terms_words
from channel.errors import FieldError, Message

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
    (SELECT o.terms_days FROM dealer o JOIN dealer me ON me.id = $1
     WHERE o.status = 'active' AND o.type = me.type AND o.grade_rank = me.grade_rank AND o.id <> $1
     GROUP BY o.terms_days ORDER BY count(*) DESC, o.terms_days LIMIT 1
    ) AS usual_terms
"""


async def carried_lines(code: str) -> list[dict[str, Any]]:
    """The product lines that a dealer carries; `mismatch` is what to say where one wants the other type."""
    card = await dealer_card(code)
    rows = [] if card is None else [dict(row) for row in await dealer_lines(card["id"])]
    return [{**row, "mismatch": _mismatch(DealerType(card["type"]), row)} for row in rows if card is not None]


def _mismatch(type_: DealerType, line: Mapping[str, Any]) -> Message | None:
    return type_mismatch(type_, line["name"], DealerType(line["wanted_type"]) if line["wanted_type"] else None)


@dataclass(frozen=True, slots=True)
class Sheets:
    """A dealer's own sheets: who it is, what marks it, its facts, lines, grants, people, customers.

    `mismatches` are product lines that want the other type of dealer; `unlike` the names of traits that differ from
    what the type leads one to expect. `usual_terms` are the days that most other active dealers of its type and grade
    in the asker's scope have (alike ones should have like terms), None where there is no other. `incomplete` names
    what of the record is not known yet. `held` are the facts of today, None where the first day lies ahead.
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

    @property
    def terms(self) -> Message | None:
        """The payment terms of today where they are by month or in parts; None where they are in days alone."""
        said = next((row for row in self.history if row["counts"] and row["fact"] in _TERMS and _has_begun(row)), None)
        terms = read_terms(said["value"]) if said is not None and said["fact"] == Fact.TERMS else None
        return None if terms is None or isinstance(terms, FieldError) else terms_words(terms)


_TERMS = frozenset({Fact.TERMS, Fact.TERMS_DAYS})


def _has_begun(row: Record) -> bool:
    return bool(row["effective_on"] <= clock.today())


def traits_of(card: Record) -> Traits:
    """The traits in a dealer's row."""
    return Traits(**{name: card[name] for name in Traits.__slots__})


async def beside(dealer_id: int) -> Record:
    """Lines carried, contacts, second-tier customers, the dealers below (each a list of mappings), and usual terms."""
    row = await db.fetchrow(_BESIDE, dealer_id)
    if row is None:  # a SELECT without FROM always gives a row
        raise RuntimeError("no row")
    return row


async def dealer_sheets(code: str) -> Sheets | None:
    """All sheets of a dealer in the asker's scope, None where there is no such dealer."""
    card = await dealer_card(code)
    if card is None:
        return None
    return sheets_of(card, await beside(card["id"]), await facts_history(card["id"]), (await grants(card["id"])).items)


def sheets_of(card: Record, found: Record, history: list[Record], granted: list[Record]) -> Sheets:
    """The sheets put together from what was read, with what is unusual and what is missing."""
    type_ = DealerType(card["type"])
    told = (_mismatch(type_, line) for line in found["lines"])
    return Sheets(
        card,
        _held(card["id"], history),
        history,
        granted,
        found["lines"],
        found["contacts"],
        found["second_tier"],
        found["children"],
        tuple(message for message in told if message is not None),
        traits_unlike_type(type_, traits_of(card)),
        found["usual_terms"],
        _incomplete(card, found),
    )


def _held(dealer_id: int, history: list[Record]) -> DealerFacts | None:
    ids = {Fact.TERRITORY: "territory_id", Fact.PARENT: "parent_id", Fact.RESPONSIBLE: "responsible_id"}
    dated = []
    for row in history:
        fact = Fact(row["fact"])
        value = row[ids.get(fact, "value")]
        text = None if value is None else str(value)
        dated.append(DatedFact(fact, text, row["effective_on"], row["recorded_at"], row["id"]))
    return facts_as_of(dealer_id, dated, clock.today())


def _incomplete(card: Record, found: Record) -> tuple[str, ...]:
    own = [name for name in ("grade", *Traits.__slots__) if card[name] is None]
    return (*own, *(name for name in ("lines", "contacts") if not found[name]))
