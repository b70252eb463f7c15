"""JSON face of the room `credit`."""

from channel.credit.api import books, computing, limits, policies

ROUTES = (*policies.ROUTES, *computing.ROUTES, *limits.ROUTES, *books.ROUTES)
