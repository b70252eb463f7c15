"""HTML face of the room `desk`: each role's desk, the list of dealers, the dealer page, the search."""

from channel.desk.pages import dealer, desk, lists
from channel.errors import m
from channel.web import NavItem

ROUTES = (*desk.ROUTES, *lists.ROUTES, *dealer.ROUTES)
NAV = (NavItem(m("Desk"), "/", 100),)
"""The room's entries in the list beside every page."""
