"""All SQL of the room `imports`."""
