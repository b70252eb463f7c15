"""What the room `reviews` brings to the house."""

from channel.access.rules import Right
from channel.brings import Brings
from channel.errors import m
from channel.panels import Panel
from channel.reviews import api, pages
from channel.reviews.api.reviews import ReviewRow
from channel.reviews.lists import REVIEWS
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.reviews.service.plans import PAPER
from channel.reviews.service.reviews import opened_since_yesterday
from channel.reviews.trail_words import TRAIL
from channel.versions.service import deciding_of

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    work=(PLANNING, OPENING),
    deciding=(deciding_of(PAPER, "review_plans"),),
    panels=(
        Panel(
            "reviews_opened",
            m("Reviews opened since yesterday"),
            Right.DECIDE_REVIEWS,
            REVIEWS,
            ("dealer", "weight", "finding_kinds", "proposal", "overdue", "used"),
            m("All reviews that are not decided"),
            "/reviews",
            opened_since_yesterday,
            ReviewRow,
        ),
    ),
)
