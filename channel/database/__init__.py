"""The database: its server, its schema, the held connection, transactions, scope and the moments known."""
