"""What the room `tasks` brings to the house."""

from channel.brings import Brings

BRINGS = Brings()
