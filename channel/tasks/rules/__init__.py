"""What is decided about tasks, and about working days; pure."""
