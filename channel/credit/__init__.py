"""Credit policies, statements, limits with their reasons, proposals and approvals."""
