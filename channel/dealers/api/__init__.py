"""JSON face of the room `dealers`."""

from channel.dealers.api import dealers, exclusivity, masters, parts

ROUTES = (*dealers.ROUTES, *parts.ROUTES, *exclusivity.ROUTES, *masters.ROUTES)
