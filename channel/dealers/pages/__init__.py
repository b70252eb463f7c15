"""HTML face of the room `dealers`: a dealer's own sheets and forms, products, rates, territories."""

from channel.access.rules import Right
from channel.dealers.pages import acts, belongings, dealer, masters, new, observed, responsible
from channel.errors import m
from channel.web import NavItem

ROUTES = (
    *new.ROUTES,
    *dealer.ROUTES,
    *acts.ROUTES,
    *belongings.ROUTES,
    *observed.ROUTES,
    *masters.ROUTES,
    *responsible.ROUTES,
)
NAV = (
    NavItem(m("Dealers"), "/dealers", 200, Right.SEE_DEALERS),
    NavItem(m("Territories"), "/territories", 710, Right.SEE_DEALERS, "setup"),
    NavItem(m("Products"), "/products", 720, Right.SEE_DEALERS, "setup"),
    NavItem(m("Exchange rates"), "/rates", 730, Right.SEE_DEALERS, "setup"),
)
"""The room's entries in the list beside every page."""
