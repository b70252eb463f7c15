"""Acts and work of reviews."""
