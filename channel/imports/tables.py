"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import JSONB, Array, BigInt, BigSerial, Boolean, Bytea, Integer, Text, Timestamptz


class Upload(Table):
    """A file that was brought."""

    id = BigSerial(primary_key=True)
    file_name = Text()
    size = BigInt()
    sha256 = Text()
    uploaded_by = Text()
    uploaded_at = Timestamptz()
    forgotten_at = Timestamptz.or_none()
    person_id = BigInt.or_none()
    token_id = BigInt.or_none()


class UploadPiece(Table):
    """A piece of its bytes."""

    KEY = ("upload_id", "number")
    upload_id = BigInt(primary_key=True)
    number = Integer()
    bytes = Bytea()


class ImportProfile(Table):
    """A mapping that is kept under a name."""

    KEY = ("kind", "name")
    kind = Text(primary_key=True)
    name = Text()
    document = JSONB()
    kept_by = Text()
    kept_at = Timestamptz()
    person_id = BigInt.or_none()
    token_id = BigInt.or_none()


class ImportLoad(Table):
    """A file that is to be loaded, or was."""

    id = BigSerial(primary_key=True)
    kind = Text()
    upload_id = BigInt()
    options = JSONB()
    digest = Text()
    asked_by = Text()
    person = JSONB(null=True)
    asked_at = Timestamptz()
    dry_run = Boolean()
    partial = Boolean()
    state = Text()
    phase = Text()
    done = BigInt()
    total = BigInt.or_none()
    counts = JSONB()
    preview = JSONB(null=True)
    problem = JSONB(null=True)
    same_as = BigInt.or_none()
    attempts = Integer()
    finished_at = Timestamptz.or_none()
    posting_id = BigInt.or_none()
    completes = BigInt.or_none()
    person_id = BigInt.or_none()
    token_id = BigInt.or_none()
    by_token_id = BigInt.or_none()
    by_session_id = BigInt.or_none()
    territory_ids = Array.or_none(base_column=BigInt())
    dealer_ids = Array(base_column=BigInt(), default=list)
    request_id = BigInt.or_none()


class ImportReject(Table):
    """A line of it that could not be loaded."""

    KEY = ("load_id", "line_no")
    load_id = BigInt(primary_key=True)
    line_no = BigInt()
    cells = Array(base_column=Text())
    reasons = JSONB()
    completed_by = BigInt.or_none()
