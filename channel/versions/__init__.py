"""Versioned documents: fields said once, drafted, compared, decided by another person, in force from a day."""
