"""HTML face of the room `access`."""

from litestar.types import ControllerRouterHandler

from channel.access.pages import account, away, duties, machines, people, sign_in, staff, trail
from channel.access.pages.account import keep_language
from channel.access.pages.sign_in import SESSION_COOKIE
from channel.access.rules import Right
from channel.errors import m
from channel.web import NavItem

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *sign_in.ROUTES,
    *account.ROUTES,
    *people.ROUTES,
    *staff.ROUTES,
    *duties.ROUTES,
    *away.ROUTES,
    *machines.ROUTES,
    *trail.ROUTES,
)
NAV = (
    NavItem(m("Staff"), "/staff", 705, Right.SEE_DEALERS, "setup"),
    NavItem(m("People"), "/people", 810, Right.KEEP_PEOPLE, "setup"),
    NavItem(m("Machine tokens"), "/machines", 820, Right.KEEP_PEOPLE, "setup"),
    NavItem(m("Audit trail"), "/audit", 830, Right.READ_AUDIT, "setup"),
)

__all__ = ["NAV", "ROUTES", "SESSION_COOKIE", "keep_language"]
