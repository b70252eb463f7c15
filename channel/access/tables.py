"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    Integer,
    Text,
    Timestamptz,
)


class Territory(Table):
    """A node of the tree of territories."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    level = Text()
    parent_id = BigInt.or_none()


class TerritoryTree(Table):
    """Every node with itself and with each node above it."""

    KEY = ("ancestor_id", "territory_id")
    ancestor_id = BigInt(primary_key=True)
    territory_id = BigInt()
    depth = Integer()


class Person(Table):
    """Somebody who works with the service."""

    id = BigSerial(primary_key=True)
    login = Text()
    name = Text()
    role = Text()
    password_hash = Text.or_none(secret=True)
    locale = Text.or_none()
    active = Boolean()
    created_at = Timestamptz()
    email = Text.or_none()
    messages = Text(default="daily")


class PersonTerritory(Table):
    """A node to which somebody is bound."""

    KEY = ("person_id", "territory_id")
    person_id = BigInt(primary_key=True)
    territory_id = BigInt()


class Session(Table):
    """A browser in which somebody is or was signed in."""

    token_hash = Bytea(primary_key=True, secret=True)
    id = BigSerial()
    person_id = BigInt()
    created_at = Timestamptz()
    expires_at = Timestamptz()
    revoked_at = Timestamptz.or_none()
    address = Text()
    agent = Text()


class ApiToken(Table):
    """A token of a person or a machine."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(secret=True)
    hint = Text()
    name = Text()
    person_id = BigInt.or_none()
    role = Text()
    narrowed = Boolean(default=False)
    created_by = BigInt.or_none()
    created_at = Timestamptz()
    expires_at = Timestamptz.or_none()
    last_used_at = Timestamptz.or_none()
    revoked_at = Timestamptz.or_none()
    made_by_token_id = BigInt.or_none()


class ApiTokenTerritory(Table):
    """A node to which a token is narrowed."""

    KEY = ("token_id", "territory_id")
    token_id = BigInt(primary_key=True)
    territory_id = BigInt()


class SignInFailure(Table):
    """A try to sign in that has not succeeded."""

    id = BigSerial(primary_key=True)
    login = Text()
    address = Text()
    at = Timestamptz()


class Setting(Table):
    """A setting of the company."""

    name = Text(primary_key=True)
    value = JSONB()


class Posting(Table):
    """The act that wrote facts, and when it was recorded."""

    id = BigSerial(primary_key=True)
    act = Text()
    actor = Text()
    recorded_at = Timestamptz.or_none()


class _TrailColumns:
    """What both trails hold."""

    at = Timestamptz()
    actor = Text()
    actor_role = Text()
    via = Text()
    act = Text()
    subject = Text()
    before = JSONB(null=True)
    after = JSONB(null=True)
    reason = Text.or_none()
    posting_id = BigInt.or_none()


class AuditGeneral(_TrailColumns, Table):
    """A line of the trail that concerns no dealer."""

    id = BigSerial(primary_key=True)


class AuditDealer(_TrailColumns, Table):
    """A line of the trail that concerns a dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)


class TerritoryPlace(Table):
    """Under which node a territory was put by a posting."""

    KEY = ("territory_id", "id")
    territory_id = BigInt()
    id = BigSerial(primary_key=True)
    parent_id = BigInt.or_none()
    posting_id = BigInt()


class SignInPlace(Table):
    """A network address from which somebody came in lately."""

    KEY = ("person_id", "place")
    person_id = BigInt(primary_key=True)
    place = Text()
    last_at = Timestamptz()


class KeyedRequest(Table):
    """A request that was carried out under a key of its sender's, and its answer."""

    KEY = ("owner", "key")
    owner = Text(primary_key=True)
    key = Text()
    at = Timestamptz()
    digest = Bytea()
    state = Text()
    acts = JSONB()
    territory_ids = Array.or_none(base_column=BigInt())
    dealer_ids = Array(base_column=BigInt())
    status = Integer.or_none()
    headers = JSONB(null=True)
    body = Bytea.or_none()


class StaffMember(Table):
    """Somebody who works for the company, whether signing in or not."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    manager_id = BigInt.or_none()
    territory_id = BigInt.or_none()
    person_id = BigInt.or_none()
    first_on = Date()
    last_on = Date.or_none()


class Duty(Table):
    """What members of staff can be charged with, and the rights that it adds."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    rights = Array(base_column=Text())


class StaffDuty(Table):
    """A duty that a member has on days."""

    id = BigSerial(primary_key=True)
    member_id = BigInt()
    duty_id = BigInt()
    from_on = Date()
    to_on = Date.or_none()


class StaffAway(Table):
    """Days on which a member is away and another one does the work."""

    id = BigSerial(primary_key=True)
    member_id = BigInt()
    deputy_id = BigInt()
    from_on = Date()
    to_on = Date()
    closed_at = Timestamptz.or_none()
