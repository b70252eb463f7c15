"""What the room `reviews` brings to the house."""

from channel.brings import Brings
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import PLANNING
from channel.reviews.trail_words import TRAIL

BRINGS = Brings(words=TRAIL, work=(PLANNING, OPENING))
