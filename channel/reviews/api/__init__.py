"""JSON face of the room `reviews`."""

from channel.reviews.api import deciding, plans, reviews
from channel.reviews.service.plans import PAPER
from channel.versions import api as versions

ROUTES = (*reviews.ROUTES, *deciding.ROUTES, *plans.ROUTES, *versions.routes_of(PAPER))
