"""The trail's words of the room `reviews`."""

from channel.access.rules import Right
from channel.access.trail_words import Form, TrailWords
from channel.errors import m
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.versions.trail_words import trail_of

_VERSIONS = trail_of(REVIEW_PLANS)

TRAIL = TrailWords(
    acts={
        **_VERSIONS.acts,
        "add review plan": m("Review plan added"),
        "pause review plan": m("Review plan paused"),
        "resume review plan": m("Review plan goes on"),
        "ask for reviews": m("Reviews asked for"),
        "open reviews": m("Reviews opened"),
        "decide review": m("Review decided"),
        "hand on review": m("Review handed on"),
        "remind of review": m("Reminded of a review"),
        "escalate review": m("Review shown to the manager"),
        "approve hold": m("Hold approved"),
        "refuse hold": m("Hold refused"),
        "withdraw hold": m("Asking for a hold withdrawn"),
    },
    forms=(
        *_VERSIONS.forms,
        Form(
            "review run ",
            lambda number: m("Opening %(number)s of reviews", number=number),
            "/reviews?state=any&run=",
            Right.SEE_REVIEWS,
        ),
    ),
    names={"plan": m("plan"), "reviews": m("reviews")},
)
