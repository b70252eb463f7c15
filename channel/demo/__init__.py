"""The demonstration channel: a made-up company with two years of history, put in through the same doors as real data.

`company` is what never changes, `story` draws the rest from a fixed seed, `filling` carries it into an empty database
at past moments. Each room tells its own part, in the file of its name; `fill` has the list of them.
"""
