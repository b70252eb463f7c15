"""The terminal's side of every command: how it reaches the service, what it asks, and how answers are told."""
