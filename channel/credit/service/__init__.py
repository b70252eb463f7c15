"""Acts of the room `credit`: policies, assessments, proposals, and what is in force."""
