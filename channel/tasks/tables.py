"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import JSONB, BigInt, BigSerial, Boolean, Date, Integer, Text, Timestamptz


class _TaskColumns:
    """What both kinds of tasks hold."""

    kind = Text()
    about = Text()
    told = JSONB()
    what = Text.or_none()
    due_on = Date()
    member_id = BigInt.or_none()
    author_id = BigInt.or_none()
    escalated_to = BigInt.or_none()
    state = Text()
    posting_id = BigInt()
    ended_by = BigInt.or_none()


class TaskDealer(_TaskColumns, Table):
    """What somebody has to do about a dealer, who comes first in the key."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigInt(primary_key=True)


class TaskGeneral(_TaskColumns, Table):
    """What somebody has to do about no dealer."""

    id = BigInt(primary_key=True)


class _StepColumns:
    """What both kinds of steps hold."""

    step = Text()
    due_on = Date.or_none()
    from_member_id = BigInt.or_none()
    to_member_id = BigInt.or_none()
    reason = Text.or_none()
    posting_id = BigInt()


class TaskStepDealer(_StepColumns, Table):
    """What became of a task about a dealer."""

    KEY = ("dealer_id", "task_id", "id")
    dealer_id = BigInt(primary_key=True)
    task_id = BigInt()
    id = BigSerial()


class TaskStepGeneral(_StepColumns, Table):
    """What became of a task about no dealer."""

    KEY = ("task_id", "id")
    task_id = BigInt(primary_key=True)
    id = BigSerial()


class CompanyDay(Table):
    """A day on which the company works though its week says otherwise, or does not."""

    id = BigSerial(primary_key=True)
    day = Date()
    works = Boolean()
    words = Text()
    closed_at = Timestamptz.or_none()


class Mail(Table):
    """Mail that leaves, or does not."""

    id = BigSerial(primary_key=True)
    person_id = BigInt()
    kind = Text()
    day = Date.or_none()
    address = Text.or_none()
    message_id = Text()
    made_at = Timestamptz()
    state = Text()
    why = Text.or_none()
    fault = Text.or_none()
    ended_at = Timestamptz.or_none()
    told = Integer.or_none()
    left_out = Integer.or_none()


class _MessageColumns:
    """What both kinds of messages hold."""

    kind = Text()
    about = Text()
    told = JSONB()
    person_id = BigInt()
    posting_id = BigInt()
    mail_id = BigInt.or_none()


class MessageDealer(_MessageColumns, Table):
    """What somebody is told about a dealer, who comes first in the key."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigInt(primary_key=True)


class MessageGeneral(_MessageColumns, Table):
    """What somebody is told about no dealer."""

    id = BigInt(primary_key=True)
