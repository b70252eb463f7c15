"""The tables of the room as Piccolo sees them: a mirror of the migration, compared with the catalogue by a test."""

from piccolo.columns import JSONB, BigInt, Boolean, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table


class Territory(Table, tablename="territory"):
    """A node of the tree of territories."""

    id = BigInt(primary_key=True, default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    level = Text(default=None, null=False)
    parent_id = BigInt(default=None, null=True)


class TerritoryTree(Table, tablename="territory_tree"):
    """Every node with itself and with each node above it."""

    ancestor_id = BigInt(primary_key=True, default=None, null=False)
    territory_id = BigInt(default=None, null=False)
    depth = Integer(default=None, null=False)


class TerritoryPlace(Table, tablename="territory_place"):
    """Under which node a territory was put by a posting."""

    territory_id = BigInt(primary_key=True, default=None, null=False)
    id = BigInt(default=None, null=False)
    parent_id = BigInt(default=None, null=True)
    posting_id = BigInt(default=None, null=False)


class PersonRow(Table, tablename="person"):
    """Somebody who works with the service."""

    id = BigInt(primary_key=True, default=None, null=False)
    login = Text(default=None, null=False)
    name = Text(default=None, null=False)
    role = Text(default=None, null=False)
    password_hash = Text(default=None, null=True, secret=True)
    locale = Text(default=None, null=True)
    active = Boolean(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)


class PersonTerritory(Table, tablename="person_territory"):
    """A node to which somebody is bound."""

    person_id = BigInt(primary_key=True, default=None, null=False)
    territory_id = BigInt(default=None, null=False)


class Session(Table, tablename="session"):
    """A browser in which somebody is or was signed in."""

    token_hash = Bytea(primary_key=True, default=None, null=False, secret=True)
    id = BigInt(default=None, null=False)
    person_id = BigInt(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    address = Text(default=None, null=False)
    agent = Text(default=None, null=False)


class ApiToken(Table, tablename="api_token"):
    """A token of a person or a machine."""

    id = BigInt(primary_key=True, default=None, null=False)
    token_hash = Bytea(default=None, null=False, secret=True)
    hint = Text(default=None, null=False)
    name = Text(default=None, null=False)
    person_id = BigInt(default=None, null=True)
    role = Text(default=None, null=False)
    narrowed = Boolean(default=None, null=False)
    created_by = BigInt(default=None, null=True)
    made_by_token_id = BigInt(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=True)
    last_used_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)


class ApiTokenTerritory(Table, tablename="api_token_territory"):
    """A node to which a token is narrowed."""

    token_id = BigInt(primary_key=True, default=None, null=False)
    territory_id = BigInt(default=None, null=False)


class SignInFailure(Table, tablename="sign_in_failure"):
    """A try to sign in that has not succeeded."""

    id = BigInt(primary_key=True, default=None, null=False)
    login = Text(default=None, null=False)
    address = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)


class SignInPlace(Table, tablename="sign_in_place"):
    """A network address from which somebody came in lately."""

    person_id = BigInt(primary_key=True, default=None, null=False)
    place = Text(default=None, null=False)
    last_at = Timestamptz(default=None, null=False)


class Setting(Table, tablename="setting"):
    """A setting of the company."""

    name = Text(primary_key=True, default=None, null=False)
    value = JSONB(default=None, null=False)


class Posting(Table, tablename="posting"):
    """The act that wrote facts, and when it was recorded."""

    id = BigInt(primary_key=True, default=None, null=False)
    act = Text(default=None, null=False)
    actor = Text(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=True)


class AuditGeneral(Table, tablename="audit_general"):
    """A line of the trail that concerns no dealer."""

    id = BigInt(primary_key=True, default=None, null=False)
    at = Timestamptz(default=None, null=False)
    actor = Text(default=None, null=False)
    actor_role = Text(default=None, null=False)
    via = Text(default=None, null=False)
    act = Text(default=None, null=False)
    subject = Text(default=None, null=False)
    before = JSONB(default=None, null=True)
    after = JSONB(default=None, null=True)
    reason = Text(default=None, null=True)
    posting_id = BigInt(default=None, null=True)


class AuditDealer(Table, tablename="audit_dealer"):
    """A line of the trail that concerns a dealer."""

    dealer_id = BigInt(primary_key=True, default=None, null=False)
    id = BigInt(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    actor = Text(default=None, null=False)
    actor_role = Text(default=None, null=False)
    via = Text(default=None, null=False)
    act = Text(default=None, null=False)
    subject = Text(default=None, null=False)
    before = JSONB(default=None, null=True)
    after = JSONB(default=None, null=True)
    reason = Text(default=None, null=True)
    posting_id = BigInt(default=None, null=True)
