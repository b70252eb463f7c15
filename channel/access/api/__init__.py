"""JSON face of the room `access`."""

from channel.access.api import me, people, tokens, trail

ROUTES = (*me.ROUTES, *people.ROUTES, *tokens.ROUTES, *trail.ROUTES)
