"""The demonstration channel: a made-up company with two years of history, put in through the same doors as real data.

`company` is what never changes, `story` draws the rest from a fixed seed, `fill` carries it into an empty database.
"""
