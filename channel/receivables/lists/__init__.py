"""The lists of the room, by what they show."""
