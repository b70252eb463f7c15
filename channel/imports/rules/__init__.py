"""The pure rules of imports: what each kind of file holds, how columns become fields, and why a line is refused.

What a line names (dealers, products, rates, days) a load checks in sets, by SQL; what its cells say is decided here,
and so is everything that a person is told before and after.
"""
