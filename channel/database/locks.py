"""The numbers of all advisory locks in one place, so that none ever has two meanings.

A lock is taken by its number alone, or by its number and a second one for each thing that is locked (a kind of file, a
worker, a login): PostgreSQL keeps the two families apart, and so no second number can meet a lock without one. The
numbers of the migrations, the postings and the workers stay as they are: a version that is still running beside this
one takes them too.
"""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """What an advisory lock keeps apart."""

    MIGRATIONS = 726_001
    """One replica at a time brings the schema up."""

    POSTINGS = 726_002
    """Whoever posts holds it shared from the stamp to the end of the commit; whoever fixes what is known, alone."""

    TREE = 726_003
    """Whoever changes the tree of territories holds it alone, whoever grants exclusivity on it shared."""

    WORKERS = 726_004
    """With a worker's number: held shared while that worker lives."""

    LOADS = 726_005
    """With a kind of file: one load of it writes at a time."""

    KEPT_YEARS = 726_006
    """Whoever moves the kept years on holds it alone, whoever brings dealers' years up to a load shared."""

    DOCUMENT_NUMBERS = 726_007
    """One person at a time takes the next number of a versioned document, or approves one."""

    DEALER_PARENTS = 726_009
    """Whoever puts dealers under others: two at once could each put the one under the other."""

    NEW_CODES = 726_010
    """Who adds dealers, products or product lines: two at once could add one code, or two that look alike."""

    UPLOADS = 726_011
    """With a person or a token: its files come in one after the other, and together stay within their bound."""

    KEYED_REQUESTS = 726_012
    """With a request's Idempotency-Key and whose it is: held by the connection of whoever carries the request out."""

    MONTHS = 726_013
    """Whoever closes or opens a month of the ledger holds it alone, whoever posts anything into the ledger shared."""

    SIGN_IN_TRIES = 726_008
    """With a login or an address: the tries under it wait for each other."""

    STAFF = 726_014
    """Whoever changes the register of staff: two at once could each put the one under the other."""
