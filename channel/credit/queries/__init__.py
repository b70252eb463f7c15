"""All SQL of the room `credit`: plain values in and out."""
