"""What the room `reviews` brings to the house."""

from urllib.parse import quote

from asyncpg import Record

from channel.access.rules import Right
from channel.brings import Brings
from channel.consent.rules import who_asks
from channel.errors import m
from channel.panels import Deciding, Panel, WaitingItem
from channel.reviews import api, pages
from channel.reviews.api.reviews import ReviewRow
from channel.reviews.lists import REVIEWS
from channel.reviews.queries.deciding import holds_asked
from channel.reviews.service.follow_up import KINDS
from channel.reviews.service.going_along import REVIEWS_GO_ALONG
from channel.reviews.service.holding import HOLDS
from channel.reviews.service.messages import REVIEWS_TOLD
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.reviews.service.plans import PAPER
from channel.reviews.service.queue import of_people, to_decide
from channel.reviews.service.reminding import REMINDING
from channel.reviews.service.reviews import opened_since_yesterday
from channel.reviews.trail_words import TRAIL
from channel.versions.service import deciding_of


def _hold(row: Record) -> WaitingItem:
    return WaitingItem(
        str(row["id"]),
        m("Hold of %(name)s", name=row["dealer_name"]),
        f"/dealers/{quote(row['dealer'], safe='')}/reviews/{row['number']}#decision",
        who_asks(row),
    )


BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    work=(PLANNING, OPENING, REMINDING),
    deciding=(deciding_of(PAPER, "review_plans"), Deciding("holds_of_reviews", HOLDS, holds_asked, _hold)),
    tasks=tuple(KINDS.values()),
    successors=(REVIEWS_GO_ALONG,),
    messages=(REVIEWS_TOLD,),
    panels=(
        Panel(
            "reviews_to_decide",
            m("Reviews to decide"),
            Right.DECIDE_REVIEWS,
            REVIEWS,
            ("dealer", "weight", "finding_kinds", "proposal", "decide_by"),
            m("All reviews that are mine to decide"),
            "/reviews?whose=mine",
            to_decide,
            ReviewRow,
        ),
        Panel(
            "reviews_of_people",
            m("Reviews of my people, late or escalated"),
            Right.DECIDE_REVIEWS,
            REVIEWS,
            ("dealer", "weight", "proposal", "responsible", "decide_by"),
            m("All late reviews of my people"),
            "/reviews?whose=people&waits=late",
            of_people,
            ReviewRow,
            unless_empty=True,
        ),
        Panel(
            "reviews_opened",
            m("Reviews opened since yesterday"),
            Right.OPEN_REVIEWS,
            REVIEWS,
            ("dealer", "weight", "finding_kinds", "proposal", "overdue", "used"),
            m("All reviews that are not decided"),
            "/reviews",
            opened_since_yesterday,
            ReviewRow,
        ),
    ),
)
