"""JSON face of the room `credit`."""

from channel.credit.api import assessments, facts, limits, policies

ROUTES = (*policies.ROUTES, *assessments.ROUTES, *limits.ROUTES, *facts.ROUTES)
