"""The pages that join rooms: each role's desk, the list of dealers with figures, the dealer page, the search.

It owns no table: every figure is asked of the room that keeps it.
"""
