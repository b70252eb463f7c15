"""All SQL of the room `sales`: plain values in and out."""
