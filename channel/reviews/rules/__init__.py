"""What a plan of reviews says, on which days it opens them, and what is found in what was seen."""
