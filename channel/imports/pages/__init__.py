"""HTML face of the room `imports`: the loads, and the wizard from a file to what came of it."""

from channel.errors import m
from channel.imports.pages import loads, wizard
from channel.web import NavItem

ROUTES = (*loads.ROUTES, *wizard.ROUTES)
NAV = (NavItem(m("Imports"), "/imports", 320, None),)
"""The room's entry in the list beside every page."""
