"""Sell-in, sell-through and stock: lines, coverage, monthly rollups, and who owes which report."""
