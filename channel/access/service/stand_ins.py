"""Who stands in for whom today, told beside the members of staff."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.queries import away as queries
from channel.access.queries import staff as staff_queries
from channel.access.rules.away import compute_stand_in
from channel.errors import m
from channel.own_words import own


async def with_stand_ins(rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The members with until when they are away today, who stands in then, and for whom they stand in themselves."""
    today = clock.today()
    away = await queries.away_on(today)
    members = await staff_queries.whole_register(today) if away else {}
    until = {each.member: each.to_on for each in away}
    doing = {code: compute_stand_in(code, today, members, away) for code in until}
    return [
        {
            **row,
            "duty_names": [own(name) for name in row["duty_names"] or ()],
            "away_until": until.get(row["code"]),
            "stands_in": (found := doing.get(row["code"])),
            "stands_in_told": None
            if row["code"] not in until
            else m("nobody")
            if found is None
            else members[found].name,
            "stands_in_for": [members[code] for code, stand_in in sorted(doing.items()) if stand_in == row["code"]],
        }
        for row in rows
    ]
