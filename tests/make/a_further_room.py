"""A room that is not in the house: goods that dealers send back. It brings one of everything, and edits nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from litestar import get
from litestar.di import NamedDependency

from channel.access import service as access
from channel.access.rules import OPERATOR, Person, Right, require
from channel.access.trail_words import Form, TrailWords
from channel.brings import Brings, Concern, Kept
from channel.database import db
from channel.dealers.file_kinds.fields import DEALER
from channel.dealers.service.codes import settle_codes
from channel.dealers.service.responsible import Change, Successor
from channel.errors import m
from channel.imports.loader import Load, Unshared
from channel.imports.rules.kinds import FileField, KindSpec, Type
from channel.imports.rules.reasons import REASONS
from channel.lists import Column, Kind, List
from channel.panels import Panel, Waiting, WaitingItem
from channel.web import NavItem
from channel.work.rules import Every, Rhythm
from channel.work.service import Work

TABLES = """
CREATE TABLE returned (
    dealer_id bigint PRIMARY KEY REFERENCES dealer, pieces integer NOT NULL, posting_id bigint NOT NULL,
    looked_at_by bigint REFERENCES staff_member
);
CREATE TABLE returned_sum (pieces bigint NOT NULL);
INSERT INTO returned_sum VALUES (0);
GRANT ALL ON returned, returned_sum TO channel_app;
"""
CHINESE = {
    "Returns": "退货",
    "Returns loaded": "退货已导入",
    "Returns summed": "退货已汇总",
    "Returned goods of %(code)s": "%(code)s 的退货",
    "pieces sent back": "退回件数",
    "sum of returns against the returns": "退货合计与退货明细核对",
    "%(code)s sent back %(pieces)s pieces": "%(code)s 退回 %(pieces)s 件",
    "All returns": "全部退货",
    "dealers who send back more than they may": "退货超限的经销商",
}

RETURNS = KindSpec(
    "returns",
    m("Returns"),
    (
        DEALER,
        FileField(
            "pieces",
            m("Pieces"),
            m("How many came back."),
            ("pieces", "退货件数"),
            Type.WHOLE,
            required=True,
            low=Decimal(1),
            high=Decimal(1000),
        ),
    ),
    (Right.LOAD_REPORTS,),
    m("Returns loaded"),
    500,
    key=("dealer",),
)


class ReturnsLoader(Unshared):
    """Pieces by dealer."""

    spec = RETURNS
    settle = staticmethod(settle_codes)

    async def check(self, _load: Load) -> Mapping[str, Any]:
        await db.execute(
            "INSERT INTO fault SELECT i.line_no, 'dealer',"
            " jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', i.dealer))"
            " FROM incoming i WHERE NOT EXISTS (SELECT FROM dealer d WHERE d.code = i.dealer)",
            REASONS["unknown-dealer"].text,
        )
        return {}

    async def write(self, _load: Load, posting_id: int) -> Mapping[str, int]:
        written = await db.execute(
            "INSERT INTO returned SELECT d.id, i.pieces::integer, $1, d.responsible_id"
            " FROM incoming i JOIN dealer d ON d.code = i.dealer",
            posting_id,
        )
        return {"added": written}

    async def stands(self, _load_id: int, _posting_id: int) -> bool:
        return True


async def sum_up() -> None:
    async with db.transaction():
        before = await db.fetchval("SELECT pieces FROM returned_sum")
        await db.execute("UPDATE returned_sum SET pieces = (SELECT coalesce(sum(pieces), 0) FROM returned)")
        after = await db.fetchval("SELECT pieces FROM returned_sum")
        if before != after:
            await access.audit(
                OPERATOR, "sum returns", "returns of all", before={"pieces": before}, after={"pieces": after}
            )


async def reconcile_sum(*, mend: bool) -> int:
    different = await db.fetchval("SELECT pieces <> (SELECT coalesce(sum(pieces), 0) FROM returned) FROM returned_sum")
    if different and mend:
        await sum_up()
    return int(different)


_WHOSE = """
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (dealer_id, was, is_now)
WHERE r.dealer_id = u.dealer_id AND r.looked_at_by IS NOT DISTINCT FROM u.was
"""


async def hand_over(changes: Sequence[Change], _posting_id: int) -> int:
    return await db.execute(f"UPDATE returned r SET looked_at_by = u.is_now {_WHOSE}", *zip(*changes, strict=True))


async def would_hand_over(changes: Sequence[Change]) -> int:
    whose = _WHOSE.replace("FROM unnest", "FROM returned r, unnest")
    count: int = await db.fetchval(f"SELECT count(*) {whose}", *zip(*changes, strict=True))
    return count


async def sending_much() -> list[str]:
    rows = await db.fetch("SELECT d.code FROM returned r JOIN dealer d ON d.id = r.dealer_id WHERE r.pieces > 100")
    return [row["code"] for row in rows]


@get("/api/v1/returns")
async def list_returns(person: NamedDependency[Person]) -> list[dict[str, Any]]:
    require(person, Right.SEE_SALES)
    rows = await db.fetch("SELECT d.code, r.pieces FROM returned r JOIN dealer d ON d.id = r.dealer_id ORDER BY d.code")
    return [dict(row) for row in rows]


class Returned(msgspec.Struct):
    """What a dealer sent back."""

    code: str
    pieces: int


LATEST = List(
    "returns",
    m("Returns"),
    (Column("code", m("Dealer"), Kind.CODE, link="/dealers/{code}"), Column("pieces", m("Pieces"), Kind.COUNT)),
    order="code",
    key="code",
)


async def latest(limit: int) -> list[Any]:
    return await db.fetch(
        "SELECT d.code, r.pieces FROM returned r JOIN dealer d ON d.id = r.dealer_id ORDER BY d.code LIMIT $1", limit
    )


async def to_look_at(limit: int) -> list[Any]:
    return await db.fetch(
        "SELECT d.code, r.pieces, count(*) OVER () AS found FROM returned r JOIN dealer d ON d.id = r.dealer_id"
        " WHERE r.pieces > 100 ORDER BY d.code LIMIT $1",
        limit,
    )


def _to_look_at(row: Any) -> WaitingItem:  # noqa: ANN401 - a row of the query
    said = m("%(code)s sent back %(pieces)s pieces", code=row["code"], pieces=row["pieces"])
    return WaitingItem(row["code"], said, "/returns/" + row["code"], m("More than a dealer may."))


BRINGS = Brings(
    routes=(list_returns,),
    nav=(NavItem(m("Returns"), "/returns", 350, Right.SEE_SALES),),
    words=TrailWords(
        acts={"sum returns": m("Returns summed")},
        forms=(Form("returns of ", lambda code: m("Returned goods of %(code)s", code=code), "/returns/"),),
        names={"pieces": m("pieces sent back")},
    ),
    loaders=(ReturnsLoader(),),
    waiting=(
        Waiting("returns_to_see", Right.SEE_SALES, to_look_at, _to_look_at, lambda n: m("%(count)s more", count=n)),
    ),
    panels=(
        Panel(
            "returns",
            m("Returns"),
            Right.SEE_SALES,
            LATEST,
            ("code", "pieces"),
            m("All returns"),
            "/returns",
            latest,
            Returned,
        ),
    ),
    work=(Work("sum of returns", lambda _: sum_up(), Every(Rhythm.DAY)),),
    successors=(
        Successor("returns", lambda n: m("%(count)s returns to look at", count=n), hand_over, would_hand_over),
    ),
    kept=(Kept("returns", m("sum of returns against the returns"), reconcile_sum),),
    concerns=(Concern("much", m("dealers who send back more than they may"), sending_much),),
)
