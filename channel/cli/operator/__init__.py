"""Commands of the operator, who works on this machine's data folder and not through the API."""
