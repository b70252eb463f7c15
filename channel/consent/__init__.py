"""The room `consent`: what waits for a second person's word, for all rooms.

A room asks for something to be let happen: a limit, a version of the policy. Whoever may decide gives a word on it with
a reason, and with the last approval needed the room carries it out, in the same transaction and under its own lock.
"""
