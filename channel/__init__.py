"""Distributor and channel management: dealers by type, sales reports, credit limits with their reasons."""
