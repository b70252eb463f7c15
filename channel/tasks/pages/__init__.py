"""HTML face of the room `tasks`."""

from channel.access.rules import Right
from channel.errors import m
from channel.tasks.pages import calendar, outbox, tasks
from channel.web import NavItem

ROUTES = (*tasks.ROUTES, *calendar.ROUTES, *outbox.ROUTES)
NAV = (
    NavItem(m("Tasks"), "/tasks", 150, Right.SEE_DEALERS),
    NavItem(m("Messages"), "/messages", 160, Right.SEE_DEALERS),
    NavItem(m("Outbox"), "/outbox", 825, Right.KEEP_SETTINGS, "setup"),
    NavItem(m("Working days"), "/calendar", 706, Right.SEE_DEALERS, "setup"),
)
"""The room's entries in the list beside every page."""
