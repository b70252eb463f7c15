"""What the pages that join rooms show, collected from them."""
