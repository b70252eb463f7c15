"""What the room `dealers` brings to the house."""

from urllib.parse import quote

from asyncpg import Record

from channel.access.rules import Right
from channel.brings import Brings, Concern, Kept
from channel.dealers import api, pages
from channel.dealers.queries.codes import differing_in_writing
from channel.dealers.queries.lists import mismatched
from channel.dealers.rules import DEALER_TYPE_NAMES
from channel.dealers.service.ended import ENDING
from channel.dealers.service.facts import apply_due_facts, reconcile_dealers
from channel.dealers.service.loads import LOADERS
from channel.dealers.service.staff_loads import StaffLoader
from channel.dealers.trail_words import TRAIL
from channel.errors import m
from channel.panels import Waiting, WaitingItem
from channel.work.rules import Every, Rhythm
from channel.work.service import Work


def _carries_others(row: Record) -> WaitingItem:
    return WaitingItem(
        row["code"],
        m("%(name)s: product lines meant for the other dealer type", name=row["name"]),
        f"/dealers/{quote(row['code'], safe='')}#lines",
        m(
            "%(type)s dealer %(code)s: %(lines)s",
            type=DEALER_TYPE_NAMES[row["type"]],
            code=row["code"],
            lines=tuple(row["lines"]),
        ),
    )


BRINGS = Brings(
    of_members=("/staff/{code}/dealers",),
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=(*LOADERS, StaffLoader()),
    work=(ENDING, Work("facts whose day has come", lambda _: apply_due_facts(), Every(Rhythm.DAY))),
    kept=(Kept("dealers", m("dealers' present values against their dated facts"), reconcile_dealers),),
    waiting=(
        Waiting(
            "mismatched",
            Right.KEEP_DEALERS,
            mismatched,
            _carries_others,
            lambda count: m(
                "and %(count)s more dealers with product lines meant for the other dealer type", count=count
            ),
        ),
    ),
    concerns=(Concern("codes", m("codes that differ only in how they are written"), differing_in_writing),),
)
