"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import JSONB, Array, BigInt, BigSerial, Date, Integer, Numeric, Text, Timestamptz


class _RequestColumns:
    """What both kinds of requests hold."""

    kind = Text()
    about = Text()
    reason = Text()
    size = Numeric.or_none(digits=(24, 4))
    author_ids = Array(base_column=BigInt())
    replaces = BigInt.or_none()
    needed = Integer()
    counted = JSONB()
    state = Text()
    proposer_id = BigInt.or_none()
    proposer = Text()
    proposed_at = Timestamptz()
    posting_id = BigInt()
    closed_by = BigInt.or_none()
    lapses_on = Date.or_none()


class RequestGeneral(_RequestColumns, Table):
    """What is asked for and belongs to no dealer."""

    id = BigSerial(primary_key=True)


class RequestDealer(_RequestColumns, Table):
    """What is asked for of a dealer, who comes first in the key."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)


class _VoteColumns:
    """What both kinds of words hold."""

    person_id = BigInt()
    person = Text()
    vote = Text()
    reason = Text()
    at = Timestamptz()
    posting_id = BigInt()


class VoteGeneral(_VoteColumns, Table):
    """A word on a request of no dealer."""

    KEY = ("request_id", "person_id")
    request_id = BigInt(primary_key=True)


class VoteDealer(_VoteColumns, Table):
    """A word on a request of a dealer."""

    KEY = ("dealer_id", "request_id", "person_id")
    dealer_id = BigInt(primary_key=True)
    request_id = BigInt()
