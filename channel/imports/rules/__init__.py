"""The pure rules of imports: what each kind of file holds, how columns become fields, and why a line is refused.

The load itself checks in sets, by SQL over text; these rules are what that SQL must agree with, and they say
everything that a person is told before and after.
"""
