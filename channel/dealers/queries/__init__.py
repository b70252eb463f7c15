"""All SQL of the room `dealers`: plain values in and out."""
