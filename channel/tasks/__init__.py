"""Who owes what by when, about which dealer or none, in working days of the company; and the messages that leave."""
