"""JSON face of the room `access`."""

from channel.access.api import me, people, staff, tokens, trail

ROUTES = (*me.ROUTES, *people.ROUTES, *staff.ROUTES, *tokens.ROUTES, *trail.ROUTES)
