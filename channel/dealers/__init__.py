"""Dealers with their dated facts, contacts, products and lines, currencies, rates and exclusivity."""
