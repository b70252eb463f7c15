"""JSON face of the room `credit`."""

from channel.credit.api import assessments, facts, limits
from channel.credit.rules import POLICY
from channel.versions import api as versions

ROUTES = (*versions.routes_of(POLICY), *assessments.ROUTES, *limits.ROUTES, *facts.ROUTES)
