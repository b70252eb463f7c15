"""Acts of the room `dealers`: each loads, decides by the rules and saves in one transaction, with its audit line."""
