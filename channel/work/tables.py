"""The table of the room as Piccolo sees it: a mirror of the migration, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import BigSerial, Date, Integer, Text, Timestamptz


class Work(Table):
    """Something that is to be done, and who does it until when."""

    id = BigSerial(primary_key=True)
    kind = Text()
    key = Text()
    period = Date.or_none()
    lane = Text.or_none()
    due_at = Timestamptz()
    asked = Integer()
    attempts = Integer()
    worker = Integer.or_none()
    lease_until = Timestamptz.or_none()
    fault = Text.or_none()
    failed_at = Timestamptz.or_none()
