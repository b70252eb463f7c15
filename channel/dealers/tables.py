"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    DateRange,
    Integer,
    Numeric,
    Text,
    generated,
)


class ProductLine(Table):
    """A product line and the dealer type it wants."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    wanted_type = Text.or_none()


class Product(Table):
    """A product of one line."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    line_id = BigInt()
    unit = Text.or_none()


class ExchangeRate(Table):
    """Company currency per unit of another on a day."""

    KEY = ("currency", "on_date", "posting_id")
    currency = Text(primary_key=True)
    on_date = Date()
    posting_id = BigInt()
    rate = Numeric(digits=(24, 12))


class Dealer(Table):
    """A dealer; the columns from `type` to `terms_days`, and `responsible_id`, are the cache of its facts."""

    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    selling_way = Text.or_none()
    assortment = Text.or_none()
    margin_level = Text.or_none()
    price_level = Text.or_none()
    price_transparency = Text.or_none()
    brands_carried = Integer.or_none()
    exclusivity_wanted = Boolean.or_none()
    type = Text()
    territory_id = BigInt()
    parent_id = BigInt.or_none()
    grade = Text.or_none()
    status = Text()
    currency = Text()
    terms_days = Integer()
    search = generated(Text())
    grade_rank = generated(Integer())
    responsible_id = BigInt.or_none()


class DealerFact(Table):
    """A dated fact of a dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    fact = Text()
    value = Text.or_none()
    territory_id = BigInt.or_none()
    parent_id = BigInt.or_none()
    effective_on = Date()
    reason = Text.or_none()
    posting_id = BigInt()
    responsible_id = BigInt.or_none()


class DealerLine(Table):
    """A product line that a dealer carries."""

    KEY = ("dealer_id", "line_id")
    dealer_id = BigInt(primary_key=True)
    line_id = BigInt()


class Contact(Table):
    """Somebody at a dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    name = Text()
    role = Text.or_none()
    phone = Text.or_none()
    email = Text.or_none()


class SecondTier(Table):
    """A customer of a dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    code = Text()
    name = Text()
    kind = Text()


class Exclusivity(Table):
    """A grant of a line in a territory to one dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    line_id = BigInt()
    territory_id = BigInt()
    from_on = Date()
    to_on = Date.or_none()
    reason = Text()
    posting_id = BigInt()
    closed_by = BigInt.or_none()


class ExclusivityNode(Table):
    """A node that a grant covers, so that no two overlap."""

    KEY = ("dealer_id", "exclusivity_id", "territory_id")
    dealer_id = BigInt(primary_key=True)
    exclusivity_id = BigInt()
    line_id = BigInt()
    territory_id = BigInt()
    during = DateRange()


class DealerEnded(Table):
    """That a dealer's cooperation ends, as somebody recorded."""

    KEY = ("dealer_id", "posting_id")
    dealer_id = BigInt(primary_key=True)
    posting_id = BigInt()
    ends_on = Date()
    reason = Text.or_none()
    person_id = BigInt.or_none()
    role = Text()
    token_id = BigInt.or_none()
    session_id = BigInt.or_none()


class ObservedDefinition(Table):
    """What there is to find out about dealers."""

    id = BigSerial(primary_key=True)
    code = Text()
    block = Text()
    kind = Text()
    name_en = Text()
    name_zh = Text()
    unit_en = Text.or_none()
    unit_zh = Text.or_none()
    choices = JSONB(null=True)
    stale_days = Integer.or_none()
    needed_by = Array(base_column=Text())


class ObservedFact(Table):
    """What somebody found out about a dealer on a day; without a value nothing is known from then on."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    definition_id = BigInt()
    number = Numeric.or_none(digits=(24, 6))
    words = Text.or_none()
    observed_on = Date()
    source = Text()
    posting_id = BigInt()
