"""Acts and views of the room `receivables`."""
