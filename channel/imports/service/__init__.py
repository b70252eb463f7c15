"""Acts of the room `imports`: take a file in, ask for a load, carry it out, keep a mapping."""
