"""HTML face of the room `sales`: what is reported and what is missing, who owes what, and the lines of a dealer."""

from channel.access.rules import Right
from channel.errors import m
from channel.sales.pages import exports, overview
from channel.web import NavItem

ROUTES = (*overview.ROUTES, *exports.ROUTES)
NAV = (NavItem(m("Sales reports"), "/sales", 300, Right.SEE_SALES),)
"""The room's entry in the list beside every page."""
