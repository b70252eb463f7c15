"""HTML face of the room `reviews`."""

from channel.access.rules import Right
from channel.errors import m
from channel.reviews.pages import deciding, plans, reviews
from channel.reviews.service.plans import PAPER
from channel.versions import pages as versions
from channel.web import NavItem

ROUTES = (*reviews.ROUTES, *deciding.ROUTES, *plans.ROUTES, *versions.routes_of(PAPER))
NAV = (
    NavItem(m("Reviews"), "/reviews", 380, Right.SEE_REVIEWS),
    NavItem(m("Review plans"), "/reviews/plans", 381, Right.SEE_REVIEWS),
)
"""The room's entries in the list beside every page."""
