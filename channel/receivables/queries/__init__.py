"""All SQL of the room `receivables`."""
