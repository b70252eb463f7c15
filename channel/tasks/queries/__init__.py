"""All SQL of the room `tasks`."""
