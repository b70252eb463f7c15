"""Acts of the room `tasks`."""
