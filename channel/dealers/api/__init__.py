"""JSON face of the room `dealers`."""

from channel.dealers.api import belongings, dealers, exclusivity, masters, observed, responsible

ROUTES = (
    *dealers.ROUTES,
    *belongings.ROUTES,
    *exclusivity.ROUTES,
    *masters.ROUTES,
    *responsible.ROUTES,
    *observed.ROUTES,
)
