"""The tables of the room as Piccolo sees them: a mirror of the migration, compared with the catalogue by a test."""

from piccolo.columns import JSONB, Array, BigInt, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table


class RequestGeneral(Table, tablename="request_general"):
    """What is asked for and belongs to no dealer."""

    id = BigInt(primary_key=True, default=None, null=False)
    kind = Text(default=None, null=False)
    about = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    size = Numeric(digits=(24, 4), default=None, null=True)
    author_ids = Array(base_column=BigInt(), default=None, null=False)
    replaces = BigInt(default=None, null=True)
    needed = Integer(default=None, null=False)
    counted = JSONB(default=None, null=False)
    state = Text(default=None, null=False)
    proposer_id = BigInt(default=None, null=True)
    proposer = Text(default=None, null=False)
    proposed_at = Timestamptz(default=None, null=False)
    posting_id = BigInt(default=None, null=False)
    closed_by = BigInt(default=None, null=True)


class RequestDealer(Table, tablename="request_dealer"):
    """The same of a dealer, who comes first in the key."""

    dealer_id = BigInt(default=None, null=False)
    id = BigInt(primary_key=True, default=None, null=False)
    kind = Text(default=None, null=False)
    about = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    size = Numeric(digits=(24, 4), default=None, null=True)
    author_ids = Array(base_column=BigInt(), default=None, null=False)
    replaces = BigInt(default=None, null=True)
    needed = Integer(default=None, null=False)
    counted = JSONB(default=None, null=False)
    state = Text(default=None, null=False)
    proposer_id = BigInt(default=None, null=True)
    proposer = Text(default=None, null=False)
    proposed_at = Timestamptz(default=None, null=False)
    posting_id = BigInt(default=None, null=False)
    closed_by = BigInt(default=None, null=True)


class VoteGeneral(Table, tablename="vote_general"):
    """A word on a request of no dealer."""

    request_id = BigInt(primary_key=True, default=None, null=False)
    person_id = BigInt(default=None, null=False)
    person = Text(default=None, null=False)
    vote = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    posting_id = BigInt(default=None, null=False)


class VoteDealer(Table, tablename="vote_dealer"):
    """A word on a request of a dealer."""

    dealer_id = BigInt(primary_key=True, default=None, null=False)
    request_id = BigInt(default=None, null=False)
    person_id = BigInt(default=None, null=False)
    person = Text(default=None, null=False)
    vote = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    posting_id = BigInt(default=None, null=False)
