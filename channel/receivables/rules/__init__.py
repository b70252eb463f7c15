"""The computations of the room `receivables`, a module for each: pure, with their workings."""
