"""JSON face of the room `reviews`."""

from channel.reviews.api import plans, reviews
from channel.reviews.service.plans import PAPER
from channel.versions import api as versions

ROUTES = (*reviews.ROUTES, *plans.ROUTES, *versions.routes_of(PAPER))
