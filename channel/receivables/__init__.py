"""What dealers owe: documents, what pays what, ageing and figures, on two clocks."""
