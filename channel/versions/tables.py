"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import JSONB, Array, BigInt, BigSerial, Date, Integer, Text, Timestamptz, generated


class DocumentVersion(Table):
    """A version of a document: a draft until it has a request, which says where it stands, or is withdrawn.

    `credit_policy` is the number of one of the policy, to which what is computed refers.
    """

    KEY = ("paper", "of", "version")
    paper = Text()
    of = Text()
    version = Integer(primary_key=True)
    effective_from = Date()
    document = JSONB()
    note = Text()
    author_ids = Array(base_column=BigInt())
    author = Text()
    created_at = Timestamptz()
    request_id = BigInt.or_none()
    withdrawn_by = BigInt.or_none()
    credit_policy = generated(Integer(null=True))


class DocumentAct(Table):
    """What its authors did with a version, by whom and why."""

    KEY = ("paper", "of", "version", "id")
    paper = Text()
    of = Text()
    version = Integer()
    id = BigSerial(primary_key=True)
    act = Text()
    person = Text()
    reason = Text.or_none()
    at = Timestamptz()
    posting_id = BigInt()
