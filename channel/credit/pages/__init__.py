"""HTML face of the room `credit`: the queue, runs, policies, and a dealer's credit."""

from channel.access.rules import Right
from channel.credit.pages import dealer, queue
from channel.credit.rules import POLICY
from channel.errors import m
from channel.versions import pages as versions
from channel.web import NavItem

ROUTES = (*queue.ROUTES, *dealer.ROUTES, *versions.routes_of(POLICY))
NAV = (
    NavItem(m("Credit limits"), "/credit", 400, Right.SEE_CREDIT),
    NavItem(m("Credit policies"), "/credit/policies", 740, Right.SEE_CREDIT, "setup"),
)
"""The room's entries in the list beside every page."""
