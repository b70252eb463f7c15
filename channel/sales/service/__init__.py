"""Acts of the room `sales`: loading reports, and proving that the rollups are the sums of the lines."""
